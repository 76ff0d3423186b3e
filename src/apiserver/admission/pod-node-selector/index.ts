// PodNodeSelector: pods run on the nodes that their namespace, or the cluster, chooses.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
import { forbidden } from '../../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject } from '../../../apimachinery/object.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { changeSpec, isNewPod, namespaceReader, specOf } from '../pod-requests.js';
import type { NodeSelectors } from './configuration.js';
import { parseNodeSelector } from './selector.js';

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

/** Puts the namespace's selector into new pods; refuses with 403 pods that ask for other nodes, or for labels that the namespace does not allow. */
export function podNodeSelector(registry: Registry, storages: Storages, { clusterDefault, allowed }: NodeSelectors): AdmissionPlugin {
  const namespaceOf = namespaceReader(registry, storages);
  /** The namespace's selector and the pod's in one. */
  const merged = ({ metadata }: KubeObject, request: AdmissionRequest): Map<string, string> => {
    const { kind, name } = request;
    const wanted = parseNodeSelector(metadata.annotations?.[annotation] ?? clusterDefault);
    const own = specOf(request)?.['nodeSelector'];
    const labels = new Map(isRecord(own) ? (Object.entries(own) as [string, string][]) : []);
    for (const [key, value] of wanted) {
      if ((labels.get(key) ?? value) !== value)
        throw forbidden(kind, name, 'pod node label selector conflicts with its namespace node label selector');
      labels.set(key, value);
    }
    const choice = parseNodeSelector(allowed.get(metadata.name) ?? '');
    if (choice.size > 0 && [...labels].some(([key, value]) => choice.get(key) !== value))
      throw forbidden(kind, name, 'pod node label selector labels conflict with its namespace whitelist');
    return labels;
  };
  return {
    name: 'PodNodeSelector',
    handles: isNewPod,
    admit: async (request) => {
      const labels = merged(await namespaceOf(request.namespace), request);
      if (labels.size > 0) changeSpec(request, { nodeSelector: Object.fromEntries(labels) });
    },
    // Others may have changed the pod meanwhile.
    validate: async (request) => void merged(await namespaceOf(request.namespace), request),
  };
}
