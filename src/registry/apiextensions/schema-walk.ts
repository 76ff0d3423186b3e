// The schemas inside a schema, in order, with their paths.
import { isRecord } from '../../apimachinery/object.js';
import { finish, Steps, type Work } from '../../clock/slices.js';

export type Schema = Readonly<Record<string, unknown>>;

export interface ChildSchema {
  readonly field: string;
  readonly schema: Schema;
  /** Where it is: a field's or an element's own schema, or a rule about the value beside it. */
  readonly place: 'property' | 'item' | 'logic';
}

const logicLists = ['allOf', 'anyOf', 'oneOf'] as const;

/** The properties by name. */
export function propertiesOf(schema: Schema): readonly (readonly [name: string, schema: Schema])[] {
  if (!isRecord(schema.properties)) return [];
  const { properties } = schema;
  return Object.keys(properties)
    .sort()
    .flatMap((name) => (isRecord(properties[name]) ? [[name, properties[name]] as const] : []));
}

/** The rules beside the type: `allOf`, `anyOf`, `oneOf`, `not`. */
export function logicOf(field: string, schema: Schema): readonly ChildSchema[] {
  const children: ChildSchema[] = [];
  for (const name of logicLists) {
    const list = schema[name];
    if (!Array.isArray(list)) continue;
    (list as unknown[]).forEach((one, index) => {
      if (isRecord(one)) children.push({ field: `${field}.${name}[${index}]`, schema: one, place: 'logic' });
    });
  }
  if (isRecord(schema.not)) children.push({ field: `${field}.not`, schema: schema.not, place: 'logic' });
  return children;
}

/** The schemas of fields, of values and of elements. */
export function structureOf(field: string, schema: Schema): readonly ChildSchema[] {
  const children: ChildSchema[] = propertiesOf(schema).map(([name, property]) => ({
    field: `${field}.properties[${name}]`,
    schema: property,
    place: 'property',
  }));
  if (isRecord(schema.additionalProperties)) {
    children.push({ field: `${field}.additionalProperties`, schema: schema.additionalProperties, place: 'property' });
  }
  if (isRecord(schema.items)) children.push({ field: `${field}.items`, schema: schema.items, place: 'item' });
  return children;
}

export function childrenOf(field: string, schema: Schema): readonly ChildSchema[] {
  return [...structureOf(field, schema), ...logicOf(field, schema)];
}

/** Schemas nested deeper than this are not looked into. */
const deepest = 200;

const keywords = ['additionalProperties', 'items', 'not'] as const;

/** The schemas right inside a schema, without their paths: quick, for whoever looks at very many. */
function insideOf(schema: Schema): readonly Schema[] {
  const found: Schema[] = [];
  const { properties } = schema;
  if (isRecord(properties)) for (const name of Object.keys(properties).sort()) if (isRecord(properties[name])) found.push(properties[name]);
  for (const name of keywords) if (isRecord(schema[name])) found.push(schema[name]);
  for (const name of logicLists) {
    const list = schema[name];
    if (Array.isArray(list)) for (const one of list as unknown[]) if (isRecord(one)) found.push(one);
  }
  return found;
}

/** Whether this holds for the schema or one inside it; looked at in the order in which they stand. */
export function* someSchema(schema: Schema, holds: (schema: Schema) => boolean, steps: Steps): Work<boolean> {
  if (steps.due()) yield;
  if (holds(schema)) return true;
  for (const inner of insideOf(schema)) if (yield* someSchema(inner, holds, steps)) return true;
  return false;
}

function* isShallow(schema: Schema, left: number, steps: Steps): Work<boolean> {
  if (steps.due()) yield;
  if (left < 0) return false;
  for (const inner of insideOf(schema)) if (!(yield* isShallow(inner, left - 1, steps))) return false;
  return true;
}

/** What was looked at already: a memo, not state. */
const shallow = new WeakMap<Schema, boolean>();

/** The value as a schema, unless it is none or nested too deeply to be looked into. */
export function* boundedWork(value: unknown, steps: Steps): Work<Schema | undefined> {
  if (!isRecord(value)) return undefined;
  let known = shallow.get(value);
  if (known === undefined) shallow.set(value, (known = yield* isShallow(value, deepest, steps)));
  return known ? value : undefined;
}

/** {@link boundedWork} at once: quick for what was looked at before. */
export function boundedSchema(value: unknown): Schema | undefined {
  return finish(boundedWork(value, new Steps()));
}
