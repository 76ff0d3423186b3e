// One look at a set: its pods in the order of their ordinals, each taken one step nearer to what the spec asks for.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
import type { ControllerRevision, StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { errorText } from '../../client/logger.js';
import { isPodTerminal } from '../shared/pods.js';
import { claimsToOwn, createClaims, hasClaims, ownClaims } from './claims.js';
import { firstOrdinal, ordinalOf, replicasOf } from './identity.js';
import { createPod, deletePod, mendPod, type SetTools } from './pod-control.js';
import { isAvailable, isRunningAndReady, tally, type Tally } from './status.js';
import { podsToUpdate } from './update.js';

export interface SetRevisions {
  /** What the pods were before the rollout that is under way. */
  readonly current: ControllerRevision;
  /** What they are to become. */
  readonly update: ControllerRevision;
  readonly collisions: number;
}

/** What came out: a status also when something failed on the way. */
export interface Synced {
  readonly status: Tally;
  readonly failure?: Error;
}

/** A place for a pod, and the pod if it is there. */
interface Slot {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

/** `wait`: nothing after this pod is touched for now. */
type Step = 'go' | 'wait';

/** Takes the next steps. Never rejects. */
export async function syncStatefulSet(tools: SetTools, set: StatefulSet, revisions: SetRevisions, pods: readonly Pod[]): Promise<Synced> {
  const names = { current: revisions.current.metadata.name, update: revisions.update.metadata.name, collisions: revisions.collisions };
  const status = tally(set, pods, names, tools.now());
  if (set.metadata.deletionTimestamp !== undefined) return { status };
  try {
    await takeSteps(tools, set, revisions, pods, status);
    return { status };
  } catch (error) {
    return { status, failure: error instanceof Error ? error : new Error(errorText(error)) };
  }
}

async function takeSteps(tools: SetTools, set: StatefulSet, revisions: SetRevisions, pods: readonly Pod[], status: Tally): Promise<void> {
  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const { wanted, condemned } = slotsOf(set, pods);

  const first = firstUnhealthy(wanted, condemned);
  const replica = (slot: Slot): Promise<Step> => processReplica(tools, set, revisions, slot, ordered);
  if ((await (ordered ? inTurn(wanted, replica) : inBatches(wanted, replica))) === 'wait') return;

  for (const { ordinal, pod } of condemned) await ownClaims(tools, set, pod!, claimsToOwn(tools, set, pod!, ordinal));
  const surplus = ({ pod }: Slot): Promise<Step> => processCondemned(tools, set, pod!, first, ordered);
  if ((await inTurn(condemned, surplus)) === 'wait') return;

  const present = wanted.map(({ pod }) => pod);
  for (const pod of podsToUpdate(set, present, revisions.update.metadata.name, tools.now())) {
    await deletePod(tools, set, pod);
    status.currentReplicas = Math.max(0, status.currentReplicas - 1);
  }
}

/** The places that the spec wants in their order, and the pods that are too many, the highest ordinal first. */
function slotsOf(set: StatefulSet, pods: readonly Pod[]): { readonly wanted: readonly Slot[]; readonly condemned: readonly Slot[] } {
  const start = firstOrdinal(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod.metadata.name)!, pod]));
  const wanted = Array.from({ length: replicasOf(set) }, (_, index) => ({ ordinal: start + index, pod: byOrdinal.get(start + index) }));
  const condemned = [...byOrdinal].filter(([ordinal]) => ordinal < start || ordinal >= start + wanted.length);
  return { wanted, condemned: condemned.map(([ordinal, pod]) => ({ ordinal, pod })).sort((a, b) => b.ordinal - a.ordinal) };
}

function isHealthy(pod: Pod): boolean {
  return isRunningAndReady(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** The unhealthy pod with the lowest ordinal: scaling down may go past no other. */
function firstUnhealthy(wanted: readonly Slot[], condemned: readonly Slot[]): Pod | undefined {
  const unhealthy = ({ pod }: Slot): boolean => pod === undefined || !isHealthy(pod);
  const lowest = [wanted.find(unhealthy), condemned.findLast(unhealthy)].filter((slot) => slot !== undefined);
  return lowest.sort((a, b) => a.ordinal - b.ordinal)[0]?.pod;
}

/** One after the other, until one says to wait. */
async function inTurn(slots: readonly Slot[], step: (slot: Slot) => Promise<Step>): Promise<Step> {
  for (const slot of slots) if ((await step(slot)) === 'wait') return 'wait';
  return 'go';
}

/** Together, in batches of 1, 2, 4, …: what is refused is refused a few times only. */
async function inBatches(slots: readonly Slot[], step: (slot: Slot) => Promise<Step>): Promise<Step> {
  let last: Step = 'go';
  for (let from = 0, size = 1; from < slots.length; from += size, size *= 2) {
    const settled = await Promise.allSettled(slots.slice(from, from + size).map(step));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      if (one.value === 'wait') last = 'wait';
    }
  }
  return last;
}

async function processReplica(
  tools: SetTools,
  set: StatefulSet,
  revisions: SetRevisions,
  { ordinal, pod }: Slot,
  ordered: boolean,
): Promise<Step> {
  if (pod === undefined) {
    await createPod(tools, set, revisionFor(set, revisions, ordinal), ordinal);
    return ordered ? 'wait' : 'go';
  }
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  if (isPodTerminal(pod) && !terminating) {
    await deletePod(tools, set, pod);
    return 'wait';
  }
  if (pod.status.phase === 'Pending' && !terminating && !hasClaims(tools, set, ordinal)) await createClaims(tools, set, ordinal);
  if (terminating) return ordered ? 'wait' : 'go';
  await mendPod(tools, set, pod, ordinal, claimsToOwn(tools, set, pod, ordinal));
  return ordered && !isAvailable(pod, set, tools.now()) ? 'wait' : 'go';
}

/** Below the partition pods stay what they were. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions */
function revisionFor(set: StatefulSet, { current, update }: SetRevisions, ordinal: number): ControllerRevision {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  const partition = type === 'RollingUpdate' ? (rollingUpdate?.partition ?? 0) : 0;
  return ordinal < firstOrdinal(set) + partition ? current : update;
}

async function processCondemned(tools: SetTools, set: StatefulSet, pod: Pod, first: Pod | undefined, ordered: boolean): Promise<Step> {
  if (pod.metadata.deletionTimestamp !== undefined) return ordered ? 'wait' : 'go';
  if (ordered && pod !== first && !isAvailable(pod, set, tools.now())) return 'wait';
  await deletePod(tools, set, pod);
  return ordered ? 'wait' : 'go';
}
