// Runs one operation many times, so many at once, and keeps how long each took.

export interface Outcome {
  readonly perSecond: number;
  /** Of every operation, in milliseconds. */
  readonly latencies: readonly number[];
  readonly errors: number;
}

/** Errors that are shown; more of the same help nobody. */
const shown = 3;

/** Operation i of n starts as soon as one of the workers is free. Errors are counted and never stop it. */
export async function parallel(n: number, workers: number, operation: (index: number) => Promise<unknown>): Promise<Outcome> {
  const latencies: number[] = new Array<number>(n).fill(0);
  let next = 0;
  let errors = 0;
  const started = performance.now();
  const work = async (): Promise<void> => {
    for (let index = next++; index < n; index = next++) {
      const begin = performance.now();
      try {
        await operation(index);
      } catch (error) {
        if (++errors <= shown) console.error(error instanceof Error ? error.message : String(error));
      }
      latencies[index] = performance.now() - begin;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { perSecond: (n * 1000) / (performance.now() - started), latencies, errors };
}

/** The value that a part of `share` (0 to 1) of the values is not above; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) * share)]!;
}
