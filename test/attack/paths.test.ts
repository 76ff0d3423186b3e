// Hostile paths, queries and headers: each gets the real server's answer, and finds nothing that it should not.
import { answerOn, askOn, expectNoTrace, expectRefusal, Victim } from './attacker.js';

const victim = new Victim();
const maps = '/api/v1/namespaces/attack/configmaps';
let before = '';
beforeAll(async () => {
  await victim.start();
  before = await victim.revision();
});
afterAll(() => victim.stop());
afterEach(async () => {
  expect(await victim.revision()).toBe(before);
  expect(victim.bugs).toEqual([]);
});

/** Path, code, part of the answer: taken from the real server. */
const paths: readonly (readonly [string, number, string])[] = [
  [`${maps}/..`, 400, `Name parameter invalid: \\"..\\": may not be '..'`],
  [`${maps}/%2e%2e`, 400, `Name parameter invalid: \\"..\\": may not be '..'`],
  [`${maps}/.`, 400, `may not be '.'`],
  [`${maps}/a%25b`, 400, "may not contain '%'"],
  [`${maps}/../secrets`, 404, 'the server could not find the requested resource'],
  [`${maps}/%2e%2e%2fsecrets`, 404, 'the server could not find the requested resource'],
  [`${maps}/a%2fb`, 404, 'the server could not find the requested resource'],
  [`${maps}/%00`, 404, 'NotFound'],
  [`${maps}/%ff`, 404, 'NotFound'],
  [`${maps}/%`, 400, '400 Bad Request'],
  [`${maps}/%zz`, 400, '400 Bad Request'],
  [`${maps}/${'n'.repeat(10_000)}`, 404, 'NotFound'],
  [`/api/v1/namespaces/${'n'.repeat(10_000)}/configmaps/x`, 404, 'NotFound'],
  [`/api/v1/${'r'.repeat(10_000)}`, 404, 'NotFound'],
  ['/api/v1/namespaces/attack//configmaps', 404, 'the server could not find the requested resource'],
  ['/api/v1/namespaces/..%2f..%2f/configmaps', 404, 'the server could not find the requested resource'],
  ['/api/v1/namespaces/__proto__', 404, 'NotFound'],
  ['/api/v1/__proto__', 404, 'the server could not find the requested resource'],
  ['/api/v1/constructor', 404, 'the server could not find the requested resource'],
  ['/api/v1/namespaces/attack/toString/x', 404, 'the server could not find the requested resource'],
  [`${maps}/x/__proto__`, 404, 'the server could not find the requested resource'],
  [`${maps}/x/constructor`, 404, 'the server could not find the requested resource'],
  ['/api/v1/namespaces/attack/pods/x/status/y', 404, 'the server could not find the requested resource'],
  ['/api/__proto__/pods', 404, ''],
  ['/apis/__proto__/v1/x', 404, '404 page not found'],
  ['/apis/constructor', 404, '404 page not found'],
  ['/healthz/%ff', 404, '404 page not found'],
  ['/healthz/..', 404, ''],
  ['/openapi/v3/apis/__proto__', 404, ''],
  ['/%2e%2e', 404, '404 page not found'],
  ['/nothing', 404, '404 page not found'],
];
test.each(paths.map((one) => [one[0].slice(0, 60), ...one] as const))('%s', async (_title, path, code, part) => {
  const { status, text } = await victim.ask('GET', path);
  expect(status).toBe(code);
  expect(text).toContain(part);
  expectNoTrace(path, text);
});

test('methods that do not exist, over both protocols', async () => {
  const session = await victim.session();
  for (const method of ['FOO', 'constructor', '__proto__', 'PROPFIND', 'OPTIONS', 'TRACE']) {
    for (const path of [maps, `${maps}/x`, '/version', '/api/v1/nothing']) {
      const first = await victim.ask(method, path);
      expectRefusal(`${method} ${path}`, first);
      const second = await askOn(session, { ':method': method, ':path': path });
      expectRefusal(`${method} ${path} over HTTP/2`, second);
    }
  }
  session.destroy();
});

test('what is no HTTP gets a short answer in plain text, as from the real server', async () => {
  for (const [bytes, status] of [
    ['\x00\x01\x02 garbage\r\n\r\n', 400],
    [`GET ${maps}/a b HTTP/1.1\r\nHost: x\r\n\r\n`, 400],
    ['GET /version HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n', 400],
    ['GET /version HTTP/1.1\r\nHost: x\r\nX-Bad: a\x01b\r\n\r\n', 400],
    [`GET /version HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(1_100_000)}\r\n\r\n`, 431],
  ] as const) {
    const answer = await victim.send([Buffer.from(bytes, 'latin1')]);
    expect([bytes.slice(0, 60), answer.status]).toEqual([bytes.slice(0, 60), status]);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expectNoTrace(bytes.slice(0, 60), answer.text);
  }
});

const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = 'meta.k8s.io/v1';
/** Query, code, part of the answer: taken from the real server, but for a revision of the future, which it waits for before it says the same. */
const queries: readonly (readonly [string, number, string])[] = [
  ['limit=-1', 200, ''],
  ['limit=1e9', 400, 'strconv.ParseInt: parsing \\"1e9\\": invalid syntax'],
  ['limit=1000000000', 200, ''],
  ['limit=99999999999999999999', 400, 'value out of range'],
  [`limit=${'9'.repeat(100_000)}`, 400, 'value out of range'],
  ['limit=', 400, 'strconv.ParseInt: parsing \\"\\": invalid syntax'],
  ['limit=1&limit=x', 200, ''],
  ['timeoutSeconds=-5', 200, ''],
  ['timeoutSeconds=1.5', 400, 'invalid syntax'],
  ['resourceVersion=abc', 400, 'invalid resource version'],
  ['resourceVersion=-1', 400, 'invalid resource version'],
  ['resourceVersion=999999999', 504, 'Too large resource version: 999999999'],
  ['resourceVersion=18446744073709551615', 504, 'Too large resource version'],
  ['resourceVersion=99999999999999999999', 400, 'value out of range'],
  ['resourceVersion=0&resourceVersionMatch=x', 422, 'Unsupported value: \\"x\\"'],
  ['continue=xyz', 400, "invalid character 'Ç' looking for beginning of value"],
  ['continue=%00', 400, 'illegal base64 data at input byte 0'],
  [`continue=${'A'.repeat(500_000)}`, 400, "invalid character '\\\\x00' looking for beginning of value"],
  [`continue=${forged({})}`, 400, 'server does not recognize this encoded version '],
  [`continue=${forged([])}`, 400, 'cannot unmarshal array into Go value of type storage.continueToken'],
  [
    `continue=${forged({ v: token, rv: 'x', start: 'a' })}`,
    400,
    'cannot unmarshal string into Go struct field continueToken.rv of type int64',
  ],
  [`continue=${forged({ v: token, rv: 1, start: '../../secrets/' })}`, 400, 'continue key is not valid: ../../secrets/'],
  [`continue=${forged({ v: token, rv: 99_999_999_999, start: 'a' })}`, 504, 'Too large resource version'],
  [`continue=${forged({ __proto__: { v: token }, constructor: 1 })}`, 400, 'invalid continue token'],
  [`continue=${'W'.repeat(400_000)}`, 400, 'invalid continue token'],
  [`labelSelector=${'('.repeat(100_000)}`, 400, "found '(', expected: !, identifier, or 'end of string'"],
  [`labelSelector=${encodeURIComponent(`a in (${Array.from({ length: 20_000 }, (_, index) => `v${index}`).join(',')})`)}`, 200, ''],
  [`labelSelector=${Array.from({ length: 10_000 }, (_, index) => `k${index}%3Dv`).join(',')}`, 200, ''],
  [`labelSelector=${'a!'.repeat(50_000)}`, 400, ''],
  ['labelSelector=__proto__', 400, ''],
  ['labelSelector=constructor', 200, ''],
  ['labelSelector=%zz', 200, ''],
  [`fieldSelector=metadata.name%3D${'n'.repeat(100_000)}`, 200, ''],
  ['fieldSelector=__proto__=x', 400, ''],
  ['fieldSelector=constructor=x', 400, ''],
  ['fieldSelector=metadata.name', 400, ''],
  ['watch=1&resourceVersion=abc', 500, 'invalid syntax'],
  ['watch=1&sendInitialEvents=true', 422, 'resourceVersionMatch'],
  ['watch=1&timeoutSeconds=abc', 400, 'invalid syntax'],
  ['watch=1&labelSelector=((', 400, 'found'],
  [Array.from({ length: 5000 }, (_, index) => `p${index}=${index}`).join('&'), 200, ''],
  ['&&&===&%&=;', 200, ''],
];
test.each(queries.map((one) => [one[0].slice(0, 60), ...one] as const))('?%s', async (_title, query, code, part) => {
  const { status, text } = await victim.ask('GET', `/api/v1/namespaces/nowhere/configmaps?${query}`);
  expect([status, text.slice(0, 300)]).toEqual([code, expect.anything()]);
  expect(text.includes(part)).toBe(true);
  // A JSON text says "undefined" nowhere.
  expectNoTrace(query.slice(0, 60), text);
});

test('a forged token shows nothing outside of its collection', async () => {
  for (const start of ['/registry/secrets/', '\0', '../', 'attack/../../secrets/', '~', '\uffff']) {
    for (const revision of [-1, -5, 2]) {
      const { text } = await victim.ask(
        'GET',
        `/api/v1/namespaces/attack/configmaps?limit=5&continue=${forged({ v: token, rv: revision, start })}`,
      );
      expect(text).not.toContain('Secret');
      for (const { metadata } of (JSON.parse(text) as { items?: { metadata: { namespace: string } }[] }).items ?? [])
        expect(metadata.namespace).toBe('attack');
    }
  }
});

test('options of writes that no option takes', async () => {
  const body = '{"metadata":{"name":"x"},"data":{"a":"b"}}';
  for (const [query, message] of [
    ['dryRun=x', 'dryRun: Unsupported value: [\\"x\\"]'],
    ['dryRun=All&dryRun=x', 'dryRun: Unsupported value'],
    ['fieldValidation=x', 'fieldValidation: Unsupported value'],
    [`fieldManager=${'m'.repeat(129)}`, 'fieldManager: Too long: may not be more than 128 bytes'],
    ['fieldManager=%00%01', 'fieldManager: Invalid value: \\"\\\\x00\\\\x01\\": invalid character U+0000 (at position 0)'],
  ] as const) {
    const { status, text } = await victim.ask('POST', `${maps}?${query}`, { body });
    expect([query.slice(0, 30), status, text]).toEqual([query.slice(0, 30), 422, expect.stringContaining(message)]);
  }
});

test('long headers and many headers are read up to a mebibyte, over both protocols', async () => {
  const session = await victim.session();
  for (const headers of [
    { 'X-Long': 'a'.repeat(900_000) },
    Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`X-${index}`, 'v'])),
  ]) {
    expect((await victim.ask('GET', `${maps}/nothing`, { headers })).status).toBe(404);
  }
  for (const headers of [
    { 'x-long': 'a'.repeat(50_000) },
    Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, 'v'])),
  ]) {
    expect((await askOn(session, { ':path': `${maps}/nothing`, ...headers })).status).toBe(404);
  }
  expect(
    (
      await victim.ask('GET', `${maps}/nothing`, {
        headers: { Accept: Array.from({ length: 10_000 }, (_, index) => `a/b${index}`).join(',') },
      })
    ).status,
  ).toBe(406);
  expect(
    (
      await victim.ask('POST', `${maps}?dryRun=All`, {
        body: '{"metadata":{"name":"x"},"data":{"a":"b"}}',
        headers: { 'User-Agent': `\xff\xfe${'u'.repeat(5000)}` },
      })
    ).status,
  ).toBe(201);
  session.destroy();
});

test('two requests in one packet get two answers in their order', async () => {
  const socket = await victim.connect();
  const answers = [answerOn(socket)];
  socket.write(`GET ${maps}/first HTTP/1.1\r\nHost: x\r\n\r\n`);
  const first = await answers[0]!;
  const second = answerOn(socket);
  socket.write(`GET ${maps}/second HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect([first.text, (await second).text]).toEqual([expect.stringContaining('first'), expect.stringContaining('second')]);
  socket.destroy();
});
