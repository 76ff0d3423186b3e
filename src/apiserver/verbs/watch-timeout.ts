// How long a watch may take. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { Random } from '../../clock/random.js';

/** How long a watch lasts at least when nobody says how long, in milliseconds; at most twice as long, so that not all end together. */
const shortest = 30 * 60_000;

/**
 * The time of a watch in milliseconds; 0 or less when it is over before it begins. The real server counts in nanoseconds of 64 bits, so that times
 * of more than 292 years come round to the other side.
 */
export function watchTimeout(seconds: number | undefined, random: Random): number {
  const nanoseconds = seconds === undefined ? 0n : BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n);
  return nanoseconds === 0n ? shortest * (1 + random.next()) : Number(nanoseconds / 1_000_000n);
}
