// What is counted about watches over HTTP.
import type { Kind } from '../../registry/kind.js';
import { eventBytes, watchListSeconds } from './buckets.js';
import type { MetricsRegistry } from './registry.js';
import { Counters, Histograms, type Histogram, type Value } from './series.js';

/** The series of one kind. */
export class WatchSeries {
  constructor(
    private readonly events: Value,
    private readonly sizes: Histogram,
    private readonly initial: Value,
  ) {}

  /** An event has been sent; `initial`: it was there when the watch began. */
  sent(bytes: number, initial: boolean): void {
    this.events.value++;
    this.sizes.observe(bytes);
    if (initial) this.initial.value++;
  }
}

export class WatchMetrics {
  readonly #ofKinds = new WeakMap<Kind, WatchSeries>();
  readonly #events: Counters;
  readonly #sizes: Histograms;
  readonly #initial: Counters;
  readonly #listSeconds: Histograms;

  constructor(registry: MetricsRegistry) {
    const names = ['group', 'resource', 'version'];
    this.#events = registry.add(new Counters('apiserver_watch_events_total', '[ALPHA] Events that were sent to watches.', names));
    this.#sizes = registry.add(new Histograms('apiserver_watch_events_sizes', '[ALPHA] Bytes of events.', names, eventBytes));
    this.#initial = registry.add(
      new Counters('apiserver_init_events_total', '[ALPHA] Events with which watches began: what was there already.', [
        'group',
        'resource',
      ]),
    );
    this.#listSeconds = registry.add(
      new Histograms(
        'apiserver_watch_list_duration_seconds',
        '[BETA] How long streamed lists took until their end was marked.',
        ['group', 'resource', 'scope', 'version'],
        watchListSeconds,
      ),
    );
  }

  of(kind: Kind): WatchSeries {
    let series = this.#ofKinds.get(kind);
    if (series === undefined) {
      const { group, resource, version } = kind;
      series = new WatchSeries(
        this.#events.with(group, resource, version),
        this.#sizes.with(group, resource, version),
        this.#initial.with(group, resource),
      );
      this.#ofKinds.set(kind, series);
    }
    return series;
  }

  /** A streamed list (`sendInitialEvents`) has been sent. */
  listed({ group, resource, version }: Kind, scope: string, seconds: number): void {
    this.#listSeconds.with(group, resource, scope, version).observe(seconds);
  }
}
