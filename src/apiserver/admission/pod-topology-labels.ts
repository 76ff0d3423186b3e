// PodTopologyLabels: a pod learns the zone and the region of its node. https://kep.k8s.io/4742
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';
import { isNewPod } from './pod-requests.js';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'] as const;

function isBinding({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' && subresource === 'binding' && kind.resource === 'pods' && kind.group === '';
}

/** The node that the pod is made for, or bound to; '' for none. */
function nodeOf(request: AdmissionRequest): string {
  const part = request.object?.[isBinding(request) ? 'target' : 'spec'];
  const name = isRecord(part) ? part[isBinding(request) ? 'name' : 'nodeName'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** Copies two labels of the node to a new pod, or to a binding, from which they come to the pod; what the pod says of itself gives way. */
export function podTopologyLabels(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    subresources: ['pods/binding'],
    handles: (request) => (isNewPod(request) || isBinding(request)) && nodeOf(request) !== '',
    admit: async (request) => {
      const { object } = request;
      const node = await storages.of(registry.byResource('', 'v1', 'nodes')!).get('', nodeOf(request));
      const labels = node?.value.metadata.labels ?? {};
      const found = copied.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const]));
      if (object === undefined || found.length === 0) return;
      const metadata: Mutable = isRecord(object['metadata']) ? object['metadata'] : (object['metadata'] = {});
      metadata['labels'] = { ...(isRecord(metadata['labels']) ? metadata['labels'] : {}), ...Object.fromEntries(found) };
    },
  };
}
