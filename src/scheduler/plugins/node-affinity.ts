// NodeAffinity: the node selector and the affinity to nodes, required and preferred.
import type { FilterPlugin, Rejection, ScorePlugin } from '../framework.js';
import { normalize } from './normalize.js';

const rejection: Rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };
const noLabels = {};

/** For nodes that a pod's affinity rules out by name, before any filter runs. */
export const notNamed: Rejection = { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], resolvable: false };

export const nodeAffinity: FilterPlugin & ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter(pod, node) {
    if (pod.required === undefined) return undefined;
    return pod.required(node.name, node.node?.metadata.labels ?? noLabels) ? undefined : rejection;
  },
  applies: (pod) => pod.preferred.length > 0,
  score(pod, node) {
    let sum = 0;
    for (const { weight, matches } of pod.preferred) if (matches(node.name, node.node?.metadata.labels ?? noLabels)) sum += weight;
    return sum;
  },
  normalize,
};
