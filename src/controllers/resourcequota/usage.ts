// What a namespace's objects use, from informers of the kinds that quotas count and no others.
import type { ResourceQuota } from '../../../openapi/types/core.v1.js';
import { qualified, type GroupResource } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Quantity } from '../../apimachinery/quantity/quantity.js';
import type { Client } from '../../client/client.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import type { InformerFactory } from '../../client/informer/factory.js';
import type { Informer, InformerHandler } from '../../client/informer/types.js';
import type { Clock } from '../../clock/clock.js';
import { createKnownResources } from '../shared/known-resources.js';
import { addInto, countedBy, evaluatorFor, isInScopes, only, type UsageEvaluator } from '../../registry/core/usage/index.js';

/** One kind that is counted. */
interface Monitor {
  readonly evaluator: UsageEvaluator;
  readonly informer: Informer<KubeObject>;
}

export interface UsageMonitors {
  /**
   * What the objects in the quota's scopes use of what it limits; zero of what nothing uses. What counts a kind that the API does not have
   * is left out, and `unknown` is true: look again in {@link discoveryRefresh} milliseconds. Waits for the informers that it needs.
   */
  used(quota: ResourceQuota, signal: AbortSignal): Promise<{ readonly used: ReadonlyMap<string, Quantity>; readonly unknown: boolean }>;
}

export interface MonitorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly informers: InformerFactory;
  /** What every monitored kind tells its changes to. */
  readonly handlerFor: (evaluator: UsageEvaluator) => InformerHandler<KubeObject>;
}

const zero: Quantity = { nano: 0n, format: 'DecimalSI' };

export function createUsageMonitors({ client, clock, informers, handlerFor }: MonitorOptions): UsageMonitors {
  const monitors = new Map<string, Monitor>();
  const known = createKnownResources(client, clock);

  const monitorOf = async (resource: GroupResource): Promise<Monitor | undefined> => {
    const id = qualified(resource);
    const there = monitors.get(id);
    if (there !== undefined) return there;
    const type = await known.byResource(resource);
    if (type?.namespaced !== true) return undefined;
    // Another quota may have come first while the server was asked.
    const since = monitors.get(id);
    if (since !== undefined) return since;
    const made = { evaluator: evaluatorFor(resource), informer: informers.informer(type, { indexers: { namespace: byNamespace } }) };
    monitors.set(id, made);
    made.informer.addHandler(handlerFor(made.evaluator));
    return made;
  };

  return {
    async used(quota, signal) {
      const names = Object.keys(quota.spec?.hard ?? {});
      const used = new Map<string, Quantity>();
      let unknown = false;
      const counted = new Map<string, GroupResource>();
      for (const name of names) {
        const resource = countedBy(name);
        if (resource !== undefined) counted.set(qualified(resource), resource);
      }
      for (const resource of counted.values()) {
        const monitor = await monitorOf(resource);
        if (monitor === undefined) {
          unknown = true;
          continue;
        }
        const { evaluator, informer } = monitor;
        if (!(await informer.waitForSync(signal))) continue;
        const own = names.filter((name) => evaluator.counts(name));
        for (const name of own) used.set(name, zero);
        const now = clock.now();
        for (const object of informer.store.byIndex('namespace', quota.metadata.namespace ?? '')) {
          if (isInScopes(evaluator, quota, object)) addInto(used, only(evaluator.usage(object, now), own));
        }
      }
      return { used, unknown };
    },
  };
}
