// What is measured: the rows of the table, their units and the ratios that are aimed at.

/** One figure. Its key is the one that the loads print. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  readonly unit: '/s' | 'µs' | 'ms' | 's' | 'MB';
  /** Which way is better; absent for a figure that only says how much work it was. */
  readonly better?: 'more' | 'less';
  /** How many times as good as the real server we want to be. */
  readonly target?: number;
}

export const figures: readonly Figure[] = [
  { key: 'create_seq_p50_ms', title: 'create a pod, one after another: median', unit: 'ms', better: 'less' },
  { key: 'create_per_s', title: 'create pods, 16 at once', unit: '/s', better: 'more', target: 3 },
  { key: 'create_p99_ms', title: '… 99th percentile', unit: 'ms', better: 'less' },
  { key: 'get_per_s', title: 'get a pod, 16 at once', unit: '/s', better: 'more', target: 3 },
  { key: 'get_p99_ms', title: '… 99th percentile', unit: 'ms', better: 'less' },
  { key: 'smp_per_s', title: 'strategic merge patch, 16 at once', unit: '/s', better: 'more', target: 4 },
  { key: 'smp_p99_ms', title: '… 99th percentile', unit: 'ms', better: 'less' },
  { key: 'apply_per_s', title: 'server-side apply, 16 at once', unit: '/s', better: 'more', target: 4 },
  { key: 'apply_p99_ms', title: '… 99th percentile', unit: 'ms', better: 'less' },
  { key: 'list_all_p50_ms', title: 'list all pods, 2 at once: median', unit: 'ms', better: 'less', target: 4 },
  { key: 'list_MB', title: '… size of that list', unit: 'MB' },
  { key: 'list_selector_per_s', title: 'list pods by label, limit 100, 4 at once', unit: '/s', better: 'more', target: 4 },
  { key: 'list_selector_p99_ms', title: '… 99th percentile', unit: 'ms', better: 'less' },
  { key: 'watch_events_per_s', title: 'watch events, 100 watchers of 500 changes', unit: '/s', better: 'more', target: 2 },
  { key: 'watch_p99_ms', title: '… write to arrival, 99th percentile', unit: 'ms', better: 'less' },
  { key: 'delete_per_s', title: 'delete pods, 16 at once', unit: '/s', better: 'more' },
  { key: 'validation_us', title: 'strict validation of a pod of 5 KB, in process', unit: 'µs', better: 'less' },
  { key: 'decoding_us', title: '… with decoding and defaults', unit: 'µs', better: 'less' },
  { key: 'start_readyz_s', title: 'start until /readyz answers ok', unit: 's', better: 'less', target: 6 },
  { key: 'start_whole_s', title: 'start until the whole cluster is ready', unit: 's', better: 'less' },
  { key: 'start_says_s', title: '… as the program itself counts it', unit: 's', better: 'less' },
  { key: 'memory_idle_MB', title: 'resident memory, idle', unit: 'MB', better: 'less', target: 3 },
  { key: 'memory_after_MB', title: 'resident memory after the load', unit: 'MB', better: 'less', target: 3 },
];

/** Every sample of every figure of one server, in the order they were taken. */
export class Samples {
  readonly #values = new Map<string, number[]>();

  add(key: string, value: number | undefined): void {
    if (value === undefined) return;
    const before = this.#values.get(key);
    if (before === undefined) this.#values.set(key, [value]);
    else before.push(value);
  }

  all(key: string): readonly number[] {
    return this.#values.get(key) ?? [];
  }

  /** Undefined when there is no sample. */
  median(key: string): number | undefined {
    return median(this.all(key));
  }

  toJSON(): Record<string, { median: number | undefined; samples: readonly number[] }> {
    return Object.fromEntries([...this.#values].map(([key, samples]) => [key, { median: median(samples), samples }]));
  }
}

/** The middle value, or the mean of the two in the middle; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** How many times as good `ours` is as `theirs`; undefined when there is nothing to compare. */
export function ratio(figure: Figure, ours: number | undefined, theirs: number | undefined): number | undefined {
  if (figure.better === undefined || ours === undefined || theirs === undefined || ours === 0 || theirs === 0) return undefined;
  return figure.better === 'more' ? ours / theirs : theirs / ours;
}
