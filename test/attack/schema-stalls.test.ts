// Patterns, rules and conditions that take long, and large objects: the server does the work in slices, comes to the right answer, and answers others meanwhile.
import { eventually, Victim, type Answer } from './attacker.js';
import { longestSlice } from './slices.js';

const group = 'schema-stalls.example.com';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const registration = '/apis/admissionregistration.k8s.io/v1';
const victim = new Victim();

beforeAll(() => victim.start(), 60_000);
afterAll(() => victim.stop());

/**
 * Milliseconds of the processor for one slice, as in stalls.test.ts: a server of its own needs less than 50, and here the tests' client and the collection
 * of garbage are in the same thread. At once these attacks take from 0.2 to 20 seconds.
 */
const longestOfAll = 250;

type Schema = Readonly<Record<string, unknown>>;
const objectOf = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });

/** Letters that look like chance: texts that no automaton has seen before. */
const chaos = (() => {
  let last = 1;
  const letter = (): string => 'ab'[((last = (Math.imul(last, 1_103_515_245) + 12_345) >>> 0) >>> 16) & 1]!;
  return Array.from({ length: 100_000 }, letter).join('');
})();

async function define(plural: string, spec: Schema): Promise<Answer> {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1);
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: objectOf({ spec }) } }];
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind }, versions },
  };
  const answer = await victim.ask('POST', definitions, { body: JSON.stringify(body) });
  expect([plural, answer.status, answer.status === 201 ? '' : answer.text]).toEqual([plural, 201, '']);
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

describe('patterns that make automata explode, on texts of 100 kB', () => {
  const patterns = {
    counted: '(aa|bb|ab|ba){900}$',
    remembered: '^(a|b)*a(a|b){100}$',
    optional: '(a?b?){500}c',
    alternative: '(x{500}|.{1000}y)',
  };
  beforeAll(async () => {
    await define(
      'patterns',
      objectOf(Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [name, { type: 'string', pattern }]))),
    );
    await define('lists', objectOf({ list: { type: 'array', items: { type: 'string', pattern: '(a|b)*a(a|b){90}$' } } }));
  });

  const remembers = chaos[chaos.length - 101] === 'a';
  test.each([
    ['counted', chaos, true],
    ['remembered', chaos, remembers],
    ['optional', chaos.slice(0, 8000), false],
    ['optional', `${chaos.slice(0, 8000)}c`, true],
    ['alternative', chaos, false],
    ['alternative', `${chaos}y`, true],
  ] as const)('%s', async (name, text, good) => {
    const answer = await sliced(() => create('patterns', `x-${Math.abs(text.length)}-${name}`, { [name]: text }));
    expect([answer.status, answer.status === 422 ? messageOf(answer).slice(-50) : '']).toEqual(
      good ? [201, ''] : [422, expect.stringContaining(`should match '${patterns[name]}'`.slice(-50))],
    );
  });

  test('in each of a hundred elements', async () => {
    const list = Array.from({ length: 100 }, (_, index) => chaos.slice(index * 900, index * 900 + 900));
    const wrong = list.filter((text) => text.at(-91) !== 'a').length;
    const answer = await sliced(() => create('lists', 'many', { list }));
    expect(answer.status).toBe(422);
    expect(messageOf(answer).match(/should match/g)).toHaveLength(wrong);
  });

  test('others are answered meanwhile', async () => {
    let answers = 0;
    const attack = create('patterns', 'meanwhile', { counted: chaos.slice(1) });
    let over = false;
    void attack.finally(() => (over = true));
    while (!over) {
      await victim.ask('GET', '/api/v1/namespaces/attack');
      if (!over) answers++;
    }
    expect((await attack).status).toBe(201);
    expect(answers).toBeGreaterThan(2);
  });
});

describe('rules with such patterns', () => {
  test.each([
    ['matches', "self.text.matches('^(a|b)*a(a|b){99}$') == (self.text.substring(99900, 99901) == 'a')", true],
    ['finds', "self.text.find('(a|b){1000}').size() == 1000", true],
    ['findalls', "self.text.findAll('(a|b){990}').size() == 101", true],
    ['absorbs', "self.text.findAll('(a|b){980}c').size() > 0 || self.text.matches('(a|b){970}c')", false],
  ])('%s', async (plural, rule, good) => {
    await define(plural, objectOf({ text: { type: 'string', maxLength: 100_000 } }, { 'x-kubernetes-validations': [{ rule }] }));
    const answer = await sliced(() => create(plural, 'one', { text: chaos }));
    expect([answer.status, good ? '' : messageOf(answer)]).toEqual(good ? [201, ''] : [422, expect.stringContaining('failed rule: ')]);
  });
});

test('what rules take is counted', async () => {
  const metrics = (await victim.ask('GET', '/metrics')).text;
  const count = (family: string): number =>
    Number(new RegExp(`^apiserver_cel_${family}_duration_seconds_count (\\d+)`, 'm').exec(metrics)?.[1]);
  // Four definitions with rules at one place; their objects have rules below the root.
  expect([count('compilation'), count('evaluation')]).toEqual([4, 8]);
});

test('match conditions of webhooks are evaluated in slices', async () => {
  const configuration = (name: string, expressions: readonly string[]): Schema => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        // Nobody is there: it would be an error to ask.
        clientConfig: { url: 'https://127.0.0.1:9/' },
        objectSelector: { matchLabels: { attack: name } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        matchConditions: expressions.map((expression, index) => ({ name: `condition-${index}`, expression })),
      },
    ],
  });
  const map = (name: string): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { attack: 'conditions' } }, data: { text: chaos } });
  const costly = Array.from({ length: 3 }, (_, index) => `object.data.text.find('(a|b){${1000 - index}}') != ''`);
  const body = JSON.stringify(configuration('conditions', [...costly, "object.metadata.name == 'asked'"]));
  expect((await victim.ask('POST', `${registration}/validatingwebhookconfigurations`, { body })).status).toBe(201);
  const post = (name: string): Promise<Answer> =>
    victim.ask('POST', '/api/v1/namespaces/attack/configmaps?dryRun=All', { body: map(name) });
  await eventually('the webhook is asked', async () => messageOf(await post('asked')).includes('failed calling webhook'));
  expect((await sliced(() => post('spared'))).status).toBe(201);
  const metrics = (await victim.ask('GET', '/metrics')).text;
  const labels = 'kind="webhook",name="conditions.example.com",operation="CREATE"';
  expect(metrics).toMatch(new RegExp(`^apiserver_admission_match_condition_exclusions_total{${labels},type="validate"} \\d`, 'm'));
  expect(metrics).toMatch(
    new RegExp(`^apiserver_admission_match_condition_evaluation_seconds_count{${labels},type="validating"} \\d`, 'm'),
  );
  expect(metrics).not.toContain('apiserver_admission_match_condition_evaluation_errors_total{');
});

describe('objects of a megabyte', () => {
  const count = 8000;
  const fields = (make: (index: number) => unknown): Schema =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, make(index)]));

  test('of very many fields', async () => {
    await define(
      'wide',
      objectOf(fields(() => objectOf({ one: { type: 'string', maxLength: 100 }, two: { type: 'integer', minimum: 1 } }))),
    );
    const spec = (two: number): Schema => fields(() => ({ one: 'x'.repeat(60), two }));
    expect((await sliced(() => create('wide', 'good', spec(1)))).status).toBe(201);
    expect((await sliced(() => create('wide', 'bad', spec(0)))).status).toBe(422);
  });

  test('under many alternatives', async () => {
    const alternative = (index: number): Schema => ({
      properties: { list: { items: { properties: { one: { pattern: `^${index}+$` } } } } },
    });
    const list = { type: 'array', items: objectOf({ one: { type: 'string' }, two: { type: 'string' } }) };
    await define('choices', objectOf({ list }, { oneOf: Array.from({ length: 20 }, (_, index) => alternative(index)) }));
    const spec = (one: string): Schema => ({ list: Array.from({ length: count }, (_, index) => ({ one, two: `v${index}` })) });
    expect((await sliced(() => create('choices', 'good', spec('3')))).status).toBe(201);
    const bad = await sliced(() => create('choices', 'bad', spec('x')));
    expect([bad.status, messageOf(bad).includes('must validate one and only one schema (oneOf). Found none valid')]).toEqual([422, true]);
  });

  test('of lists whose elements must differ', async () => {
    const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } };
    await define('differing', objectOf({ set }));
    const values = Array.from({ length: 40_000 }, (_, index) => `v${index}`);
    expect((await sliced(() => create('differing', 'good', { set: values }))).status).toBe(201);
    const bad = await sliced(() => create('differing', 'bad', { set: [...values, 'v7'] }));
    expect([bad.status, messageOf(bad).includes('Duplicate value: "v7"')]).toEqual([422, true]);
  });
});

test('no attack was a bug of the server', () => expect(victim.bugs).toEqual([]));
