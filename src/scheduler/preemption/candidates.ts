// The node on which the removal of pods does the least harm.
import type { NodeInfo, PodInfo } from '../framework.js';
import { startOf } from './importance.js';

export interface Candidate {
  readonly node: NodeInfo;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  /** Victims whose disruption a budget does not allow. */
  readonly violations: number;
}

/** Priorities may be negative: so each victim counts, and fewer victims of equal priority sum up to less. */
const shift = 2 ** 31;

/** The smaller, the better; the first that differs decides. */
const measures: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => highestPriority(victims),
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + shift, 0),
  ({ victims }) => victims.length,
  // The youngest, so that what runs long goes on.
  ({ victims }) => -earliestStart(victims),
];

function highestPriority(victims: readonly PodInfo[]): number {
  return victims.reduce((most, { priority }) => Math.max(most, priority), -Infinity);
}

/** Of the victims of the highest priority. */
function earliestStart(victims: readonly PodInfo[]): number {
  const highest = highestPriority(victims);
  return victims.reduce((earliest, pod) => (pod.priority === highest ? Math.min(earliest, startOf(pod)) : earliest), Infinity);
}

/** Undefined when there is none. */
export function bestCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const measure of measures) {
    if (left.length < 2) break;
    const values = left.map(measure);
    const least = values.reduce((one, other) => Math.min(one, other), Infinity);
    left = left.filter((_, index) => values[index] === least || (least === Infinity && values[index] === Infinity));
  }
  return left[0];
}
