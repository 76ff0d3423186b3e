// Lists of indexes as indexed jobs write them: `0,3-5,7`.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/

/** Both ends belong to it. */
type Interval = readonly [first: number, last: number];

export interface Indexes {
  /** In increasing order; those before the mistake when there is one. */
  readonly intervals: readonly Interval[];
  /** How many indexes the list names; 0 when it cannot be read. */
  readonly total: number;
  readonly problem?: string;
}

const most = 2 ** 31 - 1;

/** A number of the list, or what is wrong with it. */
function indexOf(text: string, completions: number): number | string {
  const value = Number(text);
  if (!/^[-+]?[0-9]+$/.test(text) || Math.abs(value) > most) return `cannot convert string to integer for index: ${JSON.stringify(text)}`;
  return value >= completions ? `too large index: ${JSON.stringify(text)}` : value;
}

function intervalOf(fragment: string, previous: number, completions: number): Interval | string {
  const parts = fragment.split('-');
  if (parts.length > 2) {
    return `the fragment ${JSON.stringify(fragment)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const first = indexOf(parts[0]!, completions);
  if (typeof first === 'string') return first;
  const last = parts.length === 1 ? first : indexOf(parts[1]!, completions);
  if (typeof last === 'string') return last;
  if (first <= previous) return `non-increasing order, previous: ${previous}, current: ${first}`;
  if (parts.length === 2 && last <= first) return `non-increasing order, previous: ${first}, current: ${last}`;
  return [first, last];
}

/** Reads a list of indexes below `completions`. */
export function parseIndexes(text: string, completions: number): Indexes {
  const intervals: Interval[] = [];
  let previous = -1;
  let total = 0;
  for (const fragment of text === '' ? [] : text.split(',')) {
    const interval = intervalOf(fragment, previous, completions);
    if (typeof interval === 'string') return { intervals, total: 0, problem: interval };
    intervals.push(interval);
    previous = interval[1];
    total += interval[1] - interval[0] + 1;
  }
  return { intervals, total };
}

/** The smallest index of both lists. */
export function firstCommonIndex(one: Indexes, other: Indexes): number | undefined {
  let left = 0;
  let right = 0;
  while (left < one.intervals.length && right < other.intervals.length) {
    const [from, to] = one.intervals[left]!;
    const [start, end] = other.intervals[right]!;
    const common = Math.max(from, start);
    if (common <= Math.min(to, end)) return common;
    if (to < end) left++;
    else right++;
  }
  return undefined;
}
