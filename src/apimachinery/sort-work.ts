// Sorts long lists in slices.
import { Steps, type Work } from '../clock/slices.js';

/** So many are sorted at once. */
const run = 1024;

/** The list in order, a new one: of texts by code unit unless told otherwise. Equal ones stay in their order. */
export function* sorted<T>(list: readonly T[], compare?: (a: T, b: T) => number): Work<T[]> {
  if (list.length <= run) return list.slice().sort(compare);
  const order = compare ?? ((a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0));
  let runs: T[][] = [];
  for (let from = 0; from < list.length; from += run) {
    runs.push(list.slice(from, from + run).sort(compare));
    yield;
  }
  const steps = new Steps(run);
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [a, b] = [runs[index]!, runs[index + 1]];
      merged.push(b === undefined ? a : yield* mergedRuns(a, b, order, steps));
    }
    runs = merged;
  }
  return runs[0]!;
}

function* mergedRuns<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number, steps: Steps): Work<T[]> {
  const result: T[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (steps.due()) yield;
    result.push(compare(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!);
  }
  for (; i < a.length; i++) result.push(a[i]!);
  for (; j < b.length; j++) result.push(b[j]!);
  return result;
}
