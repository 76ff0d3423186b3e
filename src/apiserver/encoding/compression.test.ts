import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { gzipped, wantsGzip } from './compression.js';

const large = [Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')];

function asks(acceptEncoding: string | undefined, remoteAddress: string, localAddress = '192.0.2.1'): boolean {
  const socket = { remoteAddress, localAddress } as TLSSocket;
  return wantsGzip({ header: (name) => (name === 'accept-encoding' ? acceptEncoding : undefined), socket }, large);
}

test('a client on another machine that takes gzip gets large answers so', async () => {
  expect(asks('gzip', '192.0.2.9')).toBe(true);
  expect(asks('br, gzip;q=0.5', '192.0.2.9')).toBe(true);
  expect(gunzipSync(await gzipped(large))).toEqual(Buffer.concat(large));
});

test.each([
  ['does not ask', undefined, '192.0.2.9'],
  ['refuses it', 'gzip;q=0, br', '192.0.2.9'],
  ['is on this machine', 'gzip', '127.0.0.1'],
  ['is on this machine, over IPv6', 'gzip', '::1'],
  ['is on this machine, mapped', 'gzip', '::ffff:127.0.0.1'],
  ['is on this machine, by its own address', 'gzip', '192.0.2.1'],
])('one that %s does not', (_name, accepted, remote) => {
  expect(asks(accepted, remote)).toBe(false);
});

test('small answers go out as they are', () => {
  const socket = { remoteAddress: '192.0.2.9', localAddress: '192.0.2.1' } as TLSSocket;
  expect(wantsGzip({ header: () => 'gzip', socket }, [Buffer.alloc(128 * 1024 - 1)])).toBe(false);
  expect(wantsGzip({ header: () => 'gzip', socket }, [Buffer.alloc(128 * 1024)])).toBe(true);
});
