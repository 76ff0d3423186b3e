// Documents of backends that mean no good, or do not know better: read within bounds, and never believed beyond their group and version.
import { finish } from '../../clock/slices.js';
import { Entries, jsonBytes } from '../openapi/entries.js';
import type { RemoteService } from './api-services.js';
import type { Backend, BackendAnswer } from './backend.js';
import { discoverBackend } from './backend-discovery.js';
import { fetchOpenApi } from './backend-openapi.js';
import { mergeWork } from './openapi.js';

const group = 'bad.example.com';
const version = 'v1';

/** A backend with these documents by path: text as it is, else JSON. */
function remote(documents: Readonly<Record<string, unknown>>): RemoteService {
  const fetch: Backend['fetch'] = (_authority, { path }): Promise<BackendAnswer> => {
    const document = documents[path];
    const text = typeof document === 'string' ? document : JSON.stringify(document ?? {});
    return Promise.resolve({ status: document === undefined ? 404 : 200, contentType: 'application/json', body: Buffer.from(text) });
  };
  const backend = { reach: () => Promise.resolve({ authority: 'localhost:1' }), fetch } as unknown as Backend;
  return { name: `${version}.${group}`, group, version, backend, object: {} as never, available: true };
}

const list = (resources: unknown): RemoteService => remote({ [`/apis/${group}/${version}`]: { kind: 'APIResourceList', resources } });

describe('discovery', () => {
  test('of the wrong shape names nothing, and does not fail', async () => {
    for (const resources of [undefined, null, 7, 'x', {}, [null, 7, [], 'x', {}, { name: 7, kind: [] }, { name: { a: 1 } }]])
      expect(await discoverBackend(list(resources))).toEqual([]);
    for (const [path, text] of [
      ['/apis', 'not json'],
      [`/apis/${group}/${version}`, '[]'],
    ] as const)
      await expect(discoverBackend(remote({ [path]: text }))).rejects.toThrow();
  });

  test('keeps what is right of what is half wrong, once each, and not without end', async () => {
    const one = { name: 'things', kind: 'Thing', namespaced: 'yes', verbs: ['get', 7, 'list'], shortNames: 'th', categories: [{}, 'all'] };
    const many = Array.from({ length: 5000 }, (_, index) => ({ name: `r${index}`, kind: 'R' }));
    const found = await discoverBackend(list([one, one, { name: 'things/status', kind: 'Thing', verbs: ['get'] }, ...many]));
    expect(found[0]).toMatchObject({
      group,
      version,
      resource: 'things',
      namespaced: false,
      verbs: ['get', 'list'],
      shortNames: [],
      categories: ['all'],
    });
    expect([...found[0]!.subresources.keys()]).toEqual(['status']);
    expect(found.length).toBeLessThanOrEqual(2000);
    expect(new Set(found.map(({ resource }) => resource)).size).toBe(found.length);
  });

  test('of other groups, or twice of its own, counts once and for itself alone', async () => {
    const resource = (name: string) => ({
      resource: name,
      scope: 'Namespaced',
      responseKind: { group, version, kind: 'Kind' },
      verbs: ['get'],
    });
    const item = (of: string, name: string) => ({ metadata: { name: of }, versions: [{ version, resources: [resource(name)] }] });
    const document = {
      kind: 'APIGroupDiscoveryList',
      items: [item('apps', 'deployments'), item(group, 'first'), item(group, 'second'), null],
    };
    expect((await discoverBackend(remote({ '/apis': document }))).map(({ resource: name }) => name)).toEqual(['first']);
  });
});

describe('OpenAPI', () => {
  const path = `/apis/${group}/${version}/things`;
  const own = new Entries(() => [
    ['io.k8s.Meta', { type: 'object', description: 'ours' }],
    ['io.k8s.Other', { type: 'string' }],
  ]);
  const document = { swagger: '2.0', paths: new Entries(() => [['/api/', {}]]), definitions: own };
  const mergedWith = async (theirs: unknown): Promise<{ paths: Record<string, unknown>; definitions: Record<string, unknown> }> => {
    const { v2 } = await fetchOpenApi(remote({ '/openapi/v2': theirs }));
    return JSON.parse(Buffer.from(jsonBytes(finish(mergeWork(document, v2 === undefined ? [] : [v2])))).toString()) as never;
  };
  const refers = (name: string) => ({ get: { responses: { 200: { schema: { $ref: `#/definitions/${name}` } } } } });

  test('adds the paths of its own version and what they lead to, round in circles too', async () => {
    const { paths, definitions } = await mergedWith({
      paths: { [path]: refers('Thing'), '/apis/apps/v1/deployments': refers('Thing'), '/api/': {} },
      definitions: {
        Thing: { properties: { next: { $ref: '#/definitions/Thing' }, meta: { $ref: '#/definitions/io.k8s.Meta' } } },
        'io.k8s.Meta': { type: 'object', description: 'theirs' },
        Unused: {},
        __proto__x: {},
      },
    });
    expect(Object.keys(paths)).toEqual(['/api/', path]);
    expect(Object.keys(definitions).sort()).toEqual(['Thing', 'io.k8s.Meta', 'io.k8s.Meta_v2', 'io.k8s.Other']);
    expect(definitions['Thing']).toEqual({
      properties: { next: { $ref: '#/definitions/Thing' }, meta: { $ref: '#/definitions/io.k8s.Meta_v2' } },
    });
    expect(definitions['io.k8s.Meta']).toEqual({ type: 'object', description: 'ours' });
  });

  test.each([
    ['no JSON', '{'],
    ['a list', []],
    ['no paths', { definitions: {} }],
    ['paths of the wrong type', { paths: [1], definitions: 'x' }],
    ['a pit', `{"paths":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},"definitions":{}}`],
    ['a name that is none', '{"paths":{"__proto__":{"x":1}},"definitions":{"__proto__":{"polluted":true}}}'],
  ])('that is %s changes nothing', async (_what, theirs) => {
    expect(await mergedWith(theirs)).toEqual({
      swagger: '2.0',
      paths: { '/api/': {} },
      definitions: { 'io.k8s.Meta': { type: 'object', description: 'ours' }, 'io.k8s.Other': { type: 'string' } },
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('an address of another document is not taken', async () => {
    const index = (address: unknown) =>
      remote({ '/openapi/v3': { paths: { [`apis/${group}/${version}`]: { serverRelativeURL: address } } } });
    expect((await fetchOpenApi(index(`/openapi/v3/apis/${group}/${version}?hash=1`))).v3).toBe(
      `/openapi/v3/apis/${group}/${version}?hash=1`,
    );
    for (const address of ['https://evil.example.com/', '/api/v1/secrets', 7, undefined])
      expect((await fetchOpenApi(index(address))).v3).toBeUndefined();
  });

  test('depth is counted', async () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    const definitionsAt = async (levels: number) =>
      (await fetchOpenApi(remote({ '/openapi/v2': { paths: {}, definitions: {}, x: nested(levels) } }))).v2;
    expect(await definitionsAt(99)).toBeDefined();
    expect(await definitionsAt(100)).toBeUndefined();
  });
});
