// A key that comes again in a JSON text: what its second value makes of the first, which the real server has in its structs by then.
import { isRecord } from '../object.js';
import { setField } from '../fields.js';
import type { SchemaField, SchemaNode } from '../schema/node.js';

/** The keys that an object has twice, each with the number of different keys before its second occurrence. */
export type Twice = Map<object, { key: string; after: number }[]>;

/** What is at a key of an object or map, or in a list. */
export function nodeBelow(node: SchemaNode | undefined, key: string | undefined): SchemaNode | undefined {
  switch (node?.type) {
    case 'object':
      return node.fields.get(key ?? '')?.node;
    case 'map':
      return node.additional;
    case 'array':
      return node.items;
    default:
      return undefined;
  }
}

/** The value of a key of an object of type `node` that had the value `first`. `second` is changed; what `twice` tells of its keys stays true. */
export function mergedAt(node: SchemaNode, key: string, first: unknown, second: unknown, twice: Twice): unknown {
  const field = node.fields.get(key);
  // The values of a map are not looked at again.
  return field === undefined ? second : merged(field.node, first, second, isHeld(field), twice);
}

/** Whether the field holds its value itself, so that null leaves it as it was. Null takes away what it only points to. */
function isHeld({ node, whenEmpty }: SchemaField): boolean {
  switch (node.type) {
    case 'object':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'intOrString':
      return whenEmpty === 'omitted' || whenEmpty === 'zero';
    case 'any':
      return node.name.endsWith('.RawExtension');
    default:
      return false;
  }
}

function merged(node: SchemaNode, first: unknown, second: unknown, held: boolean, twice: Twice): unknown {
  if (second === null) {
    if (!held) return null;
    // It is a number from then on.
    return node.type === 'intOrString' && typeof first === 'string' ? 0 : first;
  }
  if (node.type === 'array' && Array.isArray(first) && Array.isArray(second)) {
    const { items } = node;
    const shared = Math.min(first.length, second.length);
    if (items !== undefined)
      for (let index = 0; index < shared; index++) second[index] = merged(items, first[index], second[index], true, twice);
  } else if ((node.type === 'object' || node.type === 'map') && isRecord(first) && isRecord(second)) {
    for (const key of Object.keys(first))
      setField(second, key, Object.hasOwn(second, key) ? mergedAt(node, key, first[key], second[key], twice) : first[key]);
    const known = twice.get(first);
    if (known !== undefined) twice.set(second, [...known, ...(twice.get(second) ?? [])]);
  }
  return second;
}
