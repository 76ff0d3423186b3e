// Definitions, objects and roles that make the server work for long: it does so in slices, and answers others meanwhile.
import { resources } from '../../src/index.js';
import { eventually, Victim, type Answer } from './attacker.js';
import { longestSlice } from './slices.js';

const group = 'stalls.example.com';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const victim = new Victim();

/**
 * Milliseconds of the processor for one slice. On a machine of its own no slice of these attacks takes more than 50; here the tests' own client and
 * the collection of the garbage of all tests are in the same thread. Without slices each attack takes from 0.4 to 20 seconds at once.
 */
const longestOfAll = 250;

beforeAll(() => victim.start(), 60_000);
afterAll(() => victim.stop());

type Schema = Readonly<Record<string, unknown>>;
const objectOf = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const many = (count: number, make: (index: number) => unknown): Schema =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, make(index)]));
const listOf = (items: Schema, maxItems = 1000): Schema => ({ type: 'array', maxItems, items });
const integer: Schema = { type: 'integer' };

function definition(plural: string, spec: Schema): Schema {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind: plural.charAt(0).toUpperCase() + plural.slice(1) },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: objectOf({ spec }) } }],
    },
  };
}

/** Creates it and, if it is taken, waits until it is served. */
async function define(plural: string, spec: Schema): Promise<Answer> {
  const answer = await victim.ask('POST', definitions, { body: JSON.stringify(definition(plural, spec)) });
  if (answer.status === 201)
    await eventually('it is served', async () => (await victim.ask('GET', `/apis/${group}/v1/namespaces/attack/${plural}`)).status === 200);
  return answer;
}

function create(plural: string, name: string, spec: unknown): Promise<Answer> {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1);
  const body = JSON.stringify({ apiVersion: `${group}/v1`, kind, metadata: { name }, spec });
  return victim.ask('POST', `/apis/${group}/v1/namespaces/attack/${plural}`, { body });
}

/** The attack, in slices. */
async function sliced(attack: () => Promise<Answer>): Promise<Answer> {
  const { result, longest, whole } = await longestSlice(attack);
  // On a machine where everything takes several times as long, the whole does too.
  expect(longest).toBeLessThan(Math.max(longestOfAll, whole / 3));
  return result;
}

const messageOf = ({ text }: Answer): string => (JSON.parse(text) as { readonly message: string }).message;

describe('definitions', () => {
  beforeAll(() => define('warm', objectOf({ some: { type: 'string', pattern: '^a$', default: 'a' } })));

  test.each([
    ['fields', objectOf(many(11_000, () => objectOf({ one: { type: 'string', description: 'x'.repeat(30) } })))],
    ['patterns', objectOf(many(12_000, (index) => ({ type: 'string', description: 'x'.repeat(60), pattern: `^a${index}$` })))],
    ['defaults', objectOf(many(7000, () => objectOf({ one: { type: 'string', default: 'x' } }, { default: { one: 'y' } })))],
    ['rules', objectOf(many(3000, (index) => ({ ...integer, 'x-kubernetes-validations': [{ rule: `self > ${index} || self == 0` }] })))],
    [
      'alternatives',
      objectOf({ one: { type: 'string', oneOf: Array.from({ length: 15_000 }, (_, index) => ({ pattern: `^x${index}$` })) } }),
    ],
  ])('with thousands of %s are taken', async (name, spec) => {
    expect((await sliced(() => define(`many${name}`, spec))).status).toBe(201);
  });

  test('and what is told of them all is made in slices too', async () => {
    // Without the bodies, which would be the work of the test's own client.
    const head = (path: string): Promise<Answer> =>
      victim.ask('HEAD', path, { headers: { 'Accept-Encoding': 'gzip', Connection: 'close' } });
    expect((await sliced(() => head('/openapi/v2'))).status).toBe(200);
    expect((await sliced(() => head(`/openapi/v3/apis/${group}/v1`))).status).toBe(200);
  });

  test('that are more than three mebibytes are refused', async () => {
    const large = objectOf(many(30_000, () => ({ type: 'string', description: 'x'.repeat(100) })));
    expect((await sliced(() => define('large', large))).status).toBe(413);
  });
});

describe('patterns', () => {
  test.each([
    ['copies without end', '(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}'],
    ['a long text many times', `(${'abcdefgh'.repeat(500)}){1000}`],
    ['very many groups', '(a|b)'.repeat(20_000)],
  ])('of %s are refused', async (_name, pattern) => {
    const answer = await sliced(() => define('exploding', objectOf({ one: { type: 'string', pattern } })));
    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain('pattern: Invalid value');
    expect(messageOf(answer)).toContain("must be a valid regular expression, but isn't: error parsing regexp: ");
  });

  test('that take other engines an exponential time are quick', async () => {
    await define('patterns', objectOf({ one: { type: 'string', pattern: '^(a+)+$' }, two: { type: 'string', pattern: '^(a|a)*b$' } }));
    expect((await sliced(() => create('patterns', 'one', { one: 'a'.repeat(500_000) }))).status).toBe(201);
    expect((await sliced(() => create('patterns', 'two', { two: 'a'.repeat(500_000) }))).status).toBe(422);
  });
});

describe('rules', () => {
  test('that spend all that one may are refused', async () => {
    const rules = [{ rule: 'self.one.all(x, self.two.all(y, x != y || x == y))' }];
    await define('nested', objectOf({ one: listOf(integer), two: listOf(integer) }, { 'x-kubernetes-validations': rules }));
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    const answer = await sliced(() => create('nested', 'one', { one: numbers, two: numbers }));
    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain(
      "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule",
    );
  });

  test('that together spend all that an object may are refused', async () => {
    const rules = Array.from({ length: 8 }, (_, index) => ({ rule: `self.map(x, x * 2).filter(x, x > ${index}).all(x, x < 100000)` }));
    await define('sums', objectOf({ lists: listOf({ ...listOf(integer, 300), 'x-kubernetes-validations': rules }, 300) }));
    const lists = Array.from({ length: 300 }, () => Array.from({ length: 300 }, (_, index) => index));
    expect((await sliced(() => create('sums', 'few', { lists: lists.slice(0, 30) }))).status).toBe(201);
    const most = await sliced(() => create('sums', 'most', { lists }));
    expect(most.status).toBe(422);
    expect(messageOf(most)).toContain('validation failed due to running out of cost budget, no further validation rules will be run');
  });

  test('whose estimate is too large are refused with their definition', async () => {
    const unbounded = { type: 'array', items: { type: 'array', items: integer } };
    const rules = [{ rule: 'self.one.all(x, self.one.all(y, x.all(z, y.all(u, z != u))))' }];
    const answer = await sliced(() => define('estimated', objectOf({ one: unbounded }, { 'x-kubernetes-validations': rules })));
    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain('estimated rule cost exceeds budget by factor of more than 100x');
  });
});

test('a policy of many expressions that spend all is refused, and others do not wait for it', async () => {
  const registration = '/apis/admissionregistration.k8s.io/v1';
  const expression = 'object.data.all(k, object.data.all(l, k != l || k == l))';
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'stalls' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        objectSelector: { matchLabels: { attack: 'stalls' } },
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      validations: Array.from({ length: 12 }, () => ({ expression })),
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'stalls' },
    spec: { policyName: 'stalls', validationActions: ['Deny'] },
  };
  expect((await victim.ask('POST', `${registration}/validatingadmissionpolicies`, { body: JSON.stringify(policy) })).status).toBe(201);
  expect((await victim.ask('POST', `${registration}/validatingadmissionpolicybindings`, { body: JSON.stringify(binding) })).status).toBe(
    201,
  );
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'heavy', labels: { attack: 'stalls' } },
    data: many(2000, () => 'x'),
  };
  const post = (): Promise<Answer> => victim.ask('POST', '/api/v1/namespaces/attack/configmaps', { body: JSON.stringify(map) });
  await eventually('the policy works', async () => (await post()).status === 422);
  expect(messageOf(await sliced(post))).toContain('operation cancelled: actual cost limit exceeded');
}, 60_000);

test('a role is compared with thousands of rules in time that does not grow with their square', async () => {
  const authorization = '/apis/rbac.authorization.k8s.io/v1';
  const roleOf = (name: string, count: number, verbs: readonly string[]): Schema => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['create'] },
      ...Array.from({ length: count }, (_, index) => ({ apiGroups: [`g${index}`], resources: [`r${index}`], verbs })),
    ],
  });
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'huge' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'huge' },
    subjects: [{ kind: 'User', name: 'holder', apiGroup: 'rbac.authorization.k8s.io' }],
  };
  const post = (path: string, value: unknown, headers = {}): Promise<Answer> =>
    victim.ask('POST', `${authorization}/${path}`, { body: JSON.stringify(value), headers });
  expect((await post('clusterroles', roleOf('huge', 8000, ['get']))).status).toBe(201);
  expect((await post('clusterrolebindings', binding)).status).toBe(201);
  const as = { 'Impersonate-User': 'holder' };
  expect((await sliced(() => post('clusterroles', roleOf('same', 3000, ['get']), as))).status).toBe(201);
  expect((await sliced(() => post('clusterroles', roleOf('more', 3000, ['get', 'list']), as))).status).toBe(403);
});

test('thousands of objects are deleted at once in slices', async () => {
  const { CONFIG_MAPS } = resources;
  for (let index = 0; index < 3000; index++)
    await victim.cluster.client.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `many-${index}`, namespace: 'attack' },
    });
  expect((await sliced(() => victim.ask('DELETE', '/api/v1/namespaces/attack/configmaps'))).status).toBe(200);
  expect((await victim.cluster.client.list(CONFIG_MAPS, { namespace: 'attack' })).items).toEqual([]);
}, 60_000);

test('no attack was a bug of the server', () => expect(victim.bugs).toEqual([]));
