// Counters, gauges and histograms: recording is a few additions, text is made when somebody asks.
import { labelText, numberText, type TextWriter } from './text.js';

/** All series of one name. */
export interface Family {
  readonly name: string;
  write(out: TextWriter): void;
  /** Forgets what was recorded. */
  reset(): void;
}

/** How many label sets one family keeps: what comes beyond goes into a series that nobody sees, so that hostile labels cannot fill the memory. */
const mostSeries = 20_000;

/** One number with its labels. */
export class Value {
  value = 0;

  constructor(readonly labels: string) {}

  add(amount = 1): void {
    this.value += amount;
  }

  set(value: number): void {
    this.value = value;
  }
}

/** Counts of observations by upper bound, their number and sum. */
export class Histogram {
  readonly counts: Float64Array;
  sum = 0;

  constructor(
    readonly labels: string,
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let at = 0;
    // Most observations are small: the first bounds are the likely ones.
    while (at < bounds.length && value > bounds[at]!) at++;
    this.counts[at]!++;
    this.sum += value;
  }
}

/** The series of one family by their label values. */
abstract class Labelled<S extends { readonly labels: string }> implements Family {
  readonly #series = new Map<string, S>();
  #overflow: S | undefined;

  constructor(
    readonly name: string,
    readonly help: string,
    /** In the order of the alphabet, as the text shows them. */
    readonly labelNames: readonly string[],
  ) {}

  /** The series with these values; the same one each time, so keep it where it is used often. */
  with(...values: readonly string[]): S {
    const key = values.join('\0');
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= mostSeries) return (this.#overflow ??= this.make(''));
      series = this.make(labelText(this.labelNames, values));
      this.#series.set(key, series);
    }
    return series;
  }

  write(out: TextWriter): void {
    if (this.#series.size === 0) return;
    out.head(this.name, this.help, this.type);
    for (const series of [...this.#series.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1))) this.writeOne(out, series);
  }

  reset(): void {
    for (const series of this.#series.values()) this.clear(series);
  }

  protected abstract readonly type: 'counter' | 'gauge' | 'histogram';
  protected abstract make(labels: string): S;
  protected abstract clear(series: S): void;
  protected abstract writeOne(out: TextWriter, series: S): void;
}

/** Numbers that only grow. */
export class Counters extends Labelled<Value> {
  protected readonly type = 'counter';

  protected make(labels: string): Value {
    return new Value(labels);
  }

  protected clear(series: Value): void {
    series.value = 0;
  }

  protected writeOne(out: TextWriter, { labels, value }: Value): void {
    out.sample(this.name, labels, value);
  }
}

/** Numbers that come and go. */
export class Gauges extends Labelled<Value> {
  protected readonly type = 'gauge';

  protected make(labels: string): Value {
    return new Value(labels);
  }

  // What is under way now stays so.
  protected clear(): void {}

  protected writeOne(out: TextWriter, { labels, value }: Value): void {
    out.sample(this.name, labels, value);
  }
}

export class Histograms extends Labelled<Histogram> {
  protected readonly type = 'histogram';

  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    private readonly bounds: readonly number[],
  ) {
    super(name, help, labelNames);
  }

  protected make(labels: string): Histogram {
    return new Histogram(labels, this.bounds);
  }

  protected clear(series: Histogram): void {
    series.counts.fill(0);
    series.sum = 0;
  }

  protected writeOne(out: TextWriter, { labels, bounds, counts, sum }: Histogram): void {
    const before = labels === '' ? '' : `${labels},`;
    let total = 0;
    for (let i = 0; i < counts.length; i++) {
      total += counts[i]!;
      out.sample(`${this.name}_bucket`, `${before}le="${numberText(bounds[i] ?? Infinity)}"`, total);
    }
    out.sample(`${this.name}_sum`, labels, sum);
    out.sample(`${this.name}_count`, labels, total);
  }
}

/** Label values and numbers, one for each series. */
export type Samples = Iterable<readonly [labels: readonly string[], value: number]>;

/** Numbers that are looked up when somebody asks. */
export class Computed implements Family {
  constructor(
    readonly name: string,
    readonly help: string,
    private readonly type: 'counter' | 'gauge',
    private readonly labelNames: readonly string[],
    private readonly compute: () => Samples,
  ) {}

  write(out: TextWriter): void {
    const samples = [...this.compute()].map(([values, value]) => ({ labels: labelText(this.labelNames, values), value }));
    if (samples.length === 0) return;
    samples.sort((a, b) => (a.labels < b.labels ? -1 : 1));
    out.head(this.name, this.help, this.type);
    for (const { labels, value } of samples) out.sample(this.name, labels, value);
  }

  reset(): void {}
}
