// Keeps as many pods as an object asks for: what replica sets and replication controllers have in common.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
import type { Pod } from '../../../openapi/types/core.v1.js';
import { claim } from '../../client/controller/claim.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations } from '../../client/controller/expectations.js';
import { byController, byNamespace, controllerOf } from '../../client/controller/owner-references.js';
import { keyOf } from '../../client/keys.js';
import { PODS } from '../../client/resources.js';
import type { ControllerContext, RunningController } from '../definition.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { orphansByNamespace } from '../shared/orphans.js';
import { ownedPodsHandler } from '../shared/owned-pods.js';
import { isPodActive, isPodTerminal } from '../shared/pods.js';
import { manageReplicas } from './replicas.js';
import type { PodKeeper, PodKeeperKind } from './keeper.js';
import { nextAvailability, statusOf, writeStatus } from './status.js';

/** A controller that keeps the pods of all objects of one kind. */
export function createPodKeeperController<T extends PodKeeper>(context: ControllerContext, kind: PodKeeperKind<T>): RunningController {
  const { client, clock, logger, informers } = context;
  const sets = informers.informer(kind.type, { indexers: { controller: byController, namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: { controller: byController, orphans: orphansByNamespace } });
  const recorder = context.recorder(kind.component);
  const expectations = createExpectations(clock);

  // All its pods are looked at, those that are going or not told of yet included.
  const enqueue = (set: T): void =>
    controller.enqueueAfter(keyOf(set), coalescingDelay(pods.store.countByIndex('controller', set.metadata.uid)));
  /** An orphan may be for any set whose selector fits. */
  const enqueueMatching = (pod: Pod): void => {
    if (!isPodActive(pod)) return;
    for (const set of sets.store.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (kind.selects(set)(pod.metadata.labels)) controller.enqueueObject(set);
    }
  };
  /** Pods of the sets that share an owner: a rollout spreads its deletions over the nodes by them. */
  const relatedPods = (set: T): readonly Pod[] => {
    const owner = controllerOf(set);
    const related = owner === undefined ? [set] : sets.store.byIndex('controller', owner.uid);
    return related.flatMap((one) => pods.store.byIndex('controller', one.metadata.uid));
  };

  const reconcile = async (key: string): Promise<{ requeueAfter: number } | undefined> => {
    const set = sets.store.get(key);
    if (set === undefined) return void expectations.delete(key);
    const settled = expectations.satisfied(key);
    const selects = kind.selects(set);
    const own = pods.store.byIndex('controller', set.metadata.uid);
    const candidates = [...own.filter(isPodActive), ...pods.store.byIndex('orphans', set.metadata.namespace ?? '').filter(isPodActive)];
    const active = await claim({
      client,
      type: PODS,
      owner: set,
      ownerType: kind.type,
      matches: (pod) => selects(pod.metadata.labels),
      candidates,
    });
    const terminating = kind.countsTerminating
      ? own.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod)).length
      : undefined;
    const failure =
      settled && set.metadata.deletionTimestamp === undefined
        ? await manageReplicas({
            client,
            recorder,
            expectations,
            key,
            set,
            pods: active,
            relatedPods: () => relatedPods(set),
            now: clock.now(),
            logger,
          })
        : undefined;
    await writeStatus(client, kind.type, set, statusOf(set, active, terminating, failure, settled, clock.now()));
    if (failure) throw failure.error;
    const wait = nextAvailability(set, active, clock.now());
    return wait === undefined ? undefined : { requeueAfter: wait };
  };

  const controller = createController({ name: kind.name, clock, logger, workers: 5, informers: [sets, pods], reconcile });
  sets.addHandler({
    add: (set) => controller.enqueueObject(set),
    update: (previous, current) => {
      if (previous.metadata.uid !== current.metadata.uid) expectations.delete(keyOf(previous));
      controller.enqueueObject(current);
    },
    delete: (last) => {
      expectations.delete(keyOf(last));
      controller.enqueueObject(last);
    },
  });
  pods.addHandler(ownedPodsHandler({ kind: kind.type.kind, store: sets.store, expectations, enqueue, enqueueMatching }));
  return controller;
}
