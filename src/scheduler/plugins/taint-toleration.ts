// TaintToleration: pods stay off nodes whose taints they do not tolerate, and prefer those without soft taints.
import type { FilterPlugin, Rejection, ScorePlugin } from '../framework.js';
import { reverseNormalize } from './normalize.js';
import { toleratedByAny } from './tolerations.js';

const rejection: Rejection = { reasons: ['node(s) had untolerated taint(s)'], resolvable: false };

export const taintToleration: FilterPlugin & ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(pod, node) {
    for (const taint of node.hardTaints) if (!toleratedByAny(pod.tolerations, taint)) return rejection;
    return undefined;
  },
  score(pod, node) {
    let intolerable = 0;
    for (const taint of node.softTaints) if (!toleratedByAny(pod.tolerations, taint)) intolerable++;
    return intolerable;
  },
  normalize: reverseNormalize,
};
