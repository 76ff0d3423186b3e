// Node's own HTTP/2 client against our side of the protocol.
import { constants } from 'node:http2';
import { ask, big, startTestServer, type TestServer } from './testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('says what it allows', async () => {
  const client = await server.session();
  expect(client.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 1_048_896 });
  client.destroy();
});

test('reads headers of every printable character, repeated ones, and tables that overflow', async () => {
  const client = await server.session();
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  for (let round = 0; round < 40; round++) {
    const filler = String(round).repeat(200);
    const { body } = await ask(client, {
      ':path': `/headers?round=${round}`,
      'x-all': `a${printable}z`,
      'x-filler': filler,
      [`x-name-${round}`]: 'v',
      accept: ['a/b', 'c/d'],
      cookie: ['a=1', 'b=2'],
    });
    expect(JSON.parse(body.toString())).toMatchObject({
      'x-all': `a${printable}z`,
      'x-filler': filler,
      [`x-name-${round}`]: 'v',
      accept: 'a/b, c/d',
      cookie: 'a=1; b=2',
      query: `round=${round}`,
      host: `127.0.0.1:${server.port}`,
    });
  }
  client.destroy();
});

test.each([0, 1, 16_384, 16_385, 1_999_999])('takes and gives a body of %d bytes', async (length) => {
  const client = await server.session();
  const sent = big.subarray(0, length);
  const { headers, body } = await ask(client, { ':path': '/echo', ':method': 'POST' }, sent);
  expect(headers[':status']).toBe(200);
  expect(headers.date).toBe(new Date(Math.floor(server.clock.now() / 1000) * 1000).toUTCString());
  expect(body.equals(sent)).toBe(true);
  client.destroy();
});

test('refuses a body that is too large, announced or not', async () => {
  const client = await server.session();
  const announced = { ':path': '/echo', ':method': 'POST', 'content-length': String(big.length) };
  for (const headers of [announced, { ':path': '/echo', ':method': 'POST' }]) {
    const status = await new Promise((resolve) => {
      const stream = client.request(headers);
      stream.on('error', () => undefined);
      stream.on('response', (got) => resolve(got[':status']));
      stream.end(big);
    });
    expect(status).toBe(413);
  }
  // The connection lives on, its window too.
  expect((await ask(client, { ':path': '/echo', ':method': 'POST' }, big.subarray(0, 1_500_000))).body.length).toBe(1_500_000);
  client.destroy();
});

test.each([1, 1000, 65_535, 1 << 20])('fits large answers into a window of %d bytes', async (initialWindowSize) => {
  const client = await server.session({ initialWindowSize });
  if (initialWindowSize === 1) {
    const { body } = await ask(client, { ':path': '/stream' });
    expect(body.toString()).toBe('one two');
  } else {
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(client, { ':path': '/big' })));
    for (const { body } of answers) expect(body.equals(big)).toBe(true);
  }
  client.destroy();
});

test('pumps a long list into a window that takes it all, without waiting for anything more from the client', async () => {
  const client = await server.session({ initialWindowSize: 2 ** 24 });
  client.setLocalWindowSize(2 ** 24);
  const { body } = await ask(client, { ':path': '/pumped' });
  expect(body.equals(big)).toBe(true);
  client.destroy();
});

test('tells who waits when the client goes', async () => {
  const before = server.closed();
  const client = await server.session();
  const streams = Array.from({ length: 3 }, () => client.request({ ':path': '/never' }).on('error', () => undefined));
  await ask(client, { ':path': '/stream' });
  streams[0]!.close(constants.NGHTTP2_CANCEL);
  await ask(client, { ':path': '/stream' });
  expect(server.closed() - before).toBe(3);
  client.destroy();
  const other = await server.session();
  while (server.closed() - before < 5) await ask(other, { ':path': '/headers' });
  other.destroy();
});

test.each([0, 100, 4096])('answers a client that keeps %d bytes of headers', async (headerTableSize) => {
  const client = await server.session({ headerTableSize });
  for (let round = 0; round < 5; round++) {
    const { headers } = await ask(client, { ':path': '/headers' });
    expect(headers['content-type']).toBe('application/json');
  }
  client.destroy();
});
