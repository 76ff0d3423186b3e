// Random objects of a schema's shape, for tests.
import * as fc from 'fast-check';
import type { SchemaNode } from '../../schema/node.js';

/** Draws one value; fast-check shrinks by what is drawn. */
type Draw = fc.GeneratorValue;

const deepest = 7;

const text = fc.string({ unit: 'binary', maxLength: 40 });
/** As the JSON parser gives it: without negative zeros. */
const json: fc.Arbitrary<unknown> = fc
  .json({ maxDepth: 2 })
  .map((value) => JSON.parse(value) as unknown)
  .filter((value) => value !== null);
const seconds = fc.integer({ min: -2_000_000_000, max: 200_000_000_000 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));

/** What a client might send; lists and maps are not empty, since protobuf knows no empty ones. Kind and apiVersion of what is an object itself are left out. */
export function randomObject(draw: Draw, node: SchemaNode, depth = 0): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  const isKind = depth === 0 || /\.(DeleteOptions|PersistentVolumeClaim)$/.test(node.name);
  for (const field of node.fields.values()) {
    if (isKind && (field.name === 'kind' || field.name === 'apiVersion')) continue;
    if (draw(fc.nat, { max: depth < 3 ? 1 : depth < deepest ? 5 : 99 }) !== 0) continue;
    const value = randomValue(draw, field.node, depth + 1);
    if (value !== undefined) output[field.name] = value;
  }
  return output;
}

function randomValue(draw: Draw, node: SchemaNode, depth: number): unknown {
  switch (node.type) {
    case 'object':
      return randomObject(draw, node, depth);
    case 'array':
      return Array.from({ length: draw(fc.integer, { min: 1, max: 3 }) }, () => randomValue(draw, node.items!, depth + 1));
    case 'map':
      return Object.fromEntries([0, 1].map(() => [draw(() => text), randomValue(draw, node.additional!, depth + 1)]));
    case 'string':
      return node.format === 'byte' ? Buffer.from(draw(() => text)).toString('base64') : draw(() => text);
    case 'integer':
      return node.format === 'int32' ? draw(fc.integer) : draw(fc.maxSafeInteger);
    case 'number':
      return draw(() => number);
    case 'boolean':
      return draw(fc.boolean);
    case 'intOrString':
      return draw(fc.boolean) ? draw(fc.integer) : draw(() => text);
    case 'quantity':
      return `${draw(fc.integer, { min: -1000, max: 100000 })}${draw(fc.constantFrom, '', 'm', 'k', 'Mi', 'G')}`;
    case 'time':
      return new Date(draw(() => seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    case 'microTime':
      return new Date(draw(() => seconds) * 1000)
        .toISOString()
        .replace(/\.\d+Z$/, `.${String(draw(fc.nat, { max: 999_999 })).padStart(6, '0')}Z`);
    case 'any':
      return node.additional === undefined ? draw(() => json) : randomUnion(draw, node, node.additional, depth);
  }
}

function randomUnion(draw: Draw, node: SchemaNode, schema: SchemaNode, depth: number): unknown {
  if (draw(fc.boolean)) return randomObject(draw, schema, depth + 1);
  if (node.name.endsWith('OrBool')) return draw(fc.boolean);
  if (node.name.endsWith('OrStringArray')) return [draw(() => text)];
  return [randomObject(draw, schema, depth + 1)];
}
