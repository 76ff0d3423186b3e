// The fields that an applied configuration names.
import { isRecord } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { emptySet, isEmptySet, type FieldSet, type FieldSetDraft } from './field-set.js';
import { itemsInOrder, sortTexts } from './list-items.js';
import { structureOf, type Structure } from './structure.js';

/**
 * All fields of an object: its leaves, its list items and what is empty. Left out is what nobody owns: apiVersion, kind and the parts of
 * metadata that name the object or that the server sets.
 */
export function setOf(node: SchemaNode, object: unknown): FieldSet {
  return fieldsIn(structureOf(node), object) ?? emptySet;
}

/** Undefined: nothing is named (only untracked fields). */
export function fieldsIn(structure: Structure, value: unknown): FieldSet | undefined {
  switch (structure.shape) {
    case 'struct':
    case 'map':
    case 'deduced':
      return isRecord(value) ? namedFields(structure, value) : emptySet;
    case 'set':
    case 'list':
      return namedItems(structure, value);
    default:
      return emptySet;
  }
}

function namedFields(structure: Structure, value: Readonly<Record<string, unknown>>): FieldSet | undefined {
  const result: FieldSetDraft = {};
  let any = false;
  let seen = false;
  for (const name of sortTexts(Object.keys(value))) {
    seen = true;
    const place = structure.place(name);
    if (place?.untracked === true) continue;
    const below = place?.structure ?? structure.below(name);
    if (below === undefined || value[name] === undefined) continue;
    const set = fieldsIn(below, value[name]);
    if (set === undefined || (structure.isObject && name === 'metadata' && isEmptySet(set))) continue;
    // An entry of a map is a member like a list's item; a field of a struct only when it is a leaf or empty.
    if (place === undefined) result[`f:${name}`] = asMember(set);
    else result[place.element] = set;
    any = true;
  }
  return any ? result : seen ? undefined : emptySet;
}

/** An empty list names nothing, null does. */
function namedItems(structure: Structure, value: unknown): FieldSet | undefined {
  if (Array.isArray(value) && value.length === 0) return undefined;
  const result: FieldSetDraft = {};
  for (const { element, item } of itemsInOrder(structure, value)) {
    result[element] = structure.shape === 'set' ? emptySet : asMember(fieldsIn(structure.items, item) ?? emptySet);
  }
  return result;
}

export function asMember(set: FieldSet): FieldSet {
  return isEmptySet(set) ? emptySet : { '.': emptySet, ...set };
}
