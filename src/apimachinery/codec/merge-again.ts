// A key that comes again in a JSON text: what its second value makes of the first, which the real server has in its structs by then.
import { isRecord } from '../object.js';
import { setField, type FieldsDraft } from '../fields.js';
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

/** Objects with more keys than the ones that come after them take these in, instead of going over to each of them. */
const manyKeys = 64;

/** Merges what comes again in one text, in time in proportion to the text. */
export class Merger {
  /** How many keys merged objects have. */
  readonly #sizes = new Map<object, number>();

  constructor(private readonly twice: Twice) {}

  /** The value of a key of an object of type `node` that had the value `first`. Both are changed; what `twice` tells of the keys of what is returned stays true. */
  at(node: SchemaNode, key: string, first: unknown, second: unknown): unknown {
    const field = node.fields.get(key);
    // The values of a map are not looked at again.
    return field === undefined ? second : this.#merged(field.node, first, second, isHeld(field));
  }

  #merged(node: SchemaNode, first: unknown, second: unknown, held: boolean): unknown {
    if (second === null) {
      if (!held) return null;
      // It is a number from then on.
      return node.type === 'intOrString' && typeof first === 'string' ? 0 : first;
    }
    if (node.type === 'array' && Array.isArray(first) && Array.isArray(second)) {
      const { items } = node;
      const shared = Math.min(first.length, second.length);
      if (items !== undefined)
        for (let index = 0; index < shared; index++) second[index] = this.#merged(items, first[index], second[index], true);
    } else if ((node.type === 'object' || node.type === 'map') && isRecord(first) && isRecord(second)) {
      return this.#object(node, first, second);
    }
    return second;
  }

  #object(node: SchemaNode, first: FieldsDraft, second: FieldsDraft): FieldsDraft {
    const known = this.#sizeOf(first);
    const fresh = this.#sizeOf(second);
    const isLarge = known > manyKeys && known > fresh;
    const [into, from] = isLarge ? [first, second] : [second, first];
    let size = isLarge ? known : fresh;
    for (const key of Object.keys(from)) {
      const both = Object.hasOwn(into, key);
      if (!both) size++;
      setField(into, key, both ? this.at(node, key, first[key], second[key]) : from[key]);
    }
    this.#sizes.set(into, size);
    const told = this.twice.get(first);
    const more = this.twice.get(second);
    if (told !== undefined && more !== undefined) for (const one of more) told.push(one);
    const all = told ?? more;
    if (all !== undefined) this.twice.set(into, all);
    return into;
  }

  #sizeOf(object: FieldsDraft): number {
    return this.#sizes.get(object) ?? Object.keys(object).length;
  }
}
