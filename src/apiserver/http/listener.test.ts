import { connect } from 'node:tls';
import { realClock } from '../../clock/real-clock.js';
import { seededRandom } from '../../clock/random.js';
import { loadClusterCertificates } from '../certificates/cluster-certificates.js';
import { listen } from './listener.js';

it('takes a request that comes in pieces while the client has not read an earlier large answer', async () => {
  const clock = realClock();
  const { server, ca } = await loadClusterCertificates({ clock, random: seededRandom(1) });
  const large = new Uint8Array(16 * 1024 * 1024).fill(0x61);
  const options = { bind: '127.0.0.1', port: 0, certificate: server.certificate, key: server.key, clientCa: ca.certificate, clock };
  const listener = await listen(options, (exchange) => {
    if (exchange.method === 'GET') return exchange.respond(200, {}, [large]);
    void exchange.readBody(100_000).then((body) => exchange.respond(200, {}, [Buffer.from(`${body.byteLength} bytes`)]));
  });
  try {
    const answers = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }, () => {
        socket.once('data', () => {
          socket.pause();
          // Records of TLS have 16 KiB at most: the server reads several of them together.
          socket.write(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n${'b'.repeat(40_000)}`, () =>
            setImmediate(() => socket.resume()),
          );
        });
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      });
      const read: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => read.push(chunk));
      socket.once('error', reject);
      socket.once('close', () => resolve(Buffer.concat(read).toString('latin1')));
    });
    expect(answers.slice(-200).split('\r\n\r\n').at(-1)).toBe('40000 bytes');
    expect(answers.match(/HTTP\/1\.1 \d+ \w+/g)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
  } finally {
    await listener.close();
  }
});

it('picks the cipher that the real server picks, in whatever order a client offers them', async () => {
  const clock = realClock();
  const { server, ca } = await loadClusterCertificates({ clock, random: seededRandom(1) });
  const options = { bind: '127.0.0.1', port: 0, certificate: server.certificate, key: server.key, clientCa: ca.certificate, clock };
  const listener = await listen(options, (exchange) => exchange.respond(200, {}, []));
  const picked = (ciphers?: string, maxVersion?: 'TLSv1.2'): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false, ciphers, maxVersion }, () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.once('error', reject);
    });
  try {
    expect(await picked()).toBe('TLS_AES_128_GCM_SHA256');
    expect(await picked('TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256')).toBe('TLS_AES_128_GCM_SHA256');
    expect(await picked('TLS_AES_256_GCM_SHA384')).toBe('TLS_AES_256_GCM_SHA384');
    expect(await picked(undefined, 'TLSv1.2')).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  } finally {
    await listener.close();
  }
});
