// Rolling updates: old pods go as far as maxUnavailable allows, or new ones come beside them as far as maxSurge does.
// https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isTerminating, type PodFacts } from './node-pods.js';
import type { Plan, Situation } from './manage.js';

/** The pods on one node that are not on their way out, told apart by their template. */
function ofNode(pods: readonly Pod[], facts: PodFacts): { readonly fresh: Pod | undefined; readonly old: Pod | undefined } {
  const alive = pods.filter((pod) => !isTerminating(pod));
  return { fresh: alive.find((pod) => facts.isUpdated(pod)), old: alive.find((pod) => !facts.isUpdated(pod)) };
}

export function planUpdate(situation: Situation): Plan {
  return situation.limits.maxSurge > 0 ? planSurge(situation) : planReplacement(situation);
}

/** An old pod that is not available is no loss; of the others only so many may be missing at a time. */
function planReplacement({ nodes, rule, byNode, facts, limits }: Situation): Plan {
  const atOnce: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = nodes.filter((node) => !byNode.has(node.metadata.name) && rule(node).shouldRun).length;
  for (const pods of byNode.values()) {
    const { fresh, old } = ofNode(pods, facts);
    if (old === undefined || fresh !== undefined) {
      if (old !== undefined || fresh === undefined || !facts.isAvailable(fresh)) unavailable++;
    } else if (facts.isAvailable(old)) candidates.push(old);
    else {
      atOnce.push(old);
      unavailable++;
    }
  }
  const room = Math.max(0, limits.maxUnavailable - unavailable);
  return { create: [], remove: [...atOnce, ...candidates.slice(0, room)] };
}

/** A node whose old pod is not available gets a new one at once; of the others only so many may have two at a time. */
function planSurge({ byNode, facts, limits }: Situation): Plan {
  const atOnce: string[] = [];
  const candidates: string[] = [];
  const remove: Pod[] = [];
  let doubled = 0;
  for (const [node, pods] of byNode) {
    const { fresh, old } = ofNode(pods, facts);
    if (old === undefined) continue;
    if (fresh === undefined) (facts.isAvailable(old) ? candidates : atOnce).push(node);
    else if (facts.isAvailable(fresh)) remove.push(old);
    else doubled++;
  }
  const room = Math.max(0, limits.maxSurge - doubled);
  return { create: [...atOnce, ...candidates.slice(0, room)], remove };
}
