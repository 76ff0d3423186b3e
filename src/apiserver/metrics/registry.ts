// All families of the server, in the order of their names.
import type { Family } from './series.js';
import { TextWriter } from './text.js';

export class MetricsRegistry {
  readonly #families: Family[] = [];

  /** Adds a family and returns it. */
  add<F extends Family>(family: F): F {
    this.#families.push(family);
    return family;
  }

  text(): string {
    const out = new TextWriter();
    for (const family of [...this.#families].sort((a, b) => (a.name < b.name ? -1 : 1))) family.write(out);
    return out.toString();
  }

  /** Counters and histograms begin anew, as `DELETE /metrics` asks. */
  reset(): void {
    for (const family of this.#families) family.reset();
  }
}
