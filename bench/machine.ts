// The machine that figures were taken on: without it they say little.
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted to run in the last minute: above 0.5 or so before the start, others were at work. */
  readonly loadBefore: number;
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()}`,
    node: process.version,
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** For the head of a table. */
export function lineOf({ cores, processor, memoryGB, system, node, loadBefore }: Machine): string {
  return `${cores} cores of ${processor}, ${memoryGB} GB, ${system}, Node ${node}, load average before ${loadBefore}`;
}
