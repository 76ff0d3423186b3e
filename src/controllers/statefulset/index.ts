// Keeps the pods of stateful sets: each with a name, a place in the order and claims of its own.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
import type { ControllerRevision, StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations, expectationsExpiry } from '../../client/controller/expectations.js';
import { byNamespace, controllerOf } from '../../client/controller/owner-references.js';
import { keyOf } from '../../client/keys.js';
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { claimHeld, heldIndexers } from '../shared/claim-held.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { unlessGone } from '../shared/gone.js';
import { createLatest } from '../shared/latest.js';
import { ownedPodsHandler } from '../shared/owned-pods.js';
import { unlessTerminatingNamespace } from '../shared/pod-control.js';
import { untilNextAvailable } from '../shared/pods.js';
import { createRevisionHistory, deleteRevisions } from '../shared/revisions.js';
import { claimName, ordinalOf, revisionOf } from './identity.js';
import type { SetTools } from './pod-control.js';
import { statusToWrite } from './status.js';
import { syncStatefulSet, type SetRevisions } from './sync.js';

export const statefulSetController: ControllerDefinition = {
  name: 'statefulset-controller',
  account: 'statefulset-controller',
  create: createStatefulSetController,
};

export function createStatefulSetController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const sets = informers.informer(STATEFUL_SETS, { indexers: { namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: heldIndexers });
  const revisions = informers.informer(CONTROLLER_REVISIONS, { indexers: heldIndexers });
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const recorder = context.recorder('statefulset-controller');
  const expectations = createExpectations(clock);
  const latest = createLatest(client, STATEFUL_SETS);
  const history = createRevisionHistory(client, 'controller.kubernetes.io/hash');
  const tools: SetTools = { client, recorder, expectations, claimOf: (key) => claims.store.get(key), now: () => clock.now() };

  /** The pods and revisions of the set, those included that it takes in now. */
  const held = async (set: StatefulSet) => {
    const selector = compileLabelSelector(set.spec.selector);
    const selects = ({ metadata }: Pod | ControllerRevision): boolean => selector.matches(metadata.labels);
    const owner = { client, owner: set, ownerType: STATEFUL_SETS };
    const isMember = (pod: Pod): boolean => ordinalOf(set, pod.metadata.name) !== undefined && selects(pod);
    return {
      known: await claimHeld(revisions.store, { ...owner, type: CONTROLLER_REVISIONS, matches: selects }),
      own: await claimHeld(pods.store, { ...owner, type: PODS, matches: isMember }),
    };
  };

  const reconcile = async (key: string): Promise<{ requeueAfter: number } | undefined> => {
    const seen = sets.store.get(key);
    if (seen === undefined) return void latest.forget(key);
    // Pods that were asked for a moment ago are not there yet: their event brings the key back, or at the latest the end of patience.
    if (!expectations.satisfied(key)) return { requeueAfter: expectationsExpiry + 1 };
    const set = latest.of(seen);
    const { known, own } = await held(set);
    const { currentRevision, collisionCount = 0 } = set.status;
    const found = await history.find(set, known, collisionCount);
    if (found === undefined) return undefined;
    const current = found.all.find(({ metadata }) => metadata.name === currentRevision) ?? found.current;
    const present: SetRevisions = { current, update: found.current, collisions: found.collisions ?? 0 };
    const { status, failure } = await syncStatefulSet(tools, set, present, own);
    const changed = statusToWrite(set, status);
    if (changed !== undefined) await unlessGone(latest.writeStatus({ ...set, status: changed }));
    if (failure !== undefined) throw failure;
    const live = [found.current.metadata.name, (changed ?? set.status).currentRevision, ...own.map(revisionOf)];
    await deleteRevisions(client, surplusRevisions(set, found.all, live));
    const wait = untilNextAvailable(own, set.spec.minReadySeconds ?? 0, clock.now());
    return wait === undefined ? undefined : { requeueAfter: wait };
  };

  const controller = createController({
    name: 'statefulset-controller',
    clock,
    logger,
    workers: 5,
    informers: [sets, pods, revisions, claims],
    reconcile: (key) => unlessTerminatingNamespace(reconcile(key)),
  });
  const enqueue = (set: StatefulSet): void => controller.enqueueAfter(keyOf(set), coalescingDelay(set.status.replicas));
  const enqueueMatching = (pod: Pod): void => {
    for (const set of sets.store.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (ordinalOf(set, pod.metadata.name) === undefined) continue;
      if (compileLabelSelector(set.spec.selector).matches(pod.metadata.labels)) controller.enqueueObject(set);
    }
  };
  /** A stranger may have had the name that a member needs. */
  const enqueueNamesakes = (pod: Pod): void => {
    if (controllerOf(pod)?.kind === 'StatefulSet') return;
    for (const set of sets.store.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (ordinalOf(set, pod.metadata.name) !== undefined) controller.enqueueObject(set);
    }
  };
  /** A claim of a set that came or went: its pod may wait for it, or it for its owner. */
  const enqueueClaim = ({ metadata }: PersistentVolumeClaim): void => {
    for (const set of sets.store.byIndex('namespace', metadata.namespace ?? '')) {
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const prefix = `${template.metadata.name}-`;
        if (!metadata.name.startsWith(prefix)) continue;
        const ordinal = ordinalOf(set, metadata.name.slice(prefix.length));
        if (ordinal !== undefined && claimName(set, template.metadata.name, ordinal) === metadata.name) controller.enqueueObject(set);
      }
    }
  };
  sets.addHandler({
    add: (set) => controller.enqueueObject(set),
    update: (previous, current) => {
      if (previous.metadata.uid !== current.metadata.uid) expectations.delete(keyOf(previous));
      if (!latest.isOwn(previous, current)) controller.enqueueObject(current);
    },
    delete: (last) => {
      expectations.delete(keyOf(last));
      controller.enqueueObject(last);
    },
  });
  pods.addHandler(ownedPodsHandler({ kind: 'StatefulSet', store: sets.store, expectations, enqueue, enqueueMatching }));
  pods.addHandler({ delete: enqueueNamesakes });
  claims.addHandler({ add: enqueueClaim, delete: enqueueClaim });
  return controller;
}

/** The oldest revisions beyond `revisionHistoryLimit`, those left out that are in use. */
function surplusRevisions(
  { spec }: StatefulSet,
  all: readonly ControllerRevision[],
  live: readonly (string | undefined)[],
): readonly ControllerRevision[] {
  const old = all.filter(({ metadata }) => !live.includes(metadata.name));
  const limit = spec.revisionHistoryLimit ?? 10;
  // A negative limit keeps all.
  return limit < 0 ? [] : old.slice(0, Math.max(0, old.length - limit));
}
