// Parses a pod once for scheduling.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { keyOf } from '../../client/keys.js';
import type { PodInfo } from '../framework.js';
import { compilePreferred, compileRequired, namedNodes } from '../../apimachinery/placement/node-affinity.js';
import { hostPortsOf } from '../plugins/node-ports.js';
import { podTermsOf } from '../topology/pod-terms.js';
import { claimsOf } from '../volumes/pod-claims.js';
import type { ResourceReader } from './resources.js';

export function createPodInfo(pod: Pod, reader: ResourceReader): PodInfo {
  const { spec } = pod;
  return {
    key: keyOf(pod),
    pod,
    priority: spec.priority ?? 0,
    requests: reader.requests(spec, pod.status),
    hostPorts: hostPortsOf(spec),
    tolerations: spec.tolerations ?? [],
    required: compileRequired(spec),
    onlyNodes: namedNodes(spec),
    preferred: compilePreferred(spec),
    claims: claimsOf(pod),
    terms: podTermsOf(pod),
  };
}

/** Whether the pod has ended: it holds nothing of its node any more. */
export function isTerminal({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
