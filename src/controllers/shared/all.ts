// Work on many things, a bounded number at once.

/** Calls `work` with every item, `width` at once. Resolves with the errors, in no promised order. */
export async function forEachBounded<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<Error[]> {
  const failures: Error[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++] as T;
      try {
        await work(item);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return failures;
}
