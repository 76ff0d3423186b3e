// What is to be done for the nodes: a pod where one is missing, none where none may be, not two where one is enough.
import type { DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import { keyOf } from '../../client/keys.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { byCreation } from '../shared/sort.js';
import type { FailureBackoff } from './failure-backoff.js';
import { isTerminating, type Limits, type NodePods, type PodFacts } from './node-pods.js';
import type { NodeRule } from './placement.js';

export interface Plan {
  /** The names of the nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Milliseconds until a failed pod may be deleted that must wait now; undefined when none does. */
  readonly wait?: number | undefined;
}

export interface Situation {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly rule: NodeRule;
  readonly byNode: NodePods;
  readonly facts: PodFacts;
  readonly limits: Limits;
}

export function planNodes(situation: Situation, backoff: FailureBackoff, recorder: EventRecorder): Plan {
  const { nodes, rule, byNode, set } = situation;
  const create: string[] = [];
  const remove: Pod[] = [];
  const known = new Set<string>();
  let wait: number | undefined;
  for (const node of nodes) {
    const { name } = node.metadata;
    known.add(name);
    const pods = byNode.get(name);
    const { shouldRun, mayStay } = rule(node);
    if (pods === undefined) {
      if (shouldRun) create.push(name);
      continue;
    }
    if (!mayStay) {
      remove.push(...pods.filter((pod) => !isTerminating(pod)));
      continue;
    }
    const alive: Pod[] = [];
    for (const pod of pods) {
      if (isTerminating(pod)) continue;
      const { phase } = pod.status;
      if (phase === 'Failed') {
        const left = backoff.next(set, name);
        if (left > 0) {
          wait = Math.min(wait ?? left, left);
          continue;
        }
        const message = `Found failed daemon pod ${keyOf(pod)} on node ${name}, will try to kill it`;
        recorder.event(set, 'Warning', 'FailedDaemonPod', message);
        remove.push(pod);
      } else if (phase === 'Succeeded') {
        const message = `Found succeeded daemon pod ${keyOf(pod)} on node ${name}, will try to delete it`;
        recorder.event(set, 'Normal', 'SucceededDaemonPod', message);
        remove.push(pod);
      } else alive.push(pod);
    }
    if (alive.length > 1) remove.push(...surplus(alive, situation));
  }
  // Nobody can schedule a pod that waits for a node that is gone.
  for (const [name, pods] of byNode) {
    if (!known.has(name)) remove.push(...pods.filter((pod) => !pod.spec.nodeName && !isTerminating(pod)));
  }
  return { create, remove, wait };
}

/** All but the oldest; with a surge, an old and a new one may stand side by side until the new one is available. */
function surplus(pods: readonly Pod[], { facts, limits }: Situation): readonly Pod[] {
  const ordered = [...pods].sort(byCreation);
  if (limits.maxSurge === 0) return ordered.slice(1);
  const [fresh, ...moreFresh] = ordered.filter((pod) => facts.isUpdated(pod));
  const [old, ...moreOld] = ordered.filter((pod) => !facts.isUpdated(pod));
  const done = fresh !== undefined && old !== undefined && (!facts.isAvailable(old) || facts.isAvailable(fresh));
  return [...moreFresh, ...moreOld, ...(done ? [old] : [])];
}
