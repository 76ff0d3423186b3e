// Which of two pods matters more.
import type { PodInfo } from '../framework.js';

/** Milliseconds since the epoch; a pod that has not started is the youngest. */
export function startOf({ pod }: PodInfo): number {
  const time = pod.status?.startTime;
  return time === undefined ? Infinity : Date.parse(time);
}

/** For sorting: the more important first, by priority, then by how long it runs. */
export function byImportance(one: PodInfo, other: PodInfo): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  const [started, otherStarted] = [startOf(one), startOf(other)];
  return started === otherStarted ? 0 : started < otherStarted ? -1 : 1;
}
