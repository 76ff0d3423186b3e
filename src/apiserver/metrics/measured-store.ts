// A store that counts what it is asked, under the names that the real server gives its etcd.
import type { KubeObject } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Store } from '../../storage/store.js';
import { requestSeconds } from './buckets.js';
import type { MetricsRegistry } from './registry.js';
import { Counters, Histograms, type Histogram, type Value } from './series.js';

/** The group and resource of a storage prefix such as `/registry/pods/`. */
export interface StoredResource {
  readonly group: string;
  readonly resource: string;
}

type Operation = 'get' | 'list' | 'create' | 'update' | 'delete';

interface PrefixSeries {
  readonly operations: Map<Operation, { readonly seconds: Histogram; readonly count: Value }>;
  readonly lists: { readonly total: Value; readonly fetched: Value; readonly returned: Value; readonly evaluated: Value };
}

/**
 * The store, counted. `resourceOf` tells what is kept under a prefix; undefined for what is no resource. A prefix is asked about once.
 * `clock` is for how long the store takes.
 */
export function measuredStore(
  store: Store<KubeObject>,
  registry: MetricsRegistry,
  clock: Clock,
  resourceOf: (prefix: string) => StoredResource | undefined,
): Store<KubeObject> {
  const names = ['group', 'operation', 'resource'];
  const seconds = registry.add(
    new Histograms('etcd_request_duration_seconds', '[ALPHA] How long the store took, in seconds.', names, requestSeconds),
  );
  const counts = registry.add(new Counters('etcd_requests_total', '[ALPHA] Requests to the store.', names));
  const lists = (rest: string, help: string): Counters =>
    registry.add(new Counters(`apiserver_storage_list_${rest}total`, help, ['group', 'resource']));
  const totals = lists('', '[ALPHA] Lists that were read from the store.');
  const fetched = lists('fetched_objects_', '[ALPHA] Objects that lists read from the store.');
  const evaluated = lists('evaluated_objects_', '[ALPHA] Objects that lists looked at.');
  const returned = lists('returned_objects_', '[ALPHA] Objects that lists from the store returned.');
  const known = new Map<string, PrefixSeries | undefined>();

  const ofPrefix = (prefix: string): PrefixSeries | undefined => {
    if (known.has(prefix)) return known.get(prefix);
    const resource = resourceOf(prefix);
    // What was unknown may become a custom resource, so only what is known is kept.
    if (resource === undefined) return undefined;
    const labels = [resource.group, resource.resource] as const;
    const series: PrefixSeries = {
      operations: new Map(),
      lists: {
        total: totals.with(...labels),
        fetched: fetched.with(...labels),
        returned: returned.with(...labels),
        evaluated: evaluated.with(...labels),
      },
    };
    known.set(prefix, series);
    return series;
  };
  /** What was found last: most requests in a row are of few kinds. */
  let last: readonly [string, PrefixSeries] | undefined;
  /** Of a key: `/registry/<resource>/…`, or `/registry/<group>/<resource>/…`. */
  const ofKey = (key: string): readonly [string, PrefixSeries] | undefined =>
    last !== undefined && key.startsWith(last[0]) ? last : (last = findKey(key));
  const findKey = (key: string): readonly [string, PrefixSeries] | undefined => {
    const first = key.indexOf('/', registryPrefix.length);
    if (first < 0) return undefined;
    const short = key.slice(0, first + 1);
    const series = ofPrefix(short);
    if (series !== undefined) return [short, series];
    const second = key.indexOf('/', first + 1);
    if (second < 0) return undefined;
    const long = key.slice(0, second + 1);
    const other = ofPrefix(long);
    return other === undefined ? undefined : [long, other];
  };
  const timed = <T>(key: string, operation: Operation, run: () => Promise<T>): Promise<T> => {
    const found = ofKey(key);
    if (found === undefined) return run();
    const [prefix, series] = found;
    let one = series.operations.get(operation);
    if (one === undefined) {
      const resourceNow = resourceOf(prefix);
      // A custom resource that is served no more.
      if (resourceNow === undefined) return run();
      const { group, resource } = resourceNow;
      one = { seconds: seconds.with(group, operation, resource), count: counts.with(group, operation, resource) };
      series.operations.set(operation, one);
    }
    const { seconds: histogram, count } = one;
    const began = clock.monotonic();
    const done = (): void => {
      count.add();
      histogram.observe((clock.monotonic() - began) / 1000);
    };
    const result = run();
    result.then(done, done);
    return result;
  };
  return {
    revision: () => store.revision(),
    get: (key, revision) => timed(key, 'get', () => store.get(key, revision)),
    list: async (prefix, options) => {
      const result = await timed(prefix, 'list', () => store.list(prefix, options));
      const series = ofKey(prefix)?.[1].lists;
      series?.total.add();
      series?.fetched.add(result.entries.length);
      series?.evaluated.add(result.entries.length);
      series?.returned.add(result.entries.length);
      return result;
    },
    count: (prefix) => store.count(prefix),
    create: (key, value) => timed(key, 'create', () => store.create(key, value)),
    update: (key, value, expected) => timed(key, 'update', () => store.update(key, value, expected)),
    delete: (key, expected) => timed(key, 'delete', () => store.delete(key, expected)),
    watch: (prefix, after, sink) => store.watch(prefix, after, sink),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

const registryPrefix = '/registry/';
