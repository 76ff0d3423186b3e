// Says of each disruption budget how many of its pods may be disrupted now.
// https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../openapi/types/policy.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { compileLabelSelector, type LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';
import { createController, type ReconcileResult } from '../../client/controller/controller.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import { keyOf } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { isPodReady } from '../shared/pods.js';
import { compareText } from '../shared/sort.js';
import { expectedPodsOf, type Expected, type Owners } from './expected.js';
import { createScales, UnknownKindError } from './scales.js';
import { selectorText } from './selector-text.js';
import { createStaleConditions } from './stale.js';
import { disruptedPodsOf, failSafeStatus, statusOf } from './status.js';

export const disruptionController: ControllerDefinition = {
  name: 'disruption-controller',
  account: 'disruption-controller',
  create: createDisruptionController,
};

export function createDisruptionController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const budgets = informers.informer(POD_DISRUPTION_BUDGETS, { indexers: { namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: { namespace: byNamespace } });
  const deployments = informers.informer(DEPLOYMENTS);
  const replicaSets = informers.informer(REPLICA_SETS);
  const statefulSets = informers.informer(STATEFUL_SETS);
  const replicationControllers = informers.informer(REPLICATION_CONTROLLERS);
  const recorder = context.recorder('controllermanager');
  const owners: Owners = {
    deployments: deployments.store,
    replicaSets: replicaSets.store,
    statefulSets: statefulSets.store,
    replicationControllers: replicationControllers.store,
    scales: createScales(client, clock),
  };

  /** Compiled once: every change of a pod asks all budgets of its namespace. */
  const compiled = new WeakMap<LabelSelector, LabelSelectorMatcher>();
  const selectorOf = ({ spec }: PodDisruptionBudget): LabelSelectorMatcher => {
    if (spec.selector === undefined) return compileLabelSelector(undefined);
    const known = compiled.get(spec.selector) ?? compileLabelSelector(spec.selector);
    compiled.set(spec.selector, known);
    return known;
  };
  const podsOf = (budget: PodDisruptionBudget): readonly Pod[] => {
    const selector = selectorOf(budget);
    if (selector.nothing) return [];
    return pods.store.byIndex('namespace', budget.metadata.namespace ?? '').filter((pod) => selector.matches(pod.metadata.labels));
  };
  const write = async (budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> => {
    if (deepEqual(budget.status, status)) return;
    // The version goes along: an eviction noted meanwhile must not be lost.
    const changed: unknown = { ...budget, status };
    await client.update(POD_DISRUPTION_BUDGETS, changed as Draft<PodDisruptionBudget>, { subresource: 'status' });
  };
  const expect = async (budget: PodDisruptionBudget, own: readonly Pod[]): Promise<Expected> => {
    try {
      return await expectedPodsOf(budget, own, owners);
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${errorText(error)}`;
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      throw error;
    }
  };
  /** What to do after a failure: only what may pass by itself is tried again, all else waits for a change of pods. */
  const afterFailure = (error: unknown): ReconcileResult => {
    if (error instanceof ApiError) throw error;
    if (error instanceof UnknownKindError && error.retryAfter !== undefined) return { requeueAfter: error.retryAfter };
    return undefined;
  };

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const budget = budgets.store.get(key);
    if (budget === undefined) return undefined;
    const own = podsOf(budget);
    if (own.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    let expected: Expected;
    try {
      expected = await expect(budget, own);
    } catch (error) {
      await write(budget, failSafeStatus(budget, errorText(error), clock.now()));
      return afterFailure(error);
    }
    if (expected.unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget));
    const now = clock.now();
    const disrupted = disruptedPodsOf(budget, own, now);
    for (const pod of disrupted.overdue) {
      // The real message names the namespace twice instead of the budget.
      const { namespace = '' } = budget.metadata;
      recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`);
    }
    await write(budget, statusOf(budget, own, expected, disrupted, now));
    return disrupted.recheck === undefined ? undefined : { requeueAfter: disrupted.recheck };
  };

  const controller = createController({
    name: 'disruption-controller',
    clock,
    logger,
    informers: [budgets, pods, deployments, replicaSets, statefulSets, replicationControllers],
    reconcile,
  });
  const stale = createStaleConditions(context, pods);

  /** Every budget that selects a version of the pod: the real controller takes only one of them, and the others fall behind. */
  const enqueueFor = (...versions: readonly [Pod, ...Pod[]]): void => {
    const [{ metadata }] = versions;
    const candidates = budgets.store.byIndex('namespace', metadata.namespace ?? '');
    if (candidates.length === 0) return;
    const matching = candidates.filter((budget) => {
      const selector = selectorOf(budget);
      return versions.some((pod) => selector.matches(pod.metadata.labels));
    });
    // The number of all pods bounds what a look at a budget costs.
    for (const budget of matching) controller.enqueueAfter(keyOf(budget), coalescingDelay(pods.store.size));
    if (matching.length > 1) {
      const [chosen] = matching.map((budget) => budget.metadata.name).sort(compareText);
      const name = `"${metadata.namespace ?? ''}"/"${metadata.name}"`;
      const message = `Pod ${name} matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`;
      recorder.event(versions[versions.length - 1]!, 'Warning', 'MultiplePodDisruptionBudgets', message);
    }
  };
  budgets.addHandler(controller.handler);
  pods.addHandler({
    add: (pod) => enqueueFor(pod),
    update: (previous, current) => {
      if (differsForBudgets(previous, current)) enqueueFor(previous, current);
    },
    delete: (pod) => enqueueFor(pod),
  });
  return {
    start() {
      controller.start();
      stale.start();
    },
    async stop() {
      await Promise.all([controller.stop(), stale.stop()]);
    },
  };
}

/** Whether a change of a pod can matter to budgets. */
function differsForBudgets(a: Pod, b: Pod): boolean {
  return (
    a.metadata.labels !== b.metadata.labels ||
    a.metadata.ownerReferences !== b.metadata.ownerReferences ||
    a.metadata.deletionTimestamp !== b.metadata.deletionTimestamp ||
    isPodReady(a) !== isPodReady(b)
  );
}

function unmanagedMessage({ spec }: PodDisruptionBudget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec.selector ?? {})}) were found to be unmanaged. ` +
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}
