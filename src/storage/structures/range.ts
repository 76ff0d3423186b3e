// Lists a range of current entries, or the range as it was: the one way that engines and cache page through keys.
import type { Entry } from '../store.js';
import { compareKeys } from './key-order.js';
import type { SortedList } from './sorted-list.js';

/** A key's place in a sorted list; its entry is replaced by each write. */
export interface Slot<V> {
  readonly key: string;
  readonly entry: Entry<V>;
}

export interface Range {
  readonly prefix: string;
  readonly from?: string | undefined;
  readonly limit?: number | undefined;
}

/** What differed in the past, by key. */
export type Past<V> = ReadonlyMap<string, Difference<V>>;

export interface Difference<V> {
  /** What the key had then; undefined when it was not there. */
  readonly then: Entry<V> | undefined;
  /** Whether the key is there now. */
  readonly now: boolean;
}

/**
 * The entries of a range in the order of keys, and how many follow the limit. The work grows with what is returned
 * and with the size of `past`; the rest is counted, not visited.
 */
export function listRange<V>(slots: SortedList<Slot<V>>, range: Range, past?: Past<V>): { entries: Entry<V>[]; remaining: number } {
  const { prefix, from, limit = 0 } = range;
  const first = from !== undefined && compareKeys(from, prefix) > 0 ? from : prefix;
  const end = slots.rankAfter(prefix);
  const start = Math.min(slots.rank(first), end);
  const most = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  const entries: Entry<V>[] = [];
  if (past === undefined || past.size === 0) {
    slots.forEach(start, Math.min(end, start + most), ({ entry }) => void entries.push(entry));
    return { entries, remaining: end - start - entries.length };
  }
  const { restored, hidden } = changes(prefix, first, past);
  let next = 0;
  slots.forEach(start, end, ({ key, entry }) => {
    while (next < restored.length && entries.length < most && compareKeys(restored[next]!.key, key) < 0) entries.push(restored[next++]!);
    if (entries.length >= most) return false;
    if (!past.has(key)) entries.push(entry);
    return true;
  });
  while (next < restored.length && entries.length < most) entries.push(restored[next++]!);
  return { entries, remaining: end - start - hidden + restored.length - entries.length };
}

/** The past entries in the range, sorted, and how many current ones they (or their absence) replace. */
function changes<V>(prefix: string, first: string, past: Past<V>): { restored: Entry<V>[]; hidden: number } {
  const restored: Entry<V>[] = [];
  let hidden = 0;
  for (const [key, { then, now }] of past) {
    if (!key.startsWith(prefix) || compareKeys(key, first) < 0) continue;
    if (then !== undefined) restored.push(then);
    if (now) hidden++;
  }
  restored.sort((a, b) => compareKeys(a.key, b.key));
  return { restored, hidden };
}
