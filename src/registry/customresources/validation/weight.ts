// How much work a schema makes of each part of a value.
import { isRecord } from '../../../apimachinery/object.js';
import type { Schema } from '../../apiextensions/schema-walk.js';

/** So many values of an enumeration are looked at in the time of a part. */
const valuesOfPart = 32;

/** A memo, not state: it goes with the schema. */
const known = new WeakMap<Schema, number>();

/** How many times as long as usual the costliest part of a value takes: all alternatives of a place are tried, and those within them. */
export function weightOf(schema: Schema): number {
  const before = known.get(schema);
  if (before !== undefined) return before;
  let weight = 1;
  for (const name of ['anyOf', 'oneOf', 'allOf'] as const) for (const one of schemasIn(schema[name])) weight += weightOf(one);
  if (isRecord(schema.not)) weight += weightOf(schema.not);
  if (Array.isArray(schema.enum)) weight += Math.floor((schema.enum as readonly unknown[]).length / valuesOfPart);
  let below = 1;
  if (isRecord(schema.items)) below = weightOf(schema.items);
  if (isRecord(schema.additionalProperties)) below = Math.max(below, weightOf(schema.additionalProperties));
  if (isRecord(schema.properties)) for (const one of schemasIn(Object.values(schema.properties))) below = Math.max(below, weightOf(one));
  weight = Math.max(weight, below);
  known.set(schema, weight);
  return weight;
}

function schemasIn(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
}
