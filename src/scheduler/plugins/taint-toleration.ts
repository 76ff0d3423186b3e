// TaintToleration: pods stay off nodes whose taints they do not tolerate, and prefer those without soft taints.
import type { NodeInfo, Plugin, PodInfo, PodScorer, Rejection } from '../framework.js';
import { reverseNormalize } from './normalize.js';
import { toleratedByAny } from '../../apimachinery/placement/tolerations.js';

const rejection: Rejection = { reasons: ['node(s) had untolerated taint(s)'], resolvable: false };

function tolerates({ tolerations }: PodInfo, { hardTaints }: NodeInfo): boolean {
  for (const taint of hardTaints) if (!toleratedByAny(tolerations, taint)) return false;
  return true;
}

export function taintToleration(): Plugin {
  return {
    name: 'TaintToleration',
    preFilter: (pod) => ({ filter: (node) => (node.hardTaints.length === 0 || tolerates(pod, node) ? undefined : rejection) }),
    preScore(pod): PodScorer {
      // Only tolerations without an effect, or with this one, are about soft taints.
      const tolerations = pod.tolerations.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
      return {
        score(node) {
          if (node.softTaints.length === 0) return 0;
          let intolerable = 0;
          for (const taint of node.softTaints) if (!toleratedByAny(tolerations, taint)) intolerable++;
          return intolerable;
        },
        normalize: reverseNormalize,
      };
    },
    listens: ['node'],
    helps: ({ node }, pod) => node !== undefined && tolerates(pod, node),
  };
}
