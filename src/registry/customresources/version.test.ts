import { processorTime } from '../../../test/support/processor-time.js';
import { finish, type Work } from '../../clock/slices.js';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import type { Found } from './version.js';
import { compileSchemas } from '../../apimachinery/schema/compile.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import { parseJson } from '../../apimachinery/codec/json.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { loadFacts } from '../index.js';
import { schemaSourceOf } from '../facts.js';
import { CustomVersion } from './version.js';

/** All that is found, at once. */
const schemaErrors = (found: Found): readonly FieldError[] =>
  Array.isArray(found) ? (found as readonly FieldError[]) : finish(found as Work<readonly FieldError[]>);

const schemas = compileSchemas(schemaSourceOf(loadFacts()));
const versionOf = (spec: Record<string, unknown>): CustomVersion => {
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  return new CustomVersion({ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }, 'Thing', () =>
    schemas.schemaFor('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
  );
};
const objectOf = (spec: unknown): KubeObject =>
  ({ apiVersion: 'a.b/v1', kind: 'Thing', metadata: { name: 'x' }, spec }) as unknown as KubeObject;
const string = { type: 'string' };

describe('objects that were stored under another schema', () => {
  const version = versionOf({ type: 'object', properties: { a: string, b: { type: 'integer', default: 3 } } });

  test('are themselves when there is nothing to change', () => {
    const object = objectOf({ a: 'x', b: 1 });
    expect(version.settled(object)).toBe(object);
  });

  test('lose what is not known, and get what is missing', () => {
    const object = objectOf({ a: 'x', old: 1 });
    expect(version.settled(object)).toMatchObject({ spec: { a: 'x', b: 3 } });
    expect((version.settled(object) as unknown as { spec: object }).spec).not.toHaveProperty('old');
    expect(object).toEqual(objectOf({ a: 'x', old: 1 }));
  });
});

describe('hostile objects and schemas', () => {
  const read = (text: string, version: CustomVersion): Mutable => decodeObject(version.node, parseJson(Buffer.from(text))).object;

  test('a field __proto__ is a field like any other', () => {
    const text = '{"apiVersion":"a.b/v1","kind":"Thing","spec":{"__proto__":{"polluted":true},"a":"x"}}';
    const pruned = read(text, versionOf({ type: 'object', properties: { a: string } }));
    expect(JSON.stringify(pruned.spec)).toBe('{"a":"x"}');
    const kept = read(text, versionOf({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }));
    expect(JSON.stringify(kept.spec)).toBe('{"__proto__":{"polluted":true},"a":"x"}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((kept.spec as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a default of __proto__ is an own field', () => {
    const properties = JSON.parse('{"__proto__":{"type":"string","default":"x"}}') as Record<string, unknown>;
    const draft = { spec: {} } as Mutable;
    versionOf({ type: 'object', properties }).applyDefaults(draft);
    expect(JSON.stringify(draft.spec)).toBe('{"__proto__":"x"}');
  });

  test('a large default is not multiplied without end', () => {
    const large = Array.from({ length: 10_000 }, (_, index) => `value ${index}`);
    const item = { type: 'object', properties: { a: { type: 'array', items: string, default: large } } };
    const version = versionOf({ type: 'array', items: item });
    const draft = { spec: Array.from({ length: 10_000 }, () => ({})) } as Mutable;
    const { milliseconds } = processorTime(() => expect(() => version.applyDefaults(draft)).toThrow('Request entity too large'));
    expect(milliseconds).toBeLessThan(10_000);
  });

  test('a pattern that explodes elsewhere takes no time', () => {
    const version = versionOf({ type: 'string', pattern: '^(a+)+$' });
    const object = objectOf(`${'a'.repeat(50_000)}!`);
    const { result, milliseconds } = processorTime(() => schemaErrors(version.schemaErrors(object, undefined)));
    expect(result).toHaveLength(1);
    expect(milliseconds).toBeLessThan(10_000);
  });

  test('a deep schema is walked, and a deep object with it', () => {
    let schema: Record<string, unknown> = string;
    let text = '1';
    for (let depth = 0; depth < 400; depth++) {
      schema = { type: 'object', properties: { a: schema } };
      text = `{"a":${text}}`;
    }
    const version = versionOf(schema);
    const object = read(`{"apiVersion":"a.b/v1","kind":"Thing","spec":${text}}`, version);
    expect(schemaErrors(version.schemaErrors(object as unknown as KubeObject, undefined))).toMatchObject([
      { reason: 'FieldValueTypeInvalid' },
    ]);
  });

  test('an object that is wrong in very many places is told of some', () => {
    const version = versionOf({ type: 'array', items: { type: 'integer' } });
    expect(schemaErrors(version.schemaErrors(objectOf(Array.from({ length: 100_000 }, () => 'x')), undefined)).length).toBeLessThan(10_000);
  });
});
