// Clusters whose time a test moves by hand.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { manualClock, startCluster, type Cluster, type ClusterOptions } from '../../src/index.js';

type ManualClock = ReturnType<typeof manualClock>;

/** Starts a cluster on a manual clock, moving it on as far as the start needs. */
export async function startByHand(
  options: Omit<ClusterOptions, 'clock'> = {},
): Promise<{ readonly cluster: Cluster; readonly clock: ManualClock }> {
  const clock = manualClock();
  let settled = false;
  const starting = startCluster({ ...options, clock }).finally(() => (settled = true));
  // Keys are made outside of the clock's time; whoever looks only for them lets them come first.
  starting.catch(() => undefined);
  // Time stands still until something waits for it, so that every start takes the same time of the clock.
  while (!settled) await (clock.pending() > 0 ? clock.advance(10) : nextTurn());
  return { cluster: await starting, clock };
}

/**
 * Moves time on in steps until `check` gives something, and gives that with the milliseconds it took.
 * Rejects when that takes more than `most` milliseconds of the cluster's time.
 */
export async function advanceUntil<T>(
  clock: ManualClock,
  most: number,
  check: () => Promise<T | undefined>,
  step = 1000,
): Promise<{ readonly value: T; readonly took: number }> {
  for (let took = 0; took <= most; took += step) {
    const value = await check();
    if (value !== undefined) return { value, took };
    await clock.advance(step);
  }
  throw new Error(`not as wanted after ${most / 1000} s of the cluster's time`);
}

/** Stops it; what that waits for may need time too. */
export async function stopByHand(cluster: Cluster, clock: ManualClock): Promise<void> {
  let settled = false;
  const stopping = cluster.stop().finally(() => (settled = true));
  while (!settled) await clock.advance(10);
  await stopping;
}
