// Sets of completion indexes, held as intervals: a job may have many indexes, most of them in a few runs.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
import { parseIndexes } from '../../registry/batch/indexes.js';

type Interval = readonly [first: number, last: number];

/** Immutable. */
export interface IndexSet {
  readonly size: number;
  has(index: number): boolean;
  /** The smallest index from this one on that is not in the set. */
  nextAbsent(index: number): number;
  /** This set and these indexes. */
  with(indexes: Iterable<number>): IndexSet;
  /** How many of the other's indexes this one has. */
  sizeOfCommon(other: IndexSet): number;
  readonly intervals: readonly Interval[];
  /** As statuses write it: `0-2,4,5`. */
  toString(): string;
}

/** Reads a list such as `0,3-5`, leaving out indexes that are `completions` or more; a list that cannot be read counts up to its mistake. */
export function readIndexes(text: string, completions: number): IndexSet {
  const { intervals } = parseIndexes(text, Number.POSITIVE_INFINITY);
  const within = intervals.filter(([first]) => first < completions);
  return indexSet(joined(within.map(([first, last]) => [first, Math.min(last, completions - 1)])));
}

function joined(sorted: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const [first, last] of sorted) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) result[result.length - 1] = [previous[0], Math.max(previous[1], last)];
    else result.push([first, last]);
  }
  return result;
}

function indexSet(intervals: readonly Interval[]): IndexSet {
  let size = 0;
  for (const [first, last] of intervals) size += last - first + 1;
  /** The interval that has the index. */
  const find = (index: number): Interval | undefined => {
    let low = 0;
    let high = intervals.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const interval = intervals[middle]!;
      if (index < interval[0]) high = middle - 1;
      else if (index > interval[1]) low = middle + 1;
      else return interval;
    }
    return undefined;
  };
  const set: IndexSet = {
    size,
    intervals,
    has: (index) => find(index) !== undefined,
    nextAbsent: (index) => (find(index)?.[1] ?? index - 1) + 1,
    with(indexes) {
      const added = [...indexes].filter((index) => find(index) === undefined).map((index): Interval => [index, index]);
      return added.length === 0 ? set : indexSet(joined([...intervals, ...added].sort((a, b) => a[0] - b[0])));
    },
    sizeOfCommon(other) {
      let common = 0;
      let place = 0;
      for (const [first, last] of intervals) {
        while (place < other.intervals.length && other.intervals[place]![1] < first) place++;
        for (let i = place; i < other.intervals.length && other.intervals[i]![0] <= last; i++) {
          const [from, to] = other.intervals[i]!;
          common += Math.min(last, to) - Math.max(first, from) + 1;
        }
      }
      return common;
    },
    toString: () => intervals.map(textOf).join(','),
  };
  return set;
}

/** Two indexes are listed, more are a range. */
function textOf([first, last]: Interval): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}
