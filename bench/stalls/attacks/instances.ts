// Custom resources as large as are allowed, in all ways of writing them.
import { collection, define, instance, kindOf, group, object, open, type Schema } from '../definitions.js';
import { change, creation, expected, fields, flood, list, type Attack, type Group, type World } from '../world.js';

const json = 'application/json';
const merge = 'application/merge-patch+json';
const applied = 'application/apply-patch+yaml';

const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const record = object({ a: { type: 'integer', minimum: 0 }, b: { type: 'string', pattern: '^[a-z]+$' } });

/** The value of one object for each definition, by title. */
const schemas: Readonly<Record<string, { readonly schema: Schema; readonly spec: unknown }>> = {
  'a pattern (a+)+$ on 2.8 MB': { schema: object({ spec: object({ s: { type: 'string', pattern: '(a+)+$' } }) }), spec: { s: `${'a'.repeat(2_800_000)}b` } }, // prettier-ignore
  'a pattern (a+)+$ on 100,000 texts': { schema: object({ spec: object({ l: { type: 'array', items: { type: 'string', pattern: '(a+)+$' } } }) }), spec: { l: list(100_000, () => 'aaaaaaaaaaaaab') } }, // prettier-ignore
  'an enum of 10,000 on 50,000 texts': { schema: object({ spec: object({ l: { type: 'array', items: { type: 'string', enum: list(10_000, (at) => `v${at}`) } } }) }), spec: { l: list(50_000, (at) => `v${at % 10_000}`) } }, // prettier-ignore
  'an enum of 500 objects on 5,000': { schema: object({ spec: object({ l: { type: 'array', items: { ...open, enum: list(500, (at) => ({ a: { b: at } })) } } }) }), spec: { l: list(5000, (at) => ({ a: { b: at % 500 } })) } }, // prettier-ignore
  'oneOf of 1,000 on 500 objects': { schema: object({ spec: object({ l: { type: 'array', items: object({ a: { type: 'string' } }, { oneOf: list(1000, (at) => ({ properties: { a: { enum: [`v${at}`] } } })) }) } }) }), spec: { l: list(500, (at) => ({ a: `v${at}` })) } }, // prettier-ignore
  '50,000 errors': {
    schema: object({ spec: object({ l: { type: 'array', items: record } }) }),
    spec: { l: list(50_000, () => ({ a: -1, b: 'X' })) },
  },
  '60,000 records': {
    schema: object({ spec: object({ l: { type: 'array', items: record } }) }),
    spec: { l: list(60_000, (at) => ({ a: at, b: 'x' })) },
  },
  '100,000 fields that are pruned': {
    schema: object({ spec: object({ s: { type: 'string' } }) }),
    spec: fields(100_000, (at) => [`f${at}`, 1]),
  },
  '50,000 defaults in records': { schema: object({ spec: object({ l: { type: 'array', items: object(fields(3, (at) => [`d${at}`, { type: 'string', default: 'x' }])) } }) }), spec: { l: list(50_000, () => ({})) } }, // prettier-ignore
  'a default of 1 MB in each of 100': { schema: object({ spec: object({ l: { type: 'array', items: object({ d: { type: 'string', default: 'x'.repeat(100_000) } }) } }) }), spec: { l: list(100, () => ({})) } }, // prettier-ignore
  'a set of 60,000': { schema: object({ spec: object({ l: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } }) }), spec: { l: list(60_000, (at) => `v${at}`) } }, // prettier-ignore
  'a map of 40,000': { schema: object({ spec: object({ l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'], items: object({ a: { type: 'integer' } }, { required: ['a'] }) } }) }), spec: { l: list(40_000, (at) => ({ a: at })) } }, // prettier-ignore
  '30,000 dates': { schema: object({ spec: object({ l: { type: 'array', items: { type: 'string', format: 'date-time' } } }) }), spec: { l: list(30_000, () => '2026-01-02T03:04:05Z') } }, // prettier-ignore
  '60,000 addresses': { schema: object({ spec: object({ l: { type: 'array', items: { type: 'string', format: 'ipv4' } } }) }), spec: { l: list(60_000, () => '10.1.2.3') } }, // prettier-ignore
};

export const instances: Group = {
  name: 'custom resources',
  attacks: async (world) => {
    const attacks: Attack[] = [];
    for (const [index, [title, { schema, spec }]] of Object.entries(schemas).entries()) {
      const plural = `instances${index}`;
      attacks.push(creation(world, title, await define(world, plural, schema), instance(plural, spec)));
    }
    const path = await define(world, 'opens', open);
    const [keys, numbers, records] = [fields(40_000, (at) => [`k${at}`, 'v']), list(200_000), list(30_000, (at) => ({ a: at, b: 'text' }))];
    const body = (spec: unknown): unknown => instance('opens', spec);
    const small = body({ a: 1 });
    return [
      ...attacks,
      creation(world, 'create, 40,000 keys', path, body(keys)),
      creation(world, 'create, 200,000 numbers', path, body({ l: numbers })),
      creation(world, 'create, 900,000 empty objects', path, body({ l: list(900_000, () => ({})) })),
      creation(
        world,
        'create, nested 9,000 deep',
        path,
        JSON.stringify(body(0)).replace('"spec":0', () => `"spec":${deep(9000)}`),
      ),
      creation(
        world,
        'create, nested 400,000 deep',
        path,
        JSON.stringify(body(0)).replace('"spec":0', () => `"spec":${deep(400_000)}`),
      ),
      creation(world, 'create, a number of 2.8 MB', path, JSON.stringify(body(0)).replace('"spec":0', () => `"spec":{"a":${'9'.repeat(2_800_000)}}`)), // prettier-ignore
      creation(world, 'create, one key 300,000 times', path, JSON.stringify(body(0)).replace('"spec":0', () => `"spec":{${list(300_000, () => '"k":1').join(',')}}`)), // prettier-ignore
      creation(world, 'create, text of 2.8 MB', path, body({ s: 'x'.repeat(2_800_000) })),
      change(world, 'update, 40,000 keys', path, { before: body(keys), method: 'PUT', type: json, body: body(fields(40_000, (at) => [`k${at}`, 'w'])), query: '' }), // prettier-ignore
      change(world, 'merge patch, 40,000 keys', path, { before: small, type: merge, body: { spec: keys } }),
      change(world, 'merge patch that removes 40,000 keys', path, { before: body(keys), type: merge, body: { spec: fields(40_000, (at) => [`k${at}`, null]) } }), // prettier-ignore
      change(world, 'JSON patch of 10,000 operations', path, { before: small, type: 'application/json-patch+json', body: list(10_000, (at) => ({ op: 'add', path: `/spec/k${at}`, value: at })) }), // prettier-ignore
      change(world, 'JSON patch with a value of 2.8 MB', path, { before: small, type: 'application/json-patch+json', body: [{ op: 'add', path: '/spec/l', value: list(60_000, (at) => ({ a: at, b: 'text' })) }] }), // prettier-ignore
      change(world, 'strategic merge patch, refused', path, { before: small, type: 'application/strategic-merge-patch+json', body: { spec: keys } }), // prettier-ignore
      change(world, 'apply, 40,000 keys', path, { type: applied, body: body(keys), query: '?fieldManager=a' }),
      change(world, 'apply over 40,000 keys of another', path, { before: body(keys), type: applied, body: body(fields(40_000, (at) => [`k${at}`, 'w'])), query: '?fieldManager=a' }), // prettier-ignore
      change(world, 'apply over 40,000 keys of another, by force', path, { before: body(keys), type: applied, body: body(fields(40_000, (at) => [`k${at}`, 'w'])), query: '?fieldManager=a&force=true' }), // prettier-ignore
      change(world, 'apply of 30,000 records', path, { type: applied, body: body({ l: records }), query: '?fieldManager=a' }),
      ...selection(world),
    ];
  },
};

/** Thousands of objects, looked for by a field. */
function selection(world: World): readonly Attack[] {
  const plural = 'selected';
  const path = collection(plural);
  const count = 20_000;
  let made: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    const schema = object({ spec: object({ color: { type: 'string' }, list: { type: 'array', items: { type: 'integer' } } }) });
    const columns = ['.spec.list[?(@>1)]', '.spec..color', '.spec.list[*]', '.spec.list[-1:]', '.metadata.labels.a\\.b', ".spec['color']"];
    await define(world, plural, schema, {
      version: {
        selectableFields: [{ jsonPath: '.spec.color' }],
        additionalPrinterColumns: columns
          .filter((_, index) => index !== 0)
          .map((jsonPath, index) => ({ name: `c${index}`, type: 'string', jsonPath })),
      },
    });
    const answers = await flood(
      count,
      (index) =>
      world.ask('POST', path, { body: { apiVersion: `${group}/v1`, kind: kindOf(plural), metadata: { name: `s${index}` }, spec: { color: `c${index % 100}`, list: list(20) } } }), // prettier-ignore
    );
    for (const answer of answers) expected(answer, 201, plural);
  };
  const prepare = (): Promise<void> => (made ??= make());
  const get = (title: string, query: string, accept = json): Attack => ({
    title: `${title} of ${count.toLocaleString('en-US')}`,
    prepare,
    run: () => world.ask('GET', `${path}?${query}`, { headers: { accept } }),
  });
  const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  return [
    get('a selectable field', 'fieldSelector=spec.color%3Dc7'),
    get('a selectable field that is not so', 'fieldSelector=spec.color%21%3Dc7'),
    get('a selectable field, one at a time,', 'fieldSelector=spec.color%3Dc99&limit=1'),
    get('odd printer columns', '', table),
  ];
}
