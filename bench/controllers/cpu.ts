// The CPU time of processes, from /proc.
import { readFileSync } from 'node:fs';

/** Ticks of `/proc/PID/stat` are hundredths of a second on Linux. */
const ticksPerSecond = 100;

/** What these processes have used so far; undefined where there is no /proc. */
export function cpuSeconds(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => {
      // The name, in parentheses, may have blanks in it.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    }, 0);
  } catch {
    return undefined;
  }
}
