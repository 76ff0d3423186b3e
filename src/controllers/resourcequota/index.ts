// Keeps the status of resource quotas: what they limit, and what is used.
// https://kubernetes.io/docs/concepts/policy/resource-quotas/
import type { ResourceQuota } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { compareQuantities } from '../../apimachinery/quantity/quantity.js';
import { createController } from '../../client/controller/controller.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import type { InformerHandler } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { RESOURCE_QUOTAS } from '../../client/resources.js';
import type { Timer } from '../../clock/clock.js';
import { parseAmounts, writeAmounts, type ResourceAmounts, type UsageEvaluator } from '../../registry/core/usage/index.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { unlessGone } from '../shared/gone.js';
import { discoveryRefresh } from '../shared/known-resources.js';
import { createUsageMonitors } from './usage.js';

export const resourceQuotaController: ControllerDefinition = {
  name: 'resourcequota-controller',
  account: 'resourcequota-controller',
  create: createResourceQuotaController,
};

/** Milliseconds after which every quota is looked at again: kube-controller-manager's `--resource-quota-sync-period`. */
const resync = 300_000;
const workers = 5;
/**
 * Milliseconds after which a new object is counted again. Admission has charged it already; what it charged between the look at the
 * objects and the write of the status would be lost otherwise.
 */
const afterAdditions = 5000;

export function createResourceQuotaController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const quotas = informers.informer(RESOURCE_QUOTAS, { indexers: { namespace: byNamespace } });

  const controller = createController({
    name: 'resourcequota-controller',
    clock,
    logger,
    workers,
    informers: [quotas],
    async reconcile(key, signal) {
      const asked = quotas.store.get(key);
      if (asked === undefined) return undefined;
      const { used, unknown } = await monitors.used(asked, signal);
      // Waiting for informers takes time: what is written must be of the quota as it is now, or be refused as a conflict.
      const quota = quotas.store.get(key);
      if (quota === undefined || signal.aborted) return undefined;
      const hard = quota.spec?.hard ?? {};
      if (!deepEqual(quota.status?.hard ?? {}, hard) || !isSame(used, parseAmounts(quota.status?.used))) {
        const next: ResourceQuota = { ...quota, status: { hard, used: writeAmounts(used) } };
        await unlessGone(client.update(RESOURCE_QUOTAS, next, { subresource: 'status' }));
      }
      return unknown ? { requeueAfter: discoveryRefresh } : undefined;
    },
  });

  /** The quotas of the object's namespace that count its kind; most namespaces have none. */
  const concerned = (evaluator: UsageEvaluator, { metadata }: KubeObject): readonly ResourceQuota[] =>
    quotas.store
      .byIndex('namespace', metadata.namespace ?? '')
      .filter(({ spec }) => Object.keys(spec?.hard ?? {}).some((name) => evaluator.counts(name)));
  const handlerFor = (evaluator: UsageEvaluator): InformerHandler<KubeObject> => {
    const recount = (object: KubeObject, delay: number): void => {
      for (const quota of concerned(evaluator, object)) controller.enqueueAfter(keyOf(quota), delay);
    };
    return {
      add: (object, initial) => {
        if (!initial) recount(object, afterAdditions);
      },
      update: (previous, current) => {
        if (!evaluator.countsUpdates || concerned(evaluator, current).length === 0) return;
        const now = clock.now();
        if (!isSame(evaluator.usage(previous, now), evaluator.usage(current, now))) recount(current, 0);
      },
      delete: (last) => recount(last, coalescingDelay(quotas.store.size)),
    };
  };
  const monitors = createUsageMonitors({ client, clock, informers, handlerFor });

  quotas.addHandler({
    add: (quota) => controller.enqueueObject(quota),
    // What is used changes with every write of admission: that is no news.
    update: (previous, current) => {
      if (!deepEqual(previous.spec, current.spec) || !deepEqual(current.status?.hard, current.spec?.hard))
        controller.enqueueObject(current);
    },
  });
  let timer: Timer | undefined;
  return {
    start() {
      controller.start();
      timer ??= clock.every(resync, () => {
        for (const quota of quotas.store.list()) controller.enqueueObject(quota);
      });
    },
    stop() {
      timer?.cancel();
      return controller.stop();
    },
  };
}

function isSame(one: ResourceAmounts, other: ResourceAmounts): boolean {
  if (one.size !== other.size) return false;
  for (const [name, amount] of one) {
    const also = other.get(name);
    if (also === undefined || compareQuantities(amount, also) !== 0) return false;
  }
  return true;
}
