// Policies that mean harm, or mean well and would never end: what of them the server takes, and that it stays quick and whole.
import { until } from '../../../../test/support/until.js';
import type { ApiError } from '../../../apimachinery/errors/api-error.js';
import { resources, startCluster, type Cluster } from '../../../index.js';
import type { ConfigMap } from '../../../../openapi/types/core.v1.js';
import type { MutatingAdmissionPolicy } from '../../../../openapi/types/admissionregistration.v1.js';

const { CONFIG_MAPS, MUTATING_ADMISSION_POLICIES, MUTATING_ADMISSION_POLICY_BINDINGS } = resources;
const namespace = 'default';
type Spec = NonNullable<MutatingAdmissionPolicy['spec']>;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver'] });
});
afterAll(() => cluster?.stop());

const applied = (expression: string): object => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patched = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const rule = (...named: string[]): object => ({ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: named });

async function policy(name: string, mutations: readonly object[], more: object = {}, binding: object = {}): Promise<void> {
  const spec = {
    matchConstraints: { objectSelector: { matchLabels: { policy: name } }, resourceRules: [rule('*')] },
    mutations,
    reinvocationPolicy: 'IfNeeded',
    ...more,
  };
  await cluster.client.create(MUTATING_ADMISSION_POLICIES, { metadata: { name }, spec: spec as unknown as Spec });
  await cluster.client.create(MUTATING_ADMISSION_POLICY_BINDINGS, { metadata: { name }, spec: { policyName: name, ...binding } });
}

type Data = Readonly<Record<string, string>>;
const create = (name: string, data: Data): Promise<ConfigMap> =>
  cluster.client.create(CONFIG_MAPS, { metadata: { name, namespace, labels: { policy: name } }, data });
const refusal = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => {
      throw new Error('it was taken');
    },
    (error: unknown) => error as ApiError,
  );

test('policies that change each other’s work without end are cut off after two rounds', async () => {
  const append = (letter: string): object[] => [
    patched(`[JSONPatch{op: "add", path: "/data/t", value: object.data.t + ${JSON.stringify(letter)}}]`),
  ];
  for (const letter of ['a', 'b', 'c']) {
    await policy(`endless-${letter}`, append(letter), {
      matchConstraints: { objectSelector: { matchLabels: { policy: 'endless' } }, resourceRules: [rule('configmaps')] },
    });
  }
  expect((await create('endless', { t: '' })).data).toEqual({ t: 'abcabc' });
});

test('an object that grows beyond what may be stored is refused, and what doubles itself is stopped by its cost', async () => {
  await policy('large', [
    patched(
      '[JSONPatch{op: "add", path: "/data/x", value: [0,1,2,3,4,5,6,7,8,9].map(i, [0,1,2,3,4,5,6,7,8,9].map(j, object.data.s).join("")).join("")}]',
    ),
  ]);
  const { status } = await refusal(create('large', { s: 'x'.repeat(40_000) }));
  expect([status.code, status.message]).toEqual([expect.any(Number), expect.stringMatching(/too large|Too long|cost limit/)]);
  await policy('doubling', [patched('[JSONPatch{op: "add", path: "/data/x", value: variables.v9}]')], {
    variables: Array.from({ length: 10 }, (_, i) => ({
      name: `v${i}`,
      expression: i === 0 ? 'object.data.s' : Array.from({ length: 10 }, () => `variables.v${i - 1}`).join(' + '),
    })),
  });
  expect((await refusal(create('doubling', { s: 'xxxxxxxxxx' }))).status.message).toContain('cost limit exceeded');
});

test('names that JavaScript knows are names like any other', async () => {
  await policy('names', [
    patched('[JSONPatch{op: "add", path: "/data/__proto__", value: "p"}, JSONPatch{op: "add", path: "/data/constructor", value: "c"}]'),
    applied('Object{data: {"toString": "t"}}'),
  ]);
  const { data = {} } = await create('names', { a: 'b' });
  expect(Object.entries(data).sort()).toEqual([
    ['__proto__', 'p'],
    ['a', 'b'],
    ['constructor', 'c'],
    ['toString', 't'],
  ]);
  expect(({} as Record<string, unknown>)['p']).toBeUndefined();
  for (const [index, expression] of ['Object{__proto__: Object.__proto__{polluted: "yes"}}', 'Object{constructor: "x"}'].entries()) {
    await policy(`names-${index}`, [applied(expression)]);
    expect((await refusal(create(`names-${index}`, {}))).status.message).toContain('field not declared in schema');
  }
  for (const [index, path] of ['/__proto__/polluted', '/constructor/prototype/polluted'].entries()) {
    await policy(`paths-${index}`, [patched(`[JSONPatch{op: "add", path: "${path}", value: "yes"}]`)]);
    expect((await refusal(create(`paths-${index}`, {}))).status.message).toContain('doc is missing path');
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('what is the server’s own of metadata stays', async () => {
  await policy('owned', [
    patched(
      '[JSONPatch{op: "add", path: "/metadata/uid", value: "mine"}, JSONPatch{op: "add", path: "/metadata/creationTimestamp", value: "2001-01-01T00:00:00Z"}]',
    ),
    patched('[JSONPatch{op: "replace", path: "/metadata/managedFields", value: [{"manager": "mine"}]}]'),
  ]);
  await create('owned', { a: 'b' });
  const { metadata } = await cluster.client.get(CONFIG_MAPS, { namespace, name: 'owned' });
  expect(metadata.uid).not.toBe('mine');
  expect(metadata.creationTimestamp).not.toContain('2001');
  expect(metadata.managedFields?.map(({ manager }) => manager)).not.toContain('mine');
  for (const field of ['resourceVersion', 'namespace']) {
    const name = `owned-${field.toLowerCase()}`;
    await policy(name, [patched(`[JSONPatch{op: "add", path: "/metadata/${field}", value: "7"}]`)]);
    expect((await refusal(create(name, {}))).status.code).toBeGreaterThanOrEqual(400);
  }
});

test('variables know only those before them, so they cannot go in circles', async () => {
  const { status } = await refusal(
    policy('circle', [applied('Object{}')], {
      variables: [
        { name: 'a', expression: 'variables.b' },
        { name: 'b', expression: 'variables.a' },
      ],
    }),
  );
  expect(status.code).toBe(422);
  expect(status.message).toContain("undefined field 'b'");
});

test('policies have no say in policies, so that a bad one can be taken away', async () => {
  await policy('all', [patched('[JSONPatch{op: "add", path: "/metadata/nothing/x", value: "x"}]')], {
    matchConstraints: { resourceRules: [rule('*')] },
    matchConditions: [{ name: 'never-mind', expression: '!request.userInfo.username.startsWith("system:")' }],
  });
  expect((await refusal(create('anything', {}))).status.message).toContain("policy 'all' with binding 'all' denied request");
  await cluster.client.patch(MUTATING_ADMISSION_POLICIES, { name: 'all' }, 'merge', { metadata: { labels: { seen: 'yes' } } });
  await cluster.client.delete(MUTATING_ADMISSION_POLICY_BINDINGS, { name: 'all' });
  await cluster.client.delete(MUTATING_ADMISSION_POLICIES, { name: 'all' });
  await create('anything', {});
  await until(cluster.client, CONFIG_MAPS, { namespace, name: 'anything' }, () => true);
});

test('a thousand parameters are a thousand evaluations', async () => {
  for (let i = 0; i < 1000; i++)
    await cluster.client.create(CONFIG_MAPS, { metadata: { name: `param-${i}`, namespace, labels: { param: 'yes' } } });
  const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, reinvocationPolicy: 'Never' };
  const paramRef = { selector: { matchLabels: { param: 'yes' } }, parameterNotFoundAction: 'Deny' };
  await policy('params', [patched('[JSONPatch{op: "add", path: "/data/" + params.metadata.name, value: "x"}]')], spec, { paramRef });
  const { data = {} } = await create('params', { a: 'b' });
  expect(Object.keys(data)).toHaveLength(1001);
});
