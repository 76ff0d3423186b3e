// Takes away what is applied no longer, in slices: what is long is gone through part by part, all else at once.
import { Steps, type Work } from '../../clock/slices.js';
import { setField } from '../fields.js';
import { isRecord } from '../object.js';
import { isLong, markLong, surelyLong } from '../schema/weigh.js';
import { emptySet, isMember, type FieldSet } from './field-set.js';
import { itemElement } from './list-items.js';
import { isGone, prune } from './merge.js';
import type { Structure } from './structure.js';

/** How many parts are looked at at a time. */
const batch = 256;

/** {@link prune}, which yields in the midst of long values. */
export function* pruneWork(
  structure: Structure,
  value: unknown,
  last: FieldSet,
  managed: FieldSet,
  steps = new Steps(batch),
): Work<unknown> {
  if (!isLong(last) || !isLong(value)) return prune(structure, value, last, managed);
  if (isRecord(value)) return yield* pruneFields(structure, value, last, managed, steps);
  return Array.isArray(value) && structure.shape !== 'leaf'
    ? yield* pruneItems(structure, value, last, managed, steps)
    : prune(structure, value, last, managed);
}

function* pruneFields(
  structure: Structure,
  value: Readonly<Record<string, unknown>>,
  last: FieldSet,
  managed: FieldSet,
  steps: Steps,
): Work<unknown> {
  const gone = new Set<string>();
  const changed = new Map<string, unknown>();
  for (const element of Object.keys(last)) {
    if (steps.due()) yield;
    const name = element.slice(2);
    if (element === '.' || !Object.hasOwn(value, name)) continue;
    const below = structure.below(name);
    if (below === undefined || structure.place(name)?.untracked === true) continue;
    const kept = managed[element];
    if (isGone(structure, name, last[element]!, kept)) {
      gone.add(name);
      continue;
    }
    const left = yield* pruneWork(below, value[name], last[element]!, kept ?? emptySet, steps);
    if (left !== value[name]) changed.set(name, left);
  }
  if (gone.size === 0 && changed.size === 0) return value;
  const result: Record<string, unknown> = {};
  let count = 0;
  for (const name of Object.keys(value)) {
    if (steps.due()) yield;
    if (gone.has(name)) continue;
    setField(result, name, changed.has(name) ? changed.get(name) : value[name]);
    count++;
  }
  if (count >= surelyLong) markLong(result);
  return result;
}

function* pruneItems(
  structure: Structure,
  value: readonly unknown[],
  last: FieldSet,
  managed: FieldSet,
  steps: Steps,
): Work<readonly unknown[]> {
  let same = true;
  const result: unknown[] = [];
  for (const item of value) {
    if (steps.due()) yield;
    const element = itemElement(structure, item);
    const before = element === undefined ? undefined : last[element];
    if (element === undefined || before === undefined) {
      result.push(item);
      continue;
    }
    const kept = managed[element];
    if (isMember(before) && (kept === undefined || !isMember(kept))) {
      same = false;
      continue;
    }
    const left = structure.shape === 'set' ? item : yield* pruneWork(structure.items, item, before, kept ?? emptySet, steps);
    if (left !== item) same = false;
    result.push(left);
  }
  return same ? value : result;
}
