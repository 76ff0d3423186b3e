// How long this thread works without letting others have their turn: processor time of the thread, which does not depend on how busy the machine is.
import { existsSync, readFileSync } from 'node:fs';

const counter = '/proc/thread-self/schedstat';

/** Milliseconds of the processor that this thread has had; of the whole process where the system does not tell them apart. */
function spent(): number {
  if (existsSync(counter)) return Number(readFileSync(counter, 'latin1').split(' ')[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs the work, and resolves to its result, to the longest time of the processor, in milliseconds, between two turns of the event loop meanwhile, and to
 * what all of it took.
 * Everything in this process counts: the server, the client and the collection of garbage.
 */
export async function longestSlice<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly longest: number; readonly whole: number }> {
  let longest = 0;
  const start = spent();
  let last = start;
  const look = (): void => {
    const now = spent();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 2);
  try {
    const result = await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
    look();
    return { result, longest, whole: last - start };
  } finally {
    clearInterval(timer);
  }
}
