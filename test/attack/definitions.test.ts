// Definitions of custom resources that contain themselves, are nested without end, or say what none may say. The words are a real kube-apiserver's.
import { Victim, type Answer } from './attacker.js';

const group = 'definitions.example.com';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const victim = new Victim();

beforeAll(() => victim.start(), 60_000);
afterAll(() => victim.stop());

/** Creates a definition whose `spec` has this schema, given as text: some of them no program could build. */
function define(plural: string, spec: string): Promise<Answer> {
  const names = JSON.stringify({ plural, kind: plural.charAt(0).toUpperCase() + plural.slice(1) });
  const version = `{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":${spec}}}}}`;
  const body = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"${plural}.${group}"},"spec":{"group":"${group}","scope":"Cluster","names":${names},"versions":[${version}]}}`;
  return victim.ask('POST', definitions, { body });
}

const place = 'spec.validation.openAPIV3Schema.properties[spec]';

test.each([
  ['refer to themselves', '{"$ref":"#"}', `${place}.$ref: Forbidden: $ref is not supported`],
  [
    'define to refer',
    '{"type":"object","definitions":{"a":{"type":"string"}}}',
    `${place}.definitions: Forbidden: definitions is not supported`,
  ],
  ['have names by pattern', '{"type":"object","patternProperties":{"(a+)+":{"type":"string"}}}', `${place}.patternProperties: Forbidden: patternProperties is not supported`], // prettier-ignore
  ['want elements to differ', '{"type":"array","uniqueItems":true,"items":{"type":"string"}}', 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'], // prettier-ignore
  ['depend', '{"type":"object","dependencies":{"a":["b"]}}', `${place}.dependencies: Forbidden: dependencies is not supported`],
  ['are of no type', '{}', `${place}.type: Required value: must not be empty for specified object fields`],
])('that %s are refused', async (_what, spec, words) => {
  const { status, text } = await define('words', spec);
  expect(status).toBe(422);
  expect((JSON.parse(text) as { readonly message: string }).message).toContain(words);
});

test('that are nested without end are refused, and end nothing', async () => {
  for (const depth of [20_000, 60_000]) {
    const { status, text } = await define(
      'nested',
      `${'{"type":"object","properties":{"a":'.repeat(depth)}{"type":"string"}${'}}'.repeat(depth)}`,
    );
    expect([depth, status]).toEqual([depth, 400]);
    expect(text).toContain('exceeded max depth');
  }
});

test('keys of them that are names of JavaScript are names like others', async () => {
  const { status, text } = await define(
    'named',
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"toString":{"type":"integer"}}}',
  );
  expect([status, status === 201 ? '' : text]).toEqual([201, '']);
  expect(Object.keys({})).toEqual([]);
  expect('type' in {}).toBe(false);
});

test('no attack was a bug of the server', () => expect(victim.bugs).toEqual([]));
