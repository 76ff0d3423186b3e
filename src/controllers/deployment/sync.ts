// One look at a deployment: what is done to its replica sets, and the status written.
import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { REPLICA_SETS } from '../../client/resources.js';
import { isPodTerminal } from '../shared/pods.js';
import { revisionOf } from './annotations.js';
import { conditionOf, deadlineAt, makeCondition, progressDeadline, reasons, setCondition } from './conditions.js';
import { findNewSet, newAndOldSets, scaleSet, writeStatus, type DeploymentTools, type Sets } from './replica-sets.js';
import { sizesForRollingUpdate } from './rolling.js';
import { isScaling, sizesForScale, type SizedSet } from './scale.js';
import { countsOf, isComplete, rolloutStatus } from './status.js';
import { isRollingUpdate, newSetReplicas, replicasOf } from './strategy.js';
import { compareText } from '../shared/sort.js';
import { unlessGone } from '../shared/gone.js';

/**
 * Brings one deployment nearer to its spec.
 * @param sets the replica sets it controls
 * @param podsOf the pods of a replica set
 * @returns when to look again, in milliseconds, though nothing changes: when the progress deadline passes
 */
export async function syncDeployment(
  tools: DeploymentTools,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  podsOf: (set: ReplicaSet) => readonly Pod[],
): Promise<number | undefined> {
  if (deployment.metadata.deletionTimestamp !== undefined) {
    await writeStatus(tools, deployment, countsOf(deployment, sets, findNewSet(deployment, sets), tools.now()));
    return undefined;
  }
  const current = await notePause(tools, deployment);
  if (current.spec.paused === true || isScaling(current, sets)) return syncSize(tools, current, sets);
  return isRollingUpdate(current) ? rollingUpdate(tools, current, sets) : recreate(tools, current, sets, podsOf);
}

/** A pause stops the clock of the progress deadline; the condition says so. */
async function notePause(tools: DeploymentTools, deployment: Deployment): Promise<Deployment> {
  if (progressDeadline(deployment) === undefined) return deployment;
  const conditions = deployment.status.conditions ?? [];
  const known = conditionOf(conditions, 'Progressing')?.reason;
  if (known === reasons.timedOut) return deployment;
  const noted = known === reasons.paused;
  const paused = deployment.spec.paused === true;
  if (paused === noted) return deployment;
  const condition = paused
    ? makeCondition('Progressing', 'Unknown', reasons.paused, 'Deployment is paused', tools.now())
    : makeCondition('Progressing', 'Unknown', reasons.resumed, 'Deployment is resumed', tools.now());
  return writeStatus(tools, deployment, { ...deployment.status, conditions: setCondition(conditions, condition) });
}

/** Paused, or scaled: sizes change, the template waits. */
async function syncSize(tools: DeploymentTools, deployment: Deployment, sets: readonly ReplicaSet[]): Promise<number | undefined> {
  const found = await newAndOldSets(tools, deployment, sets, false);
  await resize(tools, found.deployment, sizesForScale(found.deployment, found.old, found.newSet));
  if (deployment.spec.paused === true) await cleanUp(tools, found);
  const status = countsOf(found.deployment, found.all, found.newSet, tools.now());
  await writeStatus(tools, found.deployment, status);
  return untilDeadline(tools, found.deployment, status.conditions);
}

async function rollingUpdate(tools: DeploymentTools, deployment: Deployment, sets: readonly ReplicaSet[]): Promise<number | undefined> {
  const found = await newAndOldSets(tools, deployment, sets, true);
  const newSet = found.newSet!;
  const wanted =
    replicasOf(newSet) > replicasOf(found.deployment) ? replicasOf(found.deployment) : newSetReplicas(found.deployment, found.all, newSet);
  if (wanted !== replicasOf(newSet)) {
    await scaleSet(tools, found.deployment, newSet, wanted);
    return finish(tools, found);
  }
  const sizes = sizesForRollingUpdate(found.deployment, found.old, newSet);
  await resize(tools, found.deployment, sizes);
  return finish(tools, found, sizes.length === 0);
}

/** All old pods go before the first new one comes. */
async function recreate(
  tools: DeploymentTools,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  podsOf: (set: ReplicaSet) => readonly Pod[],
): Promise<number | undefined> {
  const before = await newAndOldSets(tools, deployment, sets, false);
  const active = before.old.filter((set) => replicasOf(set) > 0);
  if (active.length > 0) {
    await resize(tools, before.deployment, active.map((set) => ({ set, replicas: 0 }))); // prettier-ignore
    return finish(tools, before);
  }
  if (before.old.some((set) => podsOf(set).some((pod) => !isPodTerminal(pod)))) return finish(tools, before);
  const found = before.newSet === undefined ? await newAndOldSets(tools, before.deployment, sets, true) : before;
  const wanted = replicasOf(found.deployment);
  const scaled = replicasOf(found.newSet!) !== wanted;
  if (scaled) await scaleSet(tools, found.deployment, found.newSet!, wanted);
  return finish(tools, found, !scaled);
}

async function resize(tools: DeploymentTools, deployment: Deployment, sizes: readonly SizedSet[]): Promise<void> {
  for (const { set, replicas } of sizes) await scaleSet(tools, deployment, set, replicas);
}

/** Writes the status, and once the rollout is complete lets go of history beyond its limit. */
async function finish(tools: DeploymentTools, found: Sets, mayClean = false): Promise<number | undefined> {
  const { deployment, all, newSet } = found;
  const status = rolloutStatus(deployment, all, newSet, tools.now());
  if (mayClean && isComplete(deployment, status)) await cleanUp(tools, found);
  await writeStatus(tools, deployment, status);
  return untilDeadline(tools, deployment, status.conditions);
}

/** Deletes old sets without replicas beyond `revisionHistoryLimit`, the oldest revisions first. */
async function cleanUp({ client }: DeploymentTools, { deployment, old }: Sets): Promise<void> {
  const { revisionHistoryLimit: limit } = deployment.spec;
  if (limit === undefined) return;
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return;
  const ordered = [...alive].sort(
    (a, b) => Number(revisionOf(a) - revisionOf(b)) || compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp),
  );
  for (const set of ordered.slice(0, surplus)) {
    const seen = (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0);
    if (set.status.replicas !== 0 || replicasOf(set) !== 0 || !seen) continue;
    await unlessGone(client.delete(REPLICA_SETS, set.metadata, { preconditions: { uid: set.metadata.uid } }));
  }
}

/** A second more than the deadline, since conditions know whole seconds only. */
function untilDeadline(tools: DeploymentTools, deployment: Deployment, conditions: Deployment['status']['conditions']): number | undefined {
  const deadline = deadlineAt(deployment, conditions ?? []);
  return deadline === undefined ? undefined : Math.max(deadline - tools.now(), 0) + 1000;
}
