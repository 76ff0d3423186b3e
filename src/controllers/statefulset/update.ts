// Rolling updates: which pods of an older revision are to go now, the highest ordinal first.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#rolling-updates
import type { StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { resolveShare } from '../shared/shares.js';
import { revisionOf } from './identity.js';
import { isAvailable } from './status.js';

/**
 * The pods to delete, so that they are made again of the new revision.
 * @param pods by place; undefined where there is none yet
 * @param update the name of the new revision
 */
export function podsToUpdate(set: StatefulSet, pods: readonly (Pod | undefined)[], update: string, now: number): readonly Pod[] {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (type !== 'RollingUpdate') return [];
  const candidates = pods.slice(rollingUpdate?.partition ?? 0).reverse();
  const healthy = (pod: Pod | undefined): boolean =>
    pod !== undefined && pod.metadata.deletionTimestamp === undefined && isAvailable(pod, set, now);
  const outdated = (pod: Pod | undefined): pod is Pod =>
    pod !== undefined && pod.metadata.deletionTimestamp === undefined && revisionOf(pod) !== update;
  const share = rollingUpdate?.maxUnavailable;
  if (share === undefined) {
    // One at a time: the first that is outdated, unless one before it is not well yet.
    const next = candidates.find((pod) => outdated(pod) || !healthy(pod));
    return outdated(next) ? [next] : [];
  }
  const most = Math.max(1, resolveShare(share, pods.length, Math.ceil));
  let unavailable = pods.filter((pod) => !healthy(pod)).length;
  const chosen: Pod[] = [];
  for (const pod of candidates) {
    if (!outdated(pod)) continue;
    if (healthy(pod) && ++unavailable > most) break;
    chosen.push(pod);
  }
  return chosen;
}
