// NodeAffinity: the node selector and the affinity to nodes, required and preferred.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
import type { NodeAffinity } from '../../../openapi/types/core.v1.js';
import { ConfigurationError } from '../profile/configuration-error.js';
import type { Plugin, PluginArgs, PluginHandle, PodCheck, PodInfo, PodScorer, Rejection } from '../framework.js';
import { compilePreferred, compileRequired, type NodeMatcher, namedNodes } from '../../apimachinery/placement/node-affinity.js';
import { normalize } from './normalize.js';

const rejection: Rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };
/** Of the affinity that the profile adds to every pod's own. */
const addedRejection: Rejection = { reasons: ["node(s) didn't match scheduler-enforced node affinity"], resolvable: false };

export function nodeAffinity(_handle: PluginHandle, { addedAffinity }: PluginArgs): Plugin {
  const added = addedOf(addedAffinity);
  const check = ({ required, onlyNodes }: PodInfo): PodCheck | undefined => {
    if (required === undefined && added.required === undefined) return undefined;
    return {
      ...(onlyNodes === undefined ? {} : { nodes: onlyNodes }),
      filter(node) {
        if (added.required !== undefined && !added.required(node.name, node.labels)) return addedRejection;
        return required === undefined || required(node.name, node.labels) ? undefined : rejection;
      },
    };
  };
  return {
    name: 'NodeAffinity',
    preFilter: (pod) => (pod.onlyNodes?.length === 0 ? { rejected: 'pod affinity terms conflict', resolvable: false } : check(pod)),
    preScore(pod): PodScorer | undefined {
      const terms = added.preferred.length === 0 ? pod.preferred : [...added.preferred, ...pod.preferred];
      if (terms.length === 0) return undefined;
      return {
        score({ name, labels }) {
          let sum = 0;
          for (const { weight, matches } of terms) if (matches(name, labels)) sum += weight;
          return sum;
        },
        normalize,
      };
    },
    listens: ['node'],
    helps: ({ node }, pod) => node !== undefined && check(pod)?.filter(node) === undefined,
  };
}

function addedOf(value: unknown): { readonly required: NodeMatcher | undefined; readonly preferred: PodInfo['preferred'] } {
  if (value === undefined || value === null) return { required: undefined, preferred: [] };
  if (typeof value !== 'object') throw new ConfigurationError('NodeAffinity: addedAffinity must be a node affinity');
  const spec = { containers: [], affinity: { nodeAffinity: value as NodeAffinity } };
  if (namedNodes(spec)?.length === 0) throw new ConfigurationError('NodeAffinity: addedAffinity matches no node');
  return { required: compileRequired(spec), preferred: compilePreferred(spec) };
}
