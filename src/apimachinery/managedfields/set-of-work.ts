// The fields that a long configuration names, in slices: what is long is gone through part by part, all else at once.
import { Steps, type Work } from '../../clock/slices.js';
import { isRecord } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { isLong, markLong, surelyLong } from '../schema/weigh.js';
import { sorted } from '../sort-work.js';
import { emptySet, isEmptySet, type FieldSet, type FieldSetDraft } from './field-set.js';
import { indexItemsWork } from './list-items.js';
import { compareElements } from './path-element.js';
import { asMember, fieldsIn, setOf } from './set-of.js';
import { structureOf, type Structure } from './structure.js';

/** How many parts are looked at at a time. */
const batch = 256;

/** {@link setOf}, which yields in the midst of a long object. */
export function* setOfWork(node: SchemaNode, object: unknown): Work<FieldSet> {
  if (!isLong(object)) return setOf(node, object);
  return (yield* partsIn(structureOf(node), object, new Steps(batch))) ?? emptySet;
}

/** As `fieldsIn` does. */
function* partsIn(structure: Structure, value: unknown, steps: Steps): Work<FieldSet | undefined> {
  if (isLong(value)) {
    switch (structure.shape) {
      case 'struct':
      case 'map':
      case 'deduced':
        return isRecord(value) ? yield* namedFields(structure, value, steps) : emptySet;
      case 'set':
      case 'list':
        return yield* namedItems(structure, value, steps);
      default:
    }
  }
  return fieldsIn(structure, value);
}

function* namedFields(structure: Structure, value: Readonly<Record<string, unknown>>, steps: Steps): Work<FieldSet | undefined> {
  const result: FieldSetDraft = {};
  let count = 0;
  for (const name of yield* sorted(Object.keys(value))) {
    if (steps.due()) yield;
    const place = structure.place(name);
    if (place?.untracked === true) continue;
    const below = place?.structure ?? structure.below(name);
    if (below === undefined || value[name] === undefined) continue;
    const set = isLong(value[name]) ? yield* partsIn(below, value[name], steps) : fieldsIn(below, value[name]);
    if (set === undefined || (structure.isObject && name === 'metadata' && isEmptySet(set))) continue;
    if (place === undefined) result[`f:${name}`] = asMember(set);
    else result[place.element] = set;
    count++;
  }
  if (count === 0) return undefined;
  if (count > surelyLong) markLong(result);
  return result;
}

function* namedItems(structure: Structure, value: unknown, steps: Steps): Work<FieldSet> {
  const result: FieldSetDraft = {};
  const { order, items, duplicates } = yield* indexItemsWork(structure, value, steps);
  for (const element of yield* sorted(order, compareElements)) {
    if (steps.due()) yield;
    const found = items.get(element);
    // Of several items with the same keys the first counts.
    const item = duplicates.has(element) ? (found as readonly unknown[])[0] : found;
    const set =
      structure.shape === 'set' ? undefined : isLong(item) ? yield* partsIn(structure.items, item, steps) : fieldsIn(structure.items, item);
    result[element] = structure.shape === 'set' ? emptySet : asMember(set ?? emptySet);
  }
  if (order.length > surelyLong) markLong(result);
  return result;
}
