// A listener for tests, and what Node's own client gets from it.
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { manualClock, type ManualClock } from '../../../../clock/manual-clock.js';
import { realClock } from '../../../../clock/real-clock.js';
import { realRandom } from '../../../../clock/random.js';
import { loadClusterCertificates } from '../../../certificates/cluster-certificates.js';
import { BodyTooLarge, type Exchange } from '../../exchange.js';
import { listen } from '../../listener.js';
import { Pump } from '../../pump.js';

export const big = Buffer.alloc(3_000_000, 'abcdefghij');

export interface TestServer {
  readonly port: number;
  readonly clock: ManualClock;
  /** How many exchanges have ended. */
  closed(): number;
  session(settings?: { initialWindowSize?: number; headerTableSize?: number }): Promise<ClientHttp2Session>;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const clock = manualClock();
  const certificates = await loadClusterCertificates({ clock: realClock(), random: realRandom(), bindAddress: '127.0.0.1' });
  let closed = 0;
  const listener = await listen(
    {
      bind: '127.0.0.1',
      port: 0,
      certificate: certificates.server.certificate,
      key: certificates.server.key,
      clientCa: certificates.ca.certificate,
      clock,
    },
    (exchange) => {
      exchange.onClose(() => closed++);
      void serve(exchange);
    },
  );
  return {
    port: listener.port,
    clock,
    closed: () => closed,
    session: async (settings = {}) => {
      const client = connectHttp2(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false, settings });
      await new Promise((resolve) => client.once('remoteSettings', resolve));
      return client;
    },
    stop: () => listener.close(),
  };
}

/** What the server of this test answers, by path. */
async function serve(exchange: Exchange): Promise<void> {
  if (exchange.path === '/echo') {
    try {
      const body = await exchange.readBody(2_000_000);
      exchange.respond(200, { 'X-Length': String(body.byteLength) }, [body]);
    } catch (error) {
      exchange.respond(error instanceof BodyTooLarge ? 413 : 500, {}, []);
    }
  } else if (exchange.path === '/headers') {
    exchange.respond(200, { 'Content-Type': 'application/json' }, [
      Buffer.from(JSON.stringify({ ...exchange.headers, query: exchange.query })),
    ]);
  } else if (exchange.path === '/big')
    exchange.respond(200, {}, [big.subarray(0, 10), big.subarray(10, 1_000_000), big.subarray(1_000_000)]);
  else if (exchange.path === '/stream') {
    const stream = exchange.stream(200, {});
    stream.write(Buffer.from('one '));
    stream.write(Buffer.from('two'));
    stream.end();
  } else if (exchange.path === '/pumped') {
    const stream = exchange.stream(200, {});
    const pump = new Pump(stream, () => stream.abort());
    for (let at = 0; at < big.length; at += 4000) pump.push(big.subarray(at, at + 4000));
    pump.end();
  } else if (exchange.path === '/never') return;
  else exchange.respond(404, {}, []);
}

export interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function ask(client: ClientHttp2Session, headers: Record<string, string | string[]>, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request(headers, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let answered: IncomingHttpHeaders = {};
    stream.on('response', (got) => (answered = got));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve({ headers: answered, body: Buffer.concat(chunks) }));
    stream.on('error', reject);
    if (body !== undefined) stream.end(body);
  });
}
