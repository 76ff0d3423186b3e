// Keeps a pod of each daemon set on every node that it is meant for.
// https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
import type { ControllerRevision, DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations, expectationsExpiry } from '../../client/controller/expectations.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import { keyOf } from '../../client/keys.js';
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { claimHeld, heldIndexers } from '../shared/claim-held.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { unlessGone } from '../shared/gone.js';
import { createLatest } from '../shared/latest.js';
import { ownedPodsHandler } from '../shared/owned-pods.js';
import { createPods, deletePods, unlessTerminatingNamespace, type PodControl } from '../shared/pod-control.js';
import { untilNextAvailable } from '../shared/pods.js';
import { createRevisionHistory, deleteRevisions, type RevisionsFound } from '../shared/revisions.js';
import { mergeDuplicates } from './duplicates.js';
import { createFailureBackoff } from './failure-backoff.js';
import { planNodes, type Plan, type Situation } from './manage.js';
import { podFacts, podsByNode, updateLimits, type NodePods } from './node-pods.js';
import { nodeRule, type NodeRule } from './placement.js';
import { hashLabel, podDrafts } from './pod-draft.js';
import { planUpdate } from './rolling.js';
import { statusToWrite } from './status.js';

/** Pods created or deleted in one go; the rest follows in the next. */
const burst = 250;
/** Milliseconds after which what was just written is looked for. */
const soon = 100;

export const daemonSetController: ControllerDefinition = {
  name: 'daemonset-controller',
  account: 'daemon-set-controller',
  create: createDaemonSetController,
};

export function createDaemonSetController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const sets = informers.informer(DAEMON_SETS, { indexers: { namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: heldIndexers });
  const revisions = informers.informer(CONTROLLER_REVISIONS, { indexers: heldIndexers });
  const nodes = informers.informer(NODES);
  const recorder = context.recorder('daemonset-controller');
  const expectations = createExpectations(clock);
  const latest = createLatest(client, DAEMON_SETS);
  const history = createRevisionHistory(client, hashLabel);
  const backoff = createFailureBackoff(clock);

  const rules = new WeakMap<DaemonSet, NodeRule>();
  const ruleOf = (set: DaemonSet): NodeRule => {
    const known = rules.get(set) ?? nodeRule(set);
    rules.set(set, known);
    return known;
  };
  /** The pods and revisions of the set, those included that it takes in now. */
  const held = async (set: DaemonSet) => {
    const selector = compileLabelSelector(set.spec.selector);
    const matches = ({ metadata }: Pod | ControllerRevision): boolean => selector.matches(metadata.labels);
    const owner = { client, owner: set, ownerType: DAEMON_SETS, matches };
    return {
      known: await claimHeld(revisions.store, { ...owner, type: CONTROLLER_REVISIONS }),
      own: await claimHeld(pods.store, { ...owner, type: PODS }),
    };
  };
  /** The pods as the informer has them by now: with what was just done, as far as that is seen already. */
  const presentPods = (set: DaemonSet): NodePods => podsByNode(pods.store.byIndex('controller', set.metadata.uid));

  /** Rejects with the first failure, after everything was tried. */
  const carryOut = async (set: DaemonSet, { create, remove }: Plan, hash: string): Promise<void> => {
    const control: PodControl = { client, recorder, expectations, logger, key: keyOf(set), owner: set };
    const draft = podDrafts(set, hash);
    const created = await createPods(control, Math.min(create.length, burst), (number) => draft(create[number]!));
    const deleted = await deletePods(control, remove.slice(0, burst));
    const failure = created.failure ?? deleted.failure;
    if (failure !== undefined) throw failure;
  };

  /** Brings pods nearer to what they should be. Resolves with the milliseconds after which to look again, if time alone brings something. */
  const act = async (situation: Situation, found: RevisionsFound, hash: string): Promise<number | undefined> => {
    const { set } = situation;
    const key = keyOf(set);
    if (!expectations.satisfied(key)) return expectationsExpiry + 1;
    const plan = planNodes(situation, backoff, recorder);
    await carryOut(set, plan, hash);
    if (set.spec.updateStrategy.type === 'RollingUpdate' && expectations.satisfied(key)) {
      await carryOut(set, planUpdate({ ...situation, byNode: presentPods(set) }), hash);
    }
    await deleteRevisions(client, surplusRevisions(situation, found));
    return plan.wait;
  };

  const reconcile = async (key: string): Promise<{ requeueAfter: number } | undefined> => {
    const seen = sets.store.get(key);
    if (seen === undefined) return void latest.forget(key);
    const set = latest.of(seen);
    if (set.metadata.deletionTimestamp !== undefined) return undefined;
    const { known, own } = await held(set);
    const found = await history.find(set, known, set.status.collisionCount);
    if (found === undefined) return undefined;
    if (!(await mergeDuplicates(client, found, own))) return { requeueAfter: soon };
    const hash = found.current.metadata.labels?.[hashLabel] ?? '';
    const rule = ruleOf(set);
    const all = nodes.store.list();
    const desired = all.filter((node) => rule(node).shouldRun).length;
    const facts = podFacts(set, hash, clock.now());
    const situation = { set, nodes: all, rule, byNode: podsByNode(own), facts, limits: updateLimits(set, desired) };
    const waits: (number | undefined)[] = [untilNextAvailable(own, set.spec.minReadySeconds ?? 0, clock.now())];
    try {
      waits.push(await act(situation, found, hash));
    } finally {
      const status = statusToWrite({ ...situation, byNode: presentPods(set) }, found.collisions);
      if (status !== undefined) await unlessGone(latest.writeStatus({ ...set, status }));
    }
    const soonest = Math.min(...waits.map((wait) => wait ?? Infinity));
    return Number.isFinite(soonest) ? { requeueAfter: soonest } : undefined;
  };

  const controller = createController({
    name: 'daemonset-controller',
    clock,
    logger,
    workers: 2,
    informers: [sets, pods, revisions, nodes],
    reconcile: (key) => unlessTerminatingNamespace(reconcile(key)),
  });
  const enqueue = (set: DaemonSet): void => controller.enqueueAfter(keyOf(set), coalescingDelay(set.status.desiredNumberScheduled));
  const enqueueMatching = (pod: Pod): void => {
    for (const set of sets.store.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (compileLabelSelector(set.spec.selector).matches(pod.metadata.labels)) enqueue(set);
    }
  };
  sets.addHandler({
    add: (set) => controller.enqueueObject(set),
    update: (previous, current) => {
      if (previous.metadata.uid !== current.metadata.uid) {
        expectations.delete(keyOf(previous));
        backoff.forget(previous.metadata.uid);
      }
      if (!latest.isOwn(previous, current)) controller.enqueueObject(current);
    },
    delete: (last) => {
      expectations.delete(keyOf(last));
      backoff.forget(last.metadata.uid);
      controller.enqueueObject(last);
    },
  });
  pods.addHandler(ownedPodsHandler({ kind: 'DaemonSet', store: sets.store, expectations, enqueue, enqueueMatching }));
  const enqueueFor = (node: Node): void => {
    for (const set of sets.store.list()) if (ruleOf(set)(node).mayStay) enqueue(set);
  };
  nodes.addHandler({
    add: enqueueFor,
    update: (previous, current) => {
      // Heartbeats change neither.
      if (deepEqual(previous.metadata.labels, current.metadata.labels) && deepEqual(previous.spec?.taints, current.spec?.taints)) return;
      for (const set of sets.store.list()) {
        const rule = ruleOf(set);
        if (!deepEqual(rule(previous), rule(current))) enqueue(set);
      }
    },
    delete: enqueueFor,
  });
  return controller;
}

/** The oldest revisions beyond `revisionHistoryLimit`, without those that pods are of. */
function surplusRevisions({ set, byNode }: Situation, { current, all, duplicates }: RevisionsFound): readonly ControllerRevision[] {
  const old = all.filter((revision) => revision !== current && !duplicates.includes(revision));
  const surplus = old.length - (set.spec.revisionHistoryLimit ?? 10);
  if (surplus <= 0) return [];
  const live = new Set([...byNode.values()].flatMap((pods) => pods.map(({ metadata }) => metadata.labels?.[hashLabel])));
  return old.filter(({ metadata }) => !live.has(metadata.labels?.[hashLabel])).slice(0, surplus);
}
