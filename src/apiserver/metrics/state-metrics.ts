// What is looked up when somebody asks: stored objects, watch caches, the process, the version.
import { readdirSync, readFileSync } from 'node:fs';
import type { Kind } from '../../registry/kind.js';
import type { Storages } from '../core/resource-storage.js';
import type { MetricsRegistry } from './registry.js';
import { Computed, type Samples } from './series.js';

export interface StateOptions {
  readonly storages: Storages;
  /** One kind for each stored resource. */
  kinds(): readonly Kind[];
  /** What `/version` says. */
  readonly version: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch at which the process began. */
  readonly started: number;
}

export class StateMetrics {
  /** How many objects of each resource there are, as last counted. */
  #counts: readonly (readonly [kind: Kind, count: number])[] = [];

  constructor(
    registry: MetricsRegistry,
    private readonly options: StateOptions,
  ) {
    const { storages, version, started } = options;
    const byResource = ['group', 'resource'];
    const gauge = (name: string, help: string, names: readonly string[], compute: () => Samples): void =>
      void registry.add(new Computed(name, help, 'gauge', names, compute));
    const counter = (name: string, help: string, names: readonly string[], compute: () => Samples): void =>
      void registry.add(new Computed(name, help, 'counter', names, compute));

    gauge('apiserver_storage_objects', '[STABLE] (Deprecated since 1.34.0) Stored objects by resource.', ['resource'], () =>
      this.#counts.map(([{ group, resource }, count]) => [[group === '' ? resource : `${resource}.${group}`], count] as const),
    );
    gauge('apiserver_resource_objects', '[ALPHA] Stored objects by resource.', byResource, () =>
      this.#counts.map(([{ group, resource }, count]) => [[group, resource], count] as const),
    );
    const caches = (read: (kind: Kind) => number) => () =>
      this.options
        .kinds()
        .filter((kind) => storages.of(kind).cache.started)
        .map((kind) => [[kind.group, kind.resource], read(kind)] as const);
    gauge(
      'apiserver_watch_cache_resource_version',
      '[ALPHA] The revision that each watch cache shows.',
      byResource,
      caches((kind) => storages.of(kind).cache.revision),
    );
    for (const name of ['received', 'dispatched']) {
      counter(
        `apiserver_watch_cache_events_${name}_total`,
        `[ALPHA] Events that each watch cache has ${name}.`,
        byResource,
        caches((kind) => storages.of(kind).cache.counts.received),
      );
    }
    counter(
      'apiserver_storage_events_received_total',
      '[BETA] Events that came from the store.',
      byResource,
      caches((kind) => storages.of(kind).cache.counts.received),
    );
    counter(
      'apiserver_watch_cache_initializations_total',
      '[ALPHA] How often each watch cache has read the store anew.',
      byResource,
      caches((kind) => storages.of(kind).cache.counts.starts),
    );
    processMetrics(gauge, counter, started);
    const { major = '', minor = '', gitVersion = '', gitCommit = '', gitTreeState = '', buildDate = '' } = version;
    const { goVersion = '', compiler = '', platform = '' } = version;
    gauge(
      'kubernetes_build_info',
      '[BETA] 1, with the version in its labels.',
      ['build_date', 'compiler', 'git_commit', 'git_tree_state', 'git_version', 'go_version', 'major', 'minor', 'platform'],
      () => [[[buildDate, compiler, gitCommit, gitTreeState, gitVersion, goVersion, major, minor, platform], 1] as const],
    );
    const { emulationMajor = '', emulationMinor = '', minCompatibilityMajor = '', minCompatibilityMinor = '' } = version;
    gauge(
      'version_info',
      '[ALPHA] 1, with the versions that the server is compatible with.',
      ['binary', 'component', 'emulation', 'min_compat'],
      () => [
        [
          [gitVersion.slice(1), 'kube', `${emulationMajor}.${emulationMinor}`, `${minCompatibilityMajor}.${minCompatibilityMinor}`],
          1,
        ] as const,
      ],
    );
  }

  /** Counts the stored objects. */
  async collect(): Promise<void> {
    const { storages } = this.options;
    this.#counts = await Promise.all(
      this.options.kinds().map(async (kind) => {
        const { cache, store } = storages.of(kind);
        return [kind, cache.started ? cache.count() : await store.count(kind.prefix)] as const;
      }),
    );
  }
}

type Add = (name: string, help: string, names: readonly string[], compute: () => Samples) => void;

function processMetrics(gauge: Add, counter: Add, started: number): void {
  const one = (read: () => number | undefined) => () => {
    const value = read();
    return value === undefined ? [] : [[[], value] as const];
  };
  counter(
    'process_cpu_seconds_total',
    'Seconds of processor time, of users and system.',
    [],
    one(() => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
  );
  gauge(
    'process_resident_memory_bytes',
    'Resident memory in bytes.',
    [],
    one(() => process.memoryUsage.rss()),
  );
  gauge(
    'process_start_time_seconds',
    'When the process began, in seconds since the epoch.',
    [],
    one(() => started / 1000),
  );
  gauge('process_open_fds', 'Open file descriptors.', [], one(openFiles));
  gauge(
    'process_max_fds',
    'The most open file descriptors.',
    [],
    one(() => limitOf(/^Max open files\s+(\d+)/m)),
  );
  gauge('process_virtual_memory_bytes', 'Virtual memory in bytes.', [], one(virtualMemory));
}

/** From /proc, where there is one. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function limitOf(line: RegExp): number | undefined {
  const found = line.exec(read('/proc/self/limits'));
  return found === null ? undefined : Number(found[1]);
}

function virtualMemory(): number | undefined {
  const found = /^VmSize:\s+(\d+) kB/m.exec(read('/proc/self/status'));
  return found === null ? undefined : Number(found[1]) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
