// Lets many events of a large set become one piece of work.

/** Many fewer than a reconcile looks at in a millisecond, so that it takes a small part of the time. */
const objectsPerMillisecond = 10;
const longest = 500;

/**
 * How many milliseconds to wait before a reconcile that looks at `count` objects. Without it, n events about n objects would
 * cost n² looks. Small sets do not wait.
 */
export function coalescingDelay(count: number): number {
  return Math.min(Math.floor(count / objectsPerMillisecond), longest);
}
