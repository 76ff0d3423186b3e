// Servers behind API services that mean no good: what they answer must not end this server, nor come to clients as this server's own word. The
// statuses and words are those of a real kube-apiserver v1.36.3 before the same backends.
//
// - Answers with a status that there is not, with one that says nothing, with a protocol that nobody asked for, with redirects of every sort
// - Headers that would let pages of other sites ask, replace this server's own, or belong to the connection
// - An upgrade with a body, which would swallow the next request of somebody else; upgrades answered with anything but an upgrade
// - Queries that two servers read differently; paths that climb out of their group
// - Documents of many megabytes, nested without end, of very many definitions; names that are names of JavaScript; paths and definitions of others
// - Claims to be somebody else, in the headers that backends believe: test/in-process/aggregation/passed-on.test.ts
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from '../../src/apimachinery/codec/json-reader.js';
import { realClock } from '../../src/clock/real-clock.js';
import { json, register, resourceList, startExtensionServer, type ExtensionServer } from '../support/extension-server.js';
import { answerOn, askOn, eventually, expectNoTrace, Victim, type Answer } from './attacker.js';
import { longestSlice } from './slices.js';

const group = 'hostile.example.com';
const root = `/apis/${group}/v1`;
const victim = new Victim();
let backend: ExtensionServer;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const publishers: ExtensionServer[] = [];

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.url === root) json(response, resourceList(group, 'v1', [{ name: 'things', kind: 'Thing' }]));
  else if (/^\/(apis|openapi\/v[23])$/.test(request.url ?? '')) json(response, {}, 404);
  else answer(request, response);
};

async function isAvailable(): Promise<boolean> {
  const { text } = await victim.ask('GET', `/apis/apiregistration.k8s.io/v1/apiservices/v1.${group}`);
  return text.includes('"all checks passed"');
}

beforeAll(async () => {
  backend = await startExtensionServer(['extension.default'], serve);
  await victim.start();
  await register(victim.cluster.client, backend, { group, version: 'v1' });
  await eventually('the API service is available', isAvailable);
}, 60_000);

afterAll(async () => {
  await victim.stop();
  await Promise.all([backend, ...publishers].map((server) => server.close()));
});

beforeEach(() => {
  backend.requests.length = 0;
  backend.upgrade = undefined;
  answer = (request, response) => {
    const body = JSON.stringify({ url: request.url });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  };
});

afterEach(() => expect(victim.bugs).toEqual([]));

/** The backend writes these bytes instead of an answer. */
function says(bytes: string): void {
  answer = (request) => void request.socket.end(bytes);
}

const ask = (path = '/things', headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  victim.ask('GET', `${root}${path}`, { headers });

const length2 = 'Content-Length: 2\r\n\r\nok';
const moved = 'the backend attempted to redirect this request, which is not permitted';

test.each([
  ['a status of 0', 'HTTP/1.1 000 Odd\r\n', 0, ''],
  ['a status below 100', 'HTTP/1.1 099 Odd\r\n', 0, ''],
  ['a status of 999', 'HTTP/1.1 999 Odd\r\n', 999, 'ok'],
  [
    'another protocol, unasked',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n',
    503,
    'backend tried to switch protocol "foo" when "" was requested\n',
  ],
  [
    'another protocol without saying which',
    'HTTP/1.1 101 Switching Protocols\r\n',
    503,
    'internal error: 101 switching protocols response with non-writable body\n',
  ],
  ['a hundred times that it goes on', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)}HTTP/1.1 200 OK\r\n`, 200, 'ok'],
  [
    'no HTTP at all',
    'garbage garbage\r\n',
    503,
    /^error trying to reach service: net\/http: HTTP\/1.x transport connection broken: malformed HTTP/,
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n', 503, /^error trying to reach service: net\/http/],
  ['headers of a megabyte', `HTTP/1.1 200 OK\r\nX-Big: ${'x'.repeat(1024 * 1024)}\r\n`, 503, /^error trying to reach service: net\/http/],
  ...[300, 301, 302, 303, 304, 305, 307, 308, 399].map(
    (code) => [`${code} to elsewhere`, `HTTP/1.1 ${code} Moved\r\nLocation: https://127.0.0.1:1/evil\r\n`, 502, moved] as const,
  ),
  ['a redirect to nowhere', 'HTTP/1.1 302 Found\r\n', 302, 'ok'],
] as const)('a backend that answers with %s', async (_what, head, status, text) => {
  // prettier-ignore
  says(`${head}${length2}`);
  const given = await ask();
  expect({ status: given.status, text: given.text }).toEqual({
    status,
    text: typeof text === 'string' ? text : expect.stringMatching(text),
  });
  expect(given.headers['location']).toBeUndefined();
  expectNoTrace('the answer', given.text);
  expect((await victim.ask('GET', '/readyz')).status).toBe(200);
});

test('over HTTP/2 a status that there is not ends the stream alone, and headers that come twice stay', async () => {
  const session = await victim.session();
  const get = (): Promise<Answer> => askOn(session, { ':path': `${root}/things`, ':method': 'GET' });
  says(`HTTP/1.1 000 Odd\r\n${length2}`);
  expect((await get()).status).toBe(0);
  says(`HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nETag: 1\r\nETag: 2\r\n${length2}`);
  expect(await get()).toMatchObject({ status: 200, text: 'ok' });
});

test('what a backend says of other sites, of the connection and of this server is not passed on', async () => {
  const own = ['Allow-Origin', 'Allow-Credentials', 'Allow-Headers', 'Allow-Methods'].map((name) => `Access-Control-${name}: *\r\n`);
  says(
    `HTTP/1.1 200 OK\r\n${own.join('')}Audit-Id: mine\r\nX-Kubernetes-PF-FlowSchema-UID: mine\r\nConnection: X-Hop\r\nX-Hop: 1\r\n` +
      `Keep-Alive: timeout=9\r\nTrailer: X\r\n__proto__: p\r\nconstructor: c\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n${length2}`,
  );
  const { headers, status } = await ask();
  expect(status).toBe(200);
  const names = Object.keys(headers);
  expect(names.filter((name) => name.startsWith('access-control-') || ['x-hop', 'trailer'].includes(name))).toEqual([]);
  expect(headers['keep-alive']).not.toBe('timeout=9');
  expect(headers['audit-id']).not.toBe('mine');
  expect(headers['x-kubernetes-pf-flowschema-uid']).not.toBe('mine');
  expect(headers['set-cookie']).toBe('a=b, c=d');
});

const upgrading = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };

test.each([
  ['yes in ordinary words', 'HTTP/1.1 200 OK\r\n', 503, 'invalid upgrade response: status code 200\n'],
  ['go elsewhere', 'HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\n', 503, 'invalid upgrade response: status code 302\n'],
  ['no', 'HTTP/1.1 403 Forbidden\r\n', 403, 'ok'],
  ['nothing that is HTTP', 'garbage\r\n', 503, expect.stringMatching(/^error trying to reach service/)],
  ['a status of 0', 'HTTP/1.1 000 Odd\r\n', 503, 'invalid upgrade response: status code 0\n'],
])('an upgrade that the backend answers with %s', async (_what, head, status, text) => {
  backend.upgrade = (_request, socket) => void socket.end(`${head}${length2}`);
  const { status: code, text: given } = await ask('/things', upgrading);
  expect({ code, given }).toEqual({ code: status, given: text });
});

test('an upgrade with a body does not make the backend wait for the next request as if it were that body', async () => {
  backend.upgrade = (_request, socket) => void socket.end(`HTTP/1.1 403 Forbidden\r\n${length2}`);
  const smuggled = `GET ${root}/things HTTP/1.1\r\nHost: x\r\nX-Remote-User: root\r\nX-Remote-Group: system:masters\r\n\r\n`;
  await victim.ask('POST', `${root}/things`, { headers: upgrading, body: smuggled });
  const [asked] = backend.requests;
  expect(asked?.headers['content-length'] ?? '0').toBe('0');
  expect(asked?.headers['transfer-encoding']).toBeUndefined();
  expect(backend.requests).toHaveLength(1);
});

test('two requests in one body are one request for the backend', async () => {
  const socket = await victim.connect();
  const answered = answerOn(socket);
  const inner = `GET ${root}/evil HTTP/1.1\r\nHost: x\r\nX-Remote-User: root\r\nContent-Length: 0\r\n\r\n`;
  socket.write(`POST ${root}/things HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`);
  expect((await answered).status).toBe(200);
  socket.destroy();
  const both = await victim.send(
    `POST ${root}/things HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  );
  expect(both.status).toBe(400);
  expect(backend.requests.map(({ url }) => url)).toEqual([`${root}/things`]);
});

test('what this server cannot read in a query does not reach the backend', async () => {
  const seen = async (query: string): Promise<unknown> => (JSON.parse((await ask(`/things?${query}`)).text) as { url: string }).url;
  for (const [query, rest] of [
    ['a=1&b=2', '?a=1&b=2'],
    ['a=1&x=2;watch=true', '?a=1'],
    ['x;watch=true', ''],
    ['a=%zz&b=%41', '?b=%41'],
    ['a=%', ''],
    ['a=%f&b', '?b'],
  ] as const)
    expect([query, await seen(query)]).toEqual([query, `${root}/things${rest}`]);
});

test('a path that climbs out of its group is asked of its own backend alone', async () => {
  for (const path of ['/../../../api/v1/secrets', '/..%2f..%2f..%2fapi/v1/secrets', '/%2e%2e/%2e%2e/%2e%2e/api/v1/secrets', '//x', '/a%0d%0aX-A:b']) {
    const { status, text } = await ask(path);
    expect([path, status]).toEqual([path, 200]);
    expect((JSON.parse(text) as { url: string }).url.startsWith(root)).toBe(true);
  }
  expect(backend.requests).toHaveLength(5);
  expect(backend.requests.every(({ rawHeaders }) => !rawHeaders.includes('X-A'))).toBe(true);
}); // prettier-ignore

/** A server of its own with this document, whenever it is asked, behind an API service of its own. */
async function published(document: string, index: number): Promise<void> {
  const other = `other${index}.example.com`;
  const service = `other${index}`;
  let asked = 0;
  const publisher = await startExtensionServer([`${service}.default`], (request, response) => {
    if (request.url === `/apis/${other}/v1`) return json(response, resourceList(other, 'v1', [{ name: 'things', kind: 'Thing' }]));
    if (request.url !== '/openapi/v2') return json(response, {}, 404);
    asked++;
    response.end(document);
  });
  publishers.push(publisher);
  await register(victim.cluster.client, publisher, { group: other, version: 'v1', service });
  const Accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  await eventually('its documents are read', async () => {
    if (asked === 0) return false;
    const { items } = JSON.parse((await victim.ask('GET', '/apis', { headers: { Accept } })).text) as { items: readonly Discovered[] };
    return items.some(({ metadata, versions }) => metadata.name === other && (versions[0]?.resources ?? []).length > 0);
  });
}

interface Discovered {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { readonly resources?: readonly unknown[] }[];
}

const documentV2 = async (): Promise<{ paths: Record<string, unknown>; definitions: Record<string, unknown> }> =>
  JSON.parse((await victim.ask('GET', '/openapi/v2')).text) as never;

const refers = (name: string): unknown => ({ get: { responses: { 200: { schema: { $ref: `#/definitions/${name}` } } } } });

test('documents that shadow others, refer in circles or are called as parts of JavaScript', async () => {
  const before = await documentV2();
  const path = '/apis/other1.example.com/v1/things';
  const theirs = JSON.stringify({
    swagger: '2.0',
    paths: { [path]: refers('__proto__'), '/api/v1/pods': { get: { description: 'evil' } }, '/apis/apps/v1/deployments': refers('x') },
    definitions: {
      'io.k8s.api.core.v1.Pod': { type: 'string', description: 'evil' },
      constructor: { properties: { own: { $ref: '#/definitions/constructor' }, pod: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } } },
    },
  }).replace('"definitions":{', '"definitions":{"__proto__":{"properties":{"polluted":{"$ref":"#/definitions/constructor"}}},');
  await published(theirs, 1);
  const after = await documentV2();
  expect(after.paths['/api/v1/pods']).toEqual(before.paths['/api/v1/pods']);
  expect(after.paths['/apis/apps/v1/deployments']).toEqual(before.paths['/apis/apps/v1/deployments']);
  expect(after.definitions['io.k8s.api.core.v1.Pod']).toEqual(before.definitions['io.k8s.api.core.v1.Pod']);
  expect(after.definitions['io.k8s.api.core.v1.Pod_v2']).toEqual({ type: 'string', description: 'evil' });
  expect(Object.hasOwn(after.definitions, '__proto__')).toBe(true);
  expect('polluted' in {}).toBe(false);
});

const definitions = (count: number): string =>
  Array.from({ length: count }, (_, index) => `"d${index}":{"properties":{"next":{"$ref":"#/definitions/d${index + 1}"},"text":{"description":"${'x'.repeat(150)}"}}}`).join(','); // prettier-ignore

test('a document of some megabytes is read and merged in slices; larger ones and those of too much are not read', async () => {
  const large = (index: number, count: number): string =>
    `{"paths":{"/apis/other${index}.example.com/v1/things":${JSON.stringify(refers('d0'))}},"definitions":{${definitions(count)}}}`;
  const { longest, whole, result } = await longestSlice(async () => {
    await published(large(2, 10_000), 2);
    // Packed, since this client, which counts here too, takes long for much.
    return victim.ask('GET', '/openapi/v2', { headers: { 'Accept-Encoding': 'gzip' } });
  });
  expect(result).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
  expect(longest).toBeLessThan(Math.max(250, whole / 3));
  expect(Object.keys((await documentV2()).definitions)).toContain('d9999');
  await published(large(3, 19_000), 3);
  await published(`{"paths":{},"definitions":{${Array.from({ length: 30_000 }, (_, index) => `"e${index}":{}`).join(',')}}}`, 4);
  await published(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 5);
  const { paths } = await documentV2();
  expect(Object.keys(paths).filter((path) => path.includes('other'))).toEqual(['/apis/other1.example.com/v1/things', '/apis/other2.example.com/v1/things']); // prettier-ignore
}, 120_000);

test('JSON of others is read as JSON.parse reads it', () => {
  const read = (text: string): unknown => readJson(Buffer.from(text), { literals: false, deepest: 20 }).value;
  const texts = ['{}', '[]', ' { "a" : [ 1 , -2.5e3 , true , null , "x\\"}]," ] } ', '"text"', '17', `{"__proto__":{"a":1},"b":"${'y'.repeat(70_000)}"}`, `[${'{"a":[1,2]},'.repeat(9000)}0]`, `{"big":{"deep":[${'"abc",'.repeat(20_000)}1]}}`]; // prettier-ignore
  for (const text of texts) expect(read(text)).toEqual(JSON.parse(text));
  const filler = '1,'.repeat(30_000);
  for (const text of [
    '',
    '{',
    '[1',
    `[${filler}]`,
    `[${filler}1`,
    `{"a":[${filler}1],}`,
    `{"a" [${filler}1]}`,
    `{1:[${filler}1]}`,
    `[${filler}1]]`,
    `[[${filler}1] [1]]`,
    '{} {}',
    `{"a":[${filler}1}}`,
  ])
    // prettier-ignore
    expect(() => read(text)).toThrow();
  expect(() => read(`${'['.repeat(21)}${']'.repeat(21)}`)).toThrow('exceeded max depth');
  expect(read(`${'['.repeat(20)}${']'.repeat(20)}`)).toBeDefined();
});

test('a certificate authority that is none, and trust in everybody together with one', async () => {
  const service = (spec: object): string =>
    JSON.stringify({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.trust.example.com' },
      spec: { group: 'trust.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service: { namespace: 'default', name: 'extension', port: backend.port }, ...spec },
    }); // prettier-ignore
  const services = '/apis/apiregistration.k8s.io/v1/apiservices';
  for (const [spec, status] of [
    [{ caBundle: 'not base64!' }, 400],
    [{ caBundle: Buffer.from('no certificate').toString('base64'), insecureSkipTLSVerify: true }, 422],
    [{ caBundle: backend.caBundle, insecureSkipTLSVerify: true }, 422],
    [{ insecureSkipTLSVerify: true, service: { namespace: 'default', name: 'extension', port: 70_000 } }, 422],
  ] as const)
    expect([spec, (await victim.ask('POST', services, { body: service(spec) })).status]).toEqual([spec, status]);
  const garbage = { caBundle: Buffer.from('no certificate').toString('base64') };
  expect((await victim.ask('POST', services, { body: service(garbage) })).status).toBe(201);
  await eventually('it is said to be unavailable', async () =>
    (await victim.ask('GET', `${services}/v1.trust.example.com`)).text.includes('"status":"False"'),
  );
  const start = realClock().monotonic();
  expect(await victim.ask('GET', '/apis/trust.example.com/v1/x')).toMatchObject({ status: 503, text: 'service unavailable\n' });
  expect(realClock().monotonic() - start).toBeLessThan(10_000);
});
