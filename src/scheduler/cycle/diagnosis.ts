// The sentence that says why a pod found no node.
import type { Failure } from './failure.js';

/** `3 Insufficient cpu, 1 Too many pods`, in the order of the texts with their counts. */
export function histogram(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

export function raise(counts: Map<string, number>, reason: string, by = 1): void {
  if (by > 0) counts.set(reason, (counts.get(reason) ?? 0) + by);
}

/** The message of the `FailedScheduling` event and of the condition. @param tried what the PostFilter plugins said */
export function describeFailure({ nodes, podRejection, rejections, leftOut, leftOutBy }: Failure, tried: readonly string[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const said = tried.filter((text) => text !== '').join(', ');
  const why = podRejection === undefined ? summary(rejections, leftOut, leftOutBy) : podRejection.message;
  return `0/${nodes} nodes are available: ${why}.${said === '' ? '' : ` ${said}`}`;
}

function summary(rejections: Failure['rejections'], leftOut: number, leftOutBy: string | undefined): string {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections.values()) for (const reason of reasons) raise(counts, reason);
  raise(counts, `node(s) didn't satisfy plugin(s) [${leftOutBy ?? ''}]`, leftOut);
  return histogram(counts);
}
