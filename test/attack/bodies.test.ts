// Hostile bodies: each is refused as the real server refuses it, and nothing is left of it.
import { gzipSync } from 'node:zlib';
import { resources } from '../../src/index.js';
import { answerOn, expectNoTrace, expectRefusal, Victim } from './attacker.js';

const victim = new Victim();
const maps = '/api/v1/namespaces/attack/configmaps';
const map = `${maps}/target`;
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const limit = 3 * 1024 * 1024;

let before = '';
beforeAll(async () => {
  await victim.start();
  await victim.cluster.client.create(resources.CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'target', namespace: 'attack' },
    data: { a: 'b' },
  });
  before = await victim.revision();
});
afterAll(() => victim.stop());
afterEach(async () => {
  expect(await victim.revision()).toBe(before);
  expect(victim.bugs).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

/** Every way to send a body: method, path, content type. */
const ways: readonly (readonly [string, string, string])[] = [
  ...['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'].flatMap((type) => [
    ['POST', maps, type] as const,
    ['PUT', map, type] as const,
    ['DELETE', map, type] as const,
    ['DELETE', maps, type] as const,
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', type] as const,
  ]),
  ...patchTypes.map((type) => ['PATCH', `${map}?fieldManager=attack`, type] as const),
];

const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + '1' + close.repeat(levels);
const garbage: Readonly<Record<string, string | Buffer>> = {
  'cut off': '{"metadata":{"name":"x"',
  'no text of either kind': '{"a": [}',
  'a list in a list': '[[1]]',
  'a number': '1',
  'ten thousand lists': deep('[', ']', 10_001),
  'ten thousand objects': deep('{"a":', '}', 10_001),
  'a million openings': '['.repeat(1_000_000),
  NUL: '{"metadata":{"name":"x\0"}}',
  'no UTF-8': Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0x22, 0x7d]),
  gzip: gzipSync('{"metadata":{"name":"x"}}'),
  'another kind': '{"apiVersion":"v2","kind":"Nothing","metadata":{"name":"x"}}',
  'a kind that is no word': '{"apiVersion":{},"kind":[],"metadata":{"name":"x"}}',
};

for (const [what, body] of Object.entries(garbage)) {
  test(`${what} is refused by every verb in every type`, async () => {
    for (const [method, path, type] of ways) {
      const answer = await victim.ask(method, path, { body, type });
      // A number is no JSON Patch, but an object of no fields is no change.
      expectRefusal(`${method} ${path} ${type}`, answer);
    }
  });
}

test('an empty body is refused, but for a DELETE and what YAML takes for nothing', async () => {
  for (const [method, path, type] of ways.filter(([verb]) => verb !== 'DELETE')) {
    expectRefusal(`${method} ${type}`, await victim.ask(method, path, { body: '', type }));
  }
});

test('content types that do not exist, or are names of JavaScript', async () => {
  for (const type of [
    'constructor',
    '__proto__',
    'toString',
    'application/cbor',
    'text/plain',
    ';;;',
    'application/json-patch+json',
    'x'.repeat(10_000),
  ]) {
    expect([type.slice(0, 30), (await victim.ask('POST', maps, { body: '{"metadata":{"name":"x"}}', type })).status]).toEqual([
      type.slice(0, 30),
      415,
    ]);
  }
  for (const type of ['constructor', '__proto__', 'application/json', '']) {
    const { status, text } = await victim.ask('PATCH', map, { body: '{}', type });
    expect([type, status, JSON.parse(text)]).toMatchObject([type, 415, { reason: 'UnsupportedMediaType', details: {} }]);
  }
});

test('keys that are names of JavaScript change no prototype, and are data like others where data may be', async () => {
  const polluting = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
  for (const [type, body] of [
    ['application/json', `{"metadata":{"name":"x"},${polluting},"data":{"toString":"x"}}`],
    [
      'application/yaml',
      `metadata: {name: x}\n__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\nbase: &b {__proto__: {polluted: 1}}\ndata: {hasOwnProperty: x}\n`,
    ],
  ] as const) {
    expectNoTrace(type, (await victim.ask('POST', `${maps}?dryRun=All`, { body, type })).text);
  }
  const { status, headers } = await victim.ask('POST', `${maps}?dryRun=All`, { body: `{"metadata":{"name":"x"},${polluting}}` });
  expect(status).toBe(201);
  expect(headers['warning']).toContain('unknown field \\"constructor\\"');
  for (const type of patchTypes.slice(1)) {
    // To apply a field that does not exist is an error of the real server's own: 500.
    const body = `{"apiVersion":"v1","kind":"ConfigMap",${type === patchTypes[3] ? '' : `${polluting},`}"metadata":{"annotations":{"__proto__":"x"},"labels":{"__proto__":"x"}}}`;
    expectRefusal(type, await victim.ask('PATCH', `${map}?fieldManager=attack`, { body, type }));
  }
  for (const path of [
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/metadata/__proto__/polluted',
    '/data/constructor/prototype/polluted',
  ]) {
    for (const op of ['add', 'replace', 'test', 'remove']) {
      const { text } = await victim.ask('PATCH', map, { body: JSON.stringify([{ op, path, value: 1 }]), type: patchTypes[0]! });
      expectNoTrace(path, text);
    }
  }
  const stored = await victim.cluster.client.get(resources.CONFIG_MAPS, { namespace: 'attack', name: 'target' });
  for (const value of [stored, stored.metadata, stored.data]) expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('warnings about fields in any script, with control characters, and by the thousand, fit into headers', async () => {
  const odd = await victim.ask('POST', `${maps}?dryRun=All`, { body: '{"metadata":{"name":"x"},"中文é\\n\\u007f\\u0001\\"\\\\":1}' });
  expect(odd.status).toBe(201);
  // As the real server writes them.
  expect(Buffer.from(odd.headers['warning']!, 'latin1').toString()).toBe(
    '299 - "unknown field \\"中文é\\\\n\\\\x7f\\\\x01\\\\\\"\\\\\\\\\\""',
  );
  const many = Array.from({ length: 50_000 }, (_, index) => `"key${index}${'x'.repeat(30)}":1`).join(',');
  const { status, headers } = await victim.ask('POST', `${maps}?dryRun=All`, { body: `{"metadata":{"name":"x"},${many}}` });
  expect(status).toBe(201);
  expect(headers['warning']!.length).toBeLessThan(8192);
});

test('numbers that no field holds', async () => {
  const pod = (field: string): string => `{"metadata":{"name":"x"},"spec":{${field},"containers":[{"name":"a","image":"b"}]}}`;
  for (const field of [
    '"priority":1.5',
    '"priority":1e400',
    '"priority":99999999999',
    '"terminationGracePeriodSeconds":1e300',
    '"activeDeadlineSeconds":9223372036854775808',
    '"priority":-0.1',
  ]) {
    expectRefusal(field, await victim.ask('POST', '/api/v1/namespaces/attack/pods', { body: pod(field) }));
  }
  for (const grace of ['1e300', '"x"', '1.5', '{}', '[]', '9223372036854775808']) {
    expectRefusal(grace, await victim.ask('DELETE', map, { body: `{"gracePeriodSeconds":${grace}}` }));
  }
});

test('deletion options of wrong types and values', async () => {
  for (const body of [
    '{"propagationPolicy":"Bogus"}',
    '{"propagationPolicy":1}',
    '{"orphanDependents":true,"propagationPolicy":"Orphan"}',
    '{"dryRun":["x"]}',
    '{"dryRun":"All"}',
    '{"preconditions":1}',
    '{"preconditions":{"uid":1}}',
    '{"preconditions":{"uid":"not-this-one"}}',
    '{"kind":"Pod","apiVersion":"v1"}',
    '{"kind":1}',
    '[]',
  ]) {
    expectRefusal(body, await victim.ask('DELETE', map, { body }));
  }
});

test('YAML that is a bomb, that contains itself, or that JSON has no words for', async () => {
  const bomb = 'abcdefghi'.split('').map(
    (name, index, names) =>
      `${name}: &${name} [${Array(9)
        .fill(index === 0 ? '"x"' : `*${names[index - 1]}`)
        .join(',')}]`,
  );
  for (const body of [
    bomb.join('\n'),
    'metadata: &a {name: x, annotations: *a}',
    'metadata: {name: x, generation: .inf}',
    'a: *missing',
    '? {a: b}\n: c',
    '%YAML 9.9\n--- !!js/function x',
    `${'- '.repeat(5000)}x`,
  ]) {
    for (const [method, path, type] of [
      ['POST', maps, 'application/yaml'],
      ['PATCH', `${map}?fieldManager=attack`, patchTypes[3]!],
    ] as const) {
      expectRefusal(`${method} ${body.slice(0, 40)}`, await victim.ask(method, path, { body, type }));
    }
  }
});

test('three mebibytes are read, one byte more is refused by every verb', async () => {
  const sized = (bytes: number): string => {
    const [start, end] = ['{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"},"data":{"a":"', '"}}'];
    return start + 'x'.repeat(bytes - start.length - end.length) + end;
  };
  // Read, and too much for a config map; the real server says the same.
  expect(await victim.ask('POST', maps, { body: sized(limit) })).toMatchObject({ status: 422 });
  for (const [method, path, type] of [
    ['POST', maps, 'application/json'],
    ['PUT', map, 'application/json'],
    ['DELETE', map, 'application/json'],
    ['PATCH', map, patchTypes[1]!],
  ] as const) {
    const { status, text } = await victim.ask(method, path, { body: sized(limit + 1), type });
    expect([method, status, JSON.parse(text)]).toMatchObject([
      method,
      413,
      { reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${limit}` },
    ]);
  }
});

test('three mebibytes of keys take no time that grows with their square', async () => {
  const keys = Array.from({ length: 180_000 }, (_, index) => `"k${index}":"v"`).join(',');
  const started = performance.now();
  for (const body of [`{"metadata":{"name":"x"},"data":{${keys}}}`, `{"metadata":{"name":"x"},${keys}}`]) {
    const { text } = await victim.ask('POST', `${maps}?dryRun=All&fieldValidation=Strict`, { body });
    expectNoTrace('keys', text);
  }
  // Quadratic work would take many minutes; a machine with much else to do takes seconds.
  expect(performance.now() - started).toBeLessThan(60_000);
}, 120_000);

test('lengths that lie, and chunks without end', async () => {
  const head = (more: string): string => `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}\r\n`;
  for (const bytes of [
    head('Content-Length: -3\r\n') + 'abc',
    head('Content-Length: 3\r\nContent-Length: 4\r\n') + 'abcd',
    head('Content-Length: 99999999999999999999\r\n') + 'abcd',
    head('Transfer-Encoding: chunked\r\n') + 'zz\r\n',
    head('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n') + '0\r\n\r\n',
    head('Transfer-Encoding: gzip, identity\r\n') + 'abc',
  ]) {
    expectRefusal(JSON.stringify(bytes), await victim.send(bytes));
  }
  expect((await victim.send(head(`Content-Length: ${limit + 1}\r\n`))).status).toBe(413);

  const socket = await victim.connect();
  const answer = answerOn(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
  socket.write(head('Transfer-Encoding: chunked\r\n'));
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', pour);
  pour();
  expect((await answer).status).toBe(413);
  // Nobody takes the rest for ever.
  await closed;
});

test('a body of an upgrade that nobody asked for is read like any other', async () => {
  const upgrade = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' };
  const { status } = await victim.ask('POST', `${maps}?dryRun=All`, {
    body: `{"metadata":{"name":"x"},"data":{"a":"${'x'.repeat(200_000)}"}}`,
    headers: upgrade,
  });
  expect(status).toBe(201);
  expectRefusal('upgrade', await victim.ask('POST', maps, { body: 'x'.repeat(limit + 1), headers: upgrade }));
});
