// Raw frames, most of them wrong, against our side of the protocol.
import { errorCodes, flags, frameTypes, preface } from './constants.js';
import { Raw } from './testing/raw-client.js';
import { ask, big, startTestServer, type TestServer } from './testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('answers 431 to headers beyond the limit', async () => {
  const client = await server.session();
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, 'v'.repeat(60_000)]));
  // Node's client would refuse to send them.
  const raw = await Raw.open(server.port);
  raw.headers(1, [[':method', 'GET'], [':path', '/headers'], [':scheme', 'https'], ...Object.entries(fields)], true);
  expect(await raw.frame(frameTypes.headers)).toBeDefined();
  raw.end();
  expect((await ask(client, { ':path': '/stream' })).headers[':status']).toBe(200);
  client.destroy();
});

const get: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':path', '/never'],
  [':scheme', 'https'],
];
const post: readonly (readonly [string, string])[] = [
  [':method', 'POST'],
  [':path', '/echo'],
  [':scheme', 'https'],
];

test.each<[string, number, (raw: Raw) => void]>([
  ['a frame that is too large', errorCodes.frameSize, (raw) => raw.send(frameTypes.data, 0, 1, Buffer.alloc(16_385))],
  ['data on no stream', errorCodes.protocol, (raw) => raw.send(frameTypes.data, 0, 0, 'x')],
  ['data before its stream', errorCodes.protocol, (raw) => raw.send(frameTypes.data, 0, 1, 'x')],
  ['a stream of the server', errorCodes.protocol, (raw) => raw.headers(2, get, true)],
  ['a pushed promise', errorCodes.protocol, (raw) => raw.send(frameTypes.pushPromise, 0, 1, 'xxxx')],
  ['garbage as headers', errorCodes.compression, (raw) => raw.send(frameTypes.headers, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))],
  [
    'bad Huffman codes',
    errorCodes.compression,
    (raw) => raw.send(frameTypes.headers, 5, 1, Buffer.from([0, 0x84, 0xff, 0xff, 0xff, 0xff, 0])),
  ],
  ['a field that is not in the table', errorCodes.compression, (raw) => raw.send(frameTypes.headers, 5, 1, Buffer.from([0xbf]))],
  [
    'a header table of the wrong size',
    errorCodes.compression,
    (raw) => raw.send(frameTypes.headers, 5, 1, Buffer.from([0x3f, 0xff, 0xff, 0x03])),
  ],
  ['settings of another length', errorCodes.frameSize, (raw) => raw.send(frameTypes.settings, 0, 0, 'xxxxx')],
  [
    'a window that overflows',
    errorCodes.flowControl,
    (raw) => raw.send(frameTypes.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])),
  ],
  ['a window that grows by nothing', errorCodes.protocol, (raw) => raw.send(frameTypes.windowUpdate, 0, 0, Buffer.alloc(4))],
  [
    'something between parts of headers',
    errorCodes.protocol,
    (raw) => {
      raw.send(frameTypes.headers, 0, 1, Buffer.from([0x82]));
      raw.send(frameTypes.ping, 0, 0, 'xxxxxxxx');
    },
  ],
  [
    'headers without an end',
    errorCodes.enhanceYourCalm,
    (raw) => {
      raw.send(frameTypes.headers, 0, 1, Buffer.from([0x82]));
      for (let i = 0; i < 300; i++) raw.send(frameTypes.continuation, 0, 1, '');
    },
  ],
  [
    'streams that are opened and ended by the thousand',
    errorCodes.enhanceYourCalm,
    (raw) => {
      for (let i = 0; i < 1500; i++) {
        raw.headers(1 + i * 2, get, true);
        raw.send(frameTypes.resetStream, 0, 1 + i * 2, Buffer.from([0, 0, 0, 8]));
      }
    },
  ],
  [
    'empty data by the thousand',
    errorCodes.enhanceYourCalm,
    (raw) => {
      raw.headers(1, post, false);
      for (let i = 0; i < 1500; i++) raw.send(frameTypes.data, 0, 1, '');
    },
  ],
  [
    'settings by the thousand',
    errorCodes.enhanceYourCalm,
    (raw) => {
      for (let i = 0; i < 1500; i++) raw.send(frameTypes.settings, 0, 0, '');
    },
  ],
  [
    'more data than the windows allow',
    errorCodes.flowControl,
    (raw) => {
      for (let id = 1; id < 20; id += 2) {
        raw.headers(
          id,
          [
            [':method', 'POST'],
            [':path', '/never'],
            [':scheme', 'https'],
          ],
          false,
        );
        for (let i = 0; i < 60; i++) raw.send(frameTypes.data, 0, id, big.subarray(0, 16_384));
      }
    },
  ],
])('says goodbye after %s', async (_what, code, attack) => {
  const raw = await Raw.open(server.port);
  attack(raw);
  expect(await raw.goodbye()).toBe(code);
  raw.end();
});

test.each<[string, (raw: Raw) => void]>([
  [
    'another length than announced',
    (raw) => void (raw.headers(1, [...post, ['content-length', '5']], false), raw.send(frameTypes.data, 1, 1, 'x')),
  ],
  ['capital letters', (raw) => raw.headers(1, [...get, ['X-Y', 'z']], true)],
  ["a header of HTTP/1.1's", (raw) => raw.headers(1, [...get, ['connection', 'close']], true)],
  [
    'no path',
    (raw) =>
      raw.headers(
        1,
        [
          [':method', 'GET'],
          [':scheme', 'https'],
        ],
        true,
      ),
  ],
  ['two methods', (raw) => raw.headers(1, [[':method', 'GET'], ...get], true)],
  ['a pseudo-header after the others', (raw) => raw.headers(1, [['a', 'b'], ...get], true)],
  ['a line break in a value', (raw) => raw.headers(1, [...get, ['a', 'b\r\nc: d']], true)],
  [
    'CONNECT',
    (raw) =>
      raw.headers(
        1,
        [
          [':method', 'CONNECT'],
          [':authority', 'x:1'],
        ],
        true,
      ),
  ],
])('ends a stream with %s, and that alone', async (_what, send) => {
  const raw = await Raw.open(server.port);
  send(raw);
  expect((await raw.frame(frameTypes.resetStream))?.readUInt32BE(0)).toBe(errorCodes.protocol);
  raw.headers(
    3,
    [
      [':method', 'GET'],
      [':path', '/stream'],
      [':scheme', 'https'],
    ],
    true,
  );
  expect((await raw.frame(frameTypes.data))?.toString()).toBe('one two');
  raw.end();
});

test('refuses a stream too many', async () => {
  const raw = await Raw.open(server.port);
  for (let i = 0; i <= 100; i++) raw.headers(1 + i * 2, get, true);
  expect((await raw.frame(frameTypes.resetStream))?.readUInt32BE(0)).toBe(errorCodes.refusedStream);
  raw.end();
});

test('takes frames in pieces of any size', async () => {
  const raw = await Raw.open(server.port, false);
  const all: Buffer[] = [preface];
  const collect = { write: (bytes: Uint8Array) => void all.push(Buffer.from(bytes)) };
  const { send, headers } = Raw.prototype;
  const fake = { socket: collect, send, headers } as unknown as Raw;
  fake.send(frameTypes.settings, 0, 0, '');
  fake.headers(1, post, false);
  fake.send(frameTypes.data, flags.padded, 1, Buffer.from('\x02hello\0\0'));
  fake.send(frameTypes.data, flags.endStream, 1, ' you');
  for (const byte of Buffer.concat(all)) raw.write(Buffer.from([byte]));
  expect((await raw.frame(frameTypes.data))?.toString()).toBe('hello you');
  raw.end();
});

test('hangs up on who never says what they want, and who never ends what they began', async () => {
  const [silent, half, idle] = [await Raw.open(server.port, false), await Raw.open(server.port), await Raw.open(server.port)];
  half.send(frameTypes.headers, 0, 1, Buffer.from([0x82]));
  for (const one of [half, idle]) {
    one.send(frameTypes.ping, 0, 0, 'xxxxxxxx');
    if (one === idle) expect(await one.frame(frameTypes.ping)).toBeDefined();
    else expect(await one.goodbye()).toBe(errorCodes.protocol);
  }
  const slow = await Raw.open(server.port);
  slow.send(frameTypes.ping, 0, 0, 'xxxxxxxx');
  await slow.frame(frameTypes.ping);
  slow.send(frameTypes.headers, 0, 1, Buffer.from([0x82]));
  // Until it has come.
  const other = await server.session();
  await ask(other, { ':path': '/stream' });
  await server.clock.advance(40_000);
  expect(await silent.frame(frameTypes.data)).toBeUndefined();
  expect(await slow.frame(frameTypes.data)).toBeUndefined();
  expect(idle.ended).toBe(false);
  idle.end();
  half.end();
  other.destroy();
});
