// Puts together what is around the API: metrics, flow control, the life of a request.
import type { KubeObject } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Registry } from '../../registry/index.js';
import type { Store } from '../../storage/store.js';
import type { Storages } from '../core/resource-storage.js';
import { FlowControl } from '../flowcontrol/flow-control.js';
import { measuredStore } from '../metrics/measured-store.js';
import { ServerMetrics } from '../metrics/server-metrics.js';
import { StoredKinds } from '../metrics/stored-kinds.js';
import { Lifecycle } from './lifecycle.js';

/** The most requests served at once: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ */
export interface InflightLimits {
  /** 400 when absent. */
  readonly maxRequestsInflight?: number | undefined;
  /** 200 when absent. */
  readonly maxMutatingRequestsInflight?: number | undefined;
}

export interface AroundOptions extends InflightLimits {
  readonly registry: Registry;
  readonly store: Store<KubeObject>;
  readonly random: Random;
  /** Real time, whatever time the cluster keeps. */
  readonly clock: Clock;
  /** What `/version` says. */
  readonly version: Readonly<Record<string, string>>;
}

export interface Around {
  /** The store to use: it counts what it is asked. */
  readonly store: Store<KubeObject>;
  readonly metrics: ServerMetrics;
  readonly flowControl: FlowControl;
  /** When the process began, in milliseconds since the epoch. */
  readonly started: number;
  /** The server's options by the names of its flags. */
  readonly flags: ReadonlyMap<string, string>;
  /** Call once, when the storages are there. */
  lifecycle(storages: Storages): Lifecycle;
}

export function createAround(options: AroundOptions): Around {
  const { registry, random, clock, version, maxRequestsInflight = 400, maxMutatingRequestsInflight = 200 } = options;
  const started = clock.now() - Math.floor(process.uptime() * 1000);
  const metrics = new ServerMetrics(started);
  const kinds = new StoredKinds(registry);
  // Reads and writes share their seats: what is read and what is written is told apart no more.
  const flowControl = new FlowControl({
    clock,
    metrics: metrics.registry,
    seats: Math.max(1, maxRequestsInflight + maxMutatingRequestsInflight),
  });
  return {
    store: measuredStore(options.store, metrics.registry, clock, (prefix) => kinds.byPrefix(prefix)),
    metrics,
    flowControl,
    started,
    flags: new Map([
      ['max-mutating-requests-inflight', String(maxMutatingRequestsInflight)],
      ['max-requests-inflight', String(maxRequestsInflight)],
    ]),
    lifecycle: (storages) => {
      metrics.observe({ storages, kinds: () => kinds.list(), version });
      return new Lifecycle({
        clock,
        random,
        metrics: metrics.requests,
        flowControl,
        storages,
        kindOf: ({ group, version: of, resource }) => registry.byResource(group, of, resource),
      });
    },
  };
}
