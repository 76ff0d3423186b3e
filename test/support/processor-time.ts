// How long work keeps the processor: unlike the time that passes, it does not grow when others use the machine.

/** Does the work at once; what it returns, and the milliseconds of the processor that this process used meanwhile. */
export function processorTime<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, milliseconds: (user + system) / 1000 };
}
