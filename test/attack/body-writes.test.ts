// Long bodies: the server goes on serving others while it reads, checks and stores them.
import { eventually, Victim } from './attacker.js';
import { turnsOf, type CountedRequest } from './body-turns.js';

const victim = new Victim();
const group = 'bodies.example.com';
const maps = '/api/v1/namespaces/attack/configmaps';
const things = `/apis/${group}/v1/namespaces/attack/things`;

/** Without slices each of these is answered within one or two turns; with them they take dozens, fewer only on a machine many times as fast. */
const fewest = 4;
/** What is short waits for nobody: these are the turns that its bytes take. */
const mostOfShort = 10;

const many = (count: number, value = 'value'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
const mapOf = (name: string, data: unknown, more = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data, ...more });
const thingOf = (name: string, spec: unknown): string =>
  JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name }, spec });
const podOf = (name: string, spec: unknown): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });

async function inTurns(status: number, request: CountedRequest): Promise<void> {
  const counted = await turnsOf(victim, request);
  expect(counted.status).toBe(status);
  expect(counted.turns).toBeGreaterThanOrEqual(fewest);
}

beforeAll(async () => {
  await victim.start({ nodes: 0, components: ['apiserver'], freeze: false });
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } };
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { open, set, map: { type: 'object', additionalProperties: { type: 'string' } } } } },
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  await victim.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: JSON.stringify(definition) });
  await eventually('it is served', async () => (await victim.ask('GET', things)).status === 200);
  await victim.ask('POST', maps, { body: mapOf('changed', many(30_000)) });
  await victim.ask('POST', maps, { body: mapOf('short', { a: 'b' }) });
}, 120_000);
afterAll(() => victim.stop());
afterEach(() => expect(victim.bugs).toEqual([]));

test('what is short is answered at once', async () => {
  const { status, turns } = await turnsOf(victim, { method: 'POST', path: maps, body: mapOf('quick', { a: 'b' }) });
  expect(status).toBe(201);
  expect(turns).toBeLessThan(mostOfShort);
});

describe('a map with tens of thousands of keys', () => {
  const changed = `${maps}/changed`;
  const apply = 'application/apply-patch+yaml';
  const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n${Object.keys(many(30_000))
    .map((key) => `  ${key}: "some text"\n`)
    .join('')}`;
  test.each<readonly [string, number, CountedRequest]>([
    ['is created', 201, { method: 'POST', path: maps, body: mapOf('created', many(30_000)) }],
    ['is created from YAML', 201, { method: 'POST', path: maps, type: 'application/yaml', body: yaml }],
    ['is replaced', 200, { method: 'PUT', path: changed, body: mapOf('changed', many(30_000, 'other')) }],
    ['is patched', 200, { method: 'PATCH', path: changed, type: 'application/merge-patch+json', body: '{"data":{"k7":"patched"}}' }],
    [
      'is applied',
      200,
      { method: 'PATCH', path: `${changed}?fieldManager=attack&force=true`, type: apply, body: mapOf('changed', many(30_000, 'third')) },
    ],
    [
      'is applied anew',
      201,
      { method: 'PATCH', path: `${maps}/applied?fieldManager=attack`, type: apply, body: mapOf('applied', many(30_000)) },
    ],
    ['is too large', 500, { method: 'POST', path: maps, body: mapOf('huge', many(150_000, 'v')) }],
    [
      'has the same key again and again',
      500,
      {
        method: 'POST',
        path: maps,
        body: mapOf('twice', many(60_000)).replace('"data":{', `"data":{${JSON.stringify(many(60_000)).slice(1, -1)},`),
      },
    ],
  ])('%s', (_name, status, request) => inTurns(status, request), 60_000);
});

describe('custom resources', () => {
  test.each<readonly [string, number, CountedRequest]>([
    [
      'with tens of thousands of fields that no schema knows',
      201,
      { method: 'POST', path: things, body: thingOf('open', { open: { some: many(35_000) } }) },
    ],
    [
      'with a set of tens of thousands of texts',
      201,
      { method: 'POST', path: things, body: thingOf('set', { set: Object.keys(many(30_000)) }) },
    ],
    ['with a map of tens of thousands of keys', 201, { method: 'POST', path: things, body: thingOf('map', { map: many(30_000) }) }],
  ])('%s', (_name, status, request) => inTurns(status, request), 60_000);
});

describe('many parts', () => {
  const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const review = (spec: object): string => JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
  const resourceAttributes = { verb: 'get', resource: 'pods' };
  const requirements = Array.from({ length: 30_000 }, (_, index) => ({ key: `k${index}`, operator: 'In', values: ['a'] }));
  test.each<readonly [string, number, CountedRequest]>([
    [
      'groups of who is asked for',
      201,
      { method: 'POST', path: reviews, body: review({ user: 'x', groups: Object.keys(many(150_000)), resourceAttributes }) },
    ],
    [
      'requirements of a question',
      201,
      {
        method: 'POST',
        path: reviews,
        body: review({ user: 'x', resourceAttributes: { ...resourceAttributes, fieldSelector: { requirements } } }),
      },
    ],
    [
      'variables of a container',
      500,
      {
        method: 'POST',
        path: '/api/v1/namespaces/attack/pods',
        body: podOf('variables', {
          containers: [{ name: 'c', image: 'i', env: Array.from({ length: 30_000 }, (_, index) => ({ name: `E${index}`, value: 'v' })) }],
        }),
      },
    ],
    [
      'operations of a patch',
      200,
      {
        method: 'PATCH',
        path: `${maps}/short`,
        type: 'application/json-patch+json',
        body: JSON.stringify(Array.from({ length: 10_000 }, (_, index) => ({ op: 'add', path: `/data/q${index}`, value: 'x' }))),
      },
    ],
  ])('%s', (_name, status, request) => inTurns(status, request), 60_000);

  test('more operations than a patch may have are refused', async () => {
    const body = JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })));
    const answer = await victim.ask('PATCH', `${maps}/short`, { type: 'application/json-patch+json', body });
    expect([answer.status, answer.text]).toEqual([
      413,
      expect.stringContaining('The allowed maximum operations in a JSON patch is 10000, got 10001'),
    ]);
  });
});

test('rules whose products nobody can look at are refused to who does not hold them', async () => {
  const authorization = '/apis/rbac.authorization.k8s.io/v1';
  const list = (prefix: string): string[] => Object.keys(many(5000)).map((key) => prefix + key);
  const roleOf = (name: string, rules: unknown): string =>
    JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules });
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'granter' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'granter' },
    subjects: [{ kind: 'User', name: 'granter', apiGroup: 'rbac.authorization.k8s.io' }],
  };
  const own = [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['create'] }];
  expect((await victim.ask('POST', `${authorization}/clusterroles`, { body: roleOf('granter', own) })).status).toBe(201);
  expect((await victim.ask('POST', `${authorization}/clusterrolebindings`, { body: JSON.stringify(binding) })).status).toBe(201);
  const rules = [{ apiGroups: list('g'), resources: list('r'), resourceNames: list('n'), verbs: list('v') }];
  await inTurns(403, {
    method: 'POST',
    path: `${authorization}/clusterroles`,
    body: roleOf('product', rules),
    headers: { 'Impersonate-User': 'granter' },
  });
}, 60_000);
