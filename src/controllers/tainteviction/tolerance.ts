// How long a pod may stay on a node with these taints.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { Taint, Toleration } from '../../../openapi/types/core.v1.js';
import { tolerates } from '../../apimachinery/placement/tolerations.js';

/** Milliseconds: 0 when a taint is not tolerated, undefined when the pod may stay for ever. */
export function toleratedFor(tolerations: readonly Toleration[], taints: readonly Taint[]): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds === undefined) continue;
      const milliseconds = Math.max(tolerationSeconds, 0) * 1000;
      if (shortest === undefined || milliseconds < shortest) shortest = milliseconds;
    }
  }
  return shortest;
}
