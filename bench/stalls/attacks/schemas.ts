// Definitions whose schemas are circular, huge, deep or costly to compile.
import { definition, definitionsPath, group, object, type Schema } from '../definitions.js';
import { fields, list, template, type Attack, type Group } from '../world.js';

const spec = (schema: Schema): Schema => object({ spec: schema });
const string = { type: 'string' };

/** This schema in objects in objects. */
const nested = (depth: number): Schema => {
  let schema: Schema = string;
  for (let level = 0; level < depth; level++) schema = object({ a: schema });
  return schema;
};

/** The same as JSON: JSON.stringify goes only so deep. */
const nestedText = (depth: number): string =>
  `${'{"type":"object","properties":{"a":'.repeat(depth)}{"type":"string"}${'}}'.repeat(depth)}`;

const wide = (count: number, one: (index: number) => Schema): Schema => spec(object(fields(count, (index) => [`f${index}`, one(index)])));

/** As a field, and as the pattern of it. */
const patterns: Readonly<Record<string, string>> = {
  'the pattern (a+)+$': '(a+)+$',
  'the pattern ((a*)*)*b': '((a*)*)*b',
  'the pattern (a{100}){200}': '(a{100}){200}',
  'the pattern a{1000} five times': 'a{1000}'.repeat(5),
  'a pattern of 20,000 alternatives': list(20_000, (index) => `abcdefghij${index}`).join('|'),
  'a pattern nested 1,000 deep': `${'('.repeat(1000)}a${')'.repeat(1000)}`,
  'a pattern nested 100,000 deep': `${'('.repeat(100_000)}a${')'.repeat(100_000)}`,
  'a pattern of 1 MB': 'a'.repeat(1_000_000),
  'a pattern of 100,000 classes': '[a-z]'.repeat(100_000),
  'a pattern with \\pL 20,000 times': '\\pL'.repeat(20_000),
};

const schemasByTitle: Readonly<Record<string, Schema | string>> = {
  'circular by $ref': spec({ $ref: '#/properties/spec' }),
  'circular by $ref and definitions': { ...spec({ $ref: '#/definitions/a' }), definitions: { a: { $ref: '#/definitions/a' } } },
  '10,000 properties': wide(10_000, () => ({ type: 'string', minLength: 1 })),
  '30,000 properties': wide(30_000, () => ({ type: 'string' })),
  '10,000 properties with texts, 2.9 MB': wide(10_000, (index) => ({ type: 'string', description: `field ${index} ${'x'.repeat(220)}` })),
  '4,000 objects of 4 fields': wide(4000, () => object(fields(4, (index) => [`g${index}`, string]))),
  'nested 100 deep': nested(100),
  'nested 490 deep': nested(490),
  'nested 3,000 deep': nestedText(3000),
  'nested 50,000 deep': nestedText(50_000),
  'an enum of 100,000': spec({ type: 'string', enum: list(100_000, (index) => `value-${index}`) }),
  'an enum of 2,000 objects': spec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, enum: list(2000, (index) => ({ a: { b: index } })) }), // prettier-ignore
  'oneOf of 10,000': spec(object({ a: string }, { oneOf: list(10_000, (index) => ({ properties: { a: { pattern: `^a${index}$` } } })) })),
  'anyOf of 20,000 required fields': spec(object({ a: string }, { anyOf: list(20_000, () => ({ required: ['a'] })) })),
  'allOf nested 200 deep, twice each': spec(object({ a: string }, { allOf: [list(200).reduce<Schema>((inner) => ({ allOf: [inner, { required: ['a'] }] }), { required: ['a'] })] })), // prettier-ignore
  'not nested 1,000 deep': spec(
    object({ a: string }, { not: list(1000).reduce<Schema>((inner) => ({ not: inner }), { required: ['a'] }) }),
  ),
  '50,000 required fields': spec(object({ a: string }, { required: list(50_000, (index) => `f${index}`) })),
  'a default of 1 MB': spec(object({ a: { type: 'string', default: 'x'.repeat(1_000_000) } })),
  'a default of 100,000 numbers': spec(object({ a: { type: 'array', items: { type: 'integer' }, default: list(100_000) } })),
  'a default of 20,000 objects': spec(object({ a: { type: 'array', items: object({ b: { type: 'string', default: 'x' } }), default: list(20_000, () => ({})) } })), // prettier-ignore
  'defaults in 10,000 fields': wide(10_000, () => ({ type: 'string', default: 'x' })),
  '5,000 patterns': wide(5000, (index) => ({ type: 'string', pattern: `^[a-z]{1,63}-${index}(a|b)*$` })),
  'a list map of 20,000 keys': spec({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': list(20_000, (index) => `k${index}`), items: object(fields(5, (index) => [`k${index}`, string])) }), // prettier-ignore
  ...Object.fromEntries(Object.entries(patterns).map(([title, pattern]) => [title, spec(object({ a: { type: 'string', pattern } }))])),
};

const columns = (count: number, path: (index: number) => string): Schema => ({
  additionalPrinterColumns: list(count, (index) => ({ name: `c${index}`, type: 'string', jsonPath: path(index) })),
});

const withSpec = object({ spec: object({ a: string }) });

export const schemas: Group = {
  name: 'definitions',
  attacks: async ({ ask }) => {
    let count = 0;
    const attack = (title: string, body: unknown): Attack => {
      const bytes = template(body);
      const made = count++;
      // Names of their own: what was removed lingers for a moment.
      const plural = (round: number): string => `s${made}x${round}`;
      return {
        title,
        run: (round) => ask('POST', definitionsPath, { body: bytes(plural(round)) }),
        restore: (round) => ask('DELETE', `${definitionsPath}/${plural(round)}.${group}`),
      };
    };
    const rules = (count: number): Schema =>
      spec(
        object({ a: string }, { 'x-kubernetes-validations': list(count, (index) => ({ rule: `!has(self.a) || self.a != 'a${index}'` })) }),
      );
    return [
      ...Object.entries(schemasByTitle).map(([title, schema]) =>
        attack(
          title,
          typeof schema === 'string'
            ? JSON.stringify(definition('$NAME', { text: '' })).replace('{"text":""}', () => schema)
            : definition('$NAME', schema),
        ),
      ),
      attack('10 rules', definition('$NAME', rules(10))),
      attack('500 rules', definition('$NAME', rules(500))),
      attack('10,000 rules', definition('$NAME', rules(10_000))),
      attack('5,000 printer columns', definition('$NAME', withSpec, { version: columns(5000, (index) => `.spec.a${index}`) })),
      attack('a printer column with a path of 1 MB', definition('$NAME', withSpec, { version: columns(1, () => '.a'.repeat(500_000)) })),
      attack(
        'a printer column of 100,000 brackets',
        definition('$NAME', withSpec, { version: columns(1, () => `.a${'['.repeat(100_000)}`) }),
      ),
      attack('a printer column of 20,000 filters', definition('$NAME', withSpec, { version: columns(1, () => `.a${'[?(@.b==1)]'.repeat(20_000)}`) })), // prettier-ignore
      attack('1,000 selectable fields', definition('$NAME', withSpec, { version: { selectableFields: list(1000, (index) => ({ jsonPath: `.spec.a${index}` })) } })), // prettier-ignore
      attack('1,000 versions', definition('$NAME', withSpec, { spec: { versions: list(1000, (index) => ({ name: `v${index + 1}`, served: true, storage: index === 0, schema: { openAPIV3Schema: withSpec } })) } })), // prettier-ignore
      attack('50,000 short names', definition('$NAME', withSpec, { spec: { names: { plural: '$NAME', kind: 'Kind$NAME', shortNames: list(50_000, (index) => `s${index}`), categories: list(50_000, (index) => `c${index}`) } } })), // prettier-ignore
    ];
  },
};
