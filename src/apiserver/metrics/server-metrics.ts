// All that the server counts, put together.
import { MetricsRegistry } from './registry.js';
import { RequestMetrics } from './request-metrics.js';
import { StateMetrics, type StateOptions } from './state-metrics.js';
import { WatchMetrics } from './watch-metrics.js';
import { Counters, Gauges } from './series.js';

export class ServerMetrics {
  readonly registry = new MetricsRegistry();
  readonly requests = new RequestMetrics(this.registry);
  readonly watches = new WatchMetrics(this.registry);
  readonly cacheLists = {
    total: this.registry.add(
      new Counters('apiserver_cache_list_total', '[ALPHA] Lists served from a watch cache.', ['group', 'index', 'resource']),
    ),
    returned: this.registry.add(
      new Counters('apiserver_cache_list_returned_objects_total', '[ALPHA] Objects returned by lists from a watch cache.', [
        'group',
        'resource',
      ]),
    ),
  };
  readonly deprecated = this.registry.add(
    new Gauges('apiserver_requested_deprecated_apis', '[STABLE] 1 for each deprecated resource that was asked for.', [
      'group',
      'removed_release',
      'resource',
      'subresource',
      'version',
    ]),
  );
  readonly #started: number;
  #state: StateMetrics | undefined;

  /** `started`: when the process began, in milliseconds since the epoch. */
  constructor(started: number) {
    this.#started = started;
  }

  /** What is looked up in the server's parts, once they are there. */
  observe(options: Omit<StateOptions, 'started'>): void {
    this.#state = new StateMetrics(this.registry, { ...options, started: this.#started });
  }

  get startedSeconds(): number {
    return Math.floor(this.#started / 1000);
  }

  /** The text of `/metrics`. */
  async text(): Promise<string> {
    await this.#state?.collect();
    return this.registry.text();
  }
}
