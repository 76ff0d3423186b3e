// PodResizeValidator and NodeDeclaredFeatureValidator: whether the node of a pod can give what a resize asks for.
// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
import type { Node, Pod, PodSpec } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
import { milliValue, quantityValue, type Quantity } from '../../apimachinery/quantity/quantity.js';
import { totalRequests } from '../../registry/core/podspec/resources.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

/** A feature of the node's kubelet that a resize of init containers needs. https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/ */
const initContainersFeature = 'InPlacePodVerticalScalingInitContainers';

type NodeReader = (name: string) => Promise<Node | undefined>;

function nodeReader(registry: Registry, storages: Storages): NodeReader {
  return async (name) => (await storages.of(registry.byResource('', 'v1', 'nodes')!).get('', name))?.value as Node | undefined;
}

/** A resize of a pod that is on a node, and changes something. */
function isResize({ operation, kind, subresource, object, old }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE' || subresource !== 'resize' || kind.resource !== 'pods' || kind.group !== '') return false;
  const { spec } = object as unknown as Pod;
  return spec.nodeName !== undefined && spec.nodeName !== '' && !deepEqual(spec, (old as Pod).spec);
}

/** Refuses with 403 what needs a feature that the pod's node does not declare. */
export function nodeDeclaredFeatureValidator(registry: Registry, storages: Storages): AdmissionPlugin {
  const nodeOf = nodeReader(registry, storages);
  return {
    name: 'NodeDeclaredFeatureValidator',
    handles: isResize,
    validate: async ({ kind, name, object, old }) => {
      const { spec } = object as unknown as Pod;
      if (!changesInitContainers(spec, (old as Pod).spec)) return;
      const node = await nodeOf(spec.nodeName!);
      if (node === undefined || (node.status?.declaredFeatures ?? []).includes(initContainersFeature)) return;
      const why = `pod update requires features ${initContainersFeature} which are not available on node "${spec.nodeName}"`;
      throw forbidden(kind, name, why);
    },
  };
}

/** Refuses with 403 a resize when the pod's node is not there, or never has so much to give. */
export function podResizeValidator(registry: Registry, storages: Storages): AdmissionPlugin {
  const nodeOf = nodeReader(registry, storages);
  return {
    name: 'PodResizeValidator',
    handles: isResize,
    validate: async ({ kind, name, object }) => {
      const { spec } = object as unknown as Pod;
      const node = await nodeOf(spec.nodeName!);
      if (node === undefined) throw forbidden(kind, name, `node ${JSON.stringify(spec.nodeName)} not found`);
      const lacking = lackingOf(spec, node.status?.allocatable ?? {});
      if (lacking.length === 0) return;
      const error = forbidden(kind, name, `node didn't have enough allocatable resources: ${lacking.join('; ')}`);
      throw new ApiError(403, 'Forbidden', error.message, { ...error.status.details, causes: [{ reason: 'NodeCapacity' }] });
    },
  };
}

function changesInitContainers(spec: PodSpec, old: PodSpec): boolean {
  return (spec.initContainers ?? []).some(
    ({ restartPolicy, resources }, index) => restartPolicy !== 'Always' && !deepEqual(resources, old.initContainers?.[index]?.resources),
  );
}

/** What the pod asks for and the node never has, other pods left out: CPU in thousandths, memory in bytes. */
function lackingOf(spec: PodSpec, allocatable: Readonly<Record<string, string | number>>): readonly string[] {
  const totals = totalRequests(spec);
  const counts: readonly (readonly [string, (amount: string | number | Quantity) => number])[] = [
    ['cpu', milliValue],
    ['memory', quantityValue],
  ];
  return counts.flatMap(([name, count]) => {
    const requested = totals.get(name);
    const [asked, has] = [requested === undefined ? 0 : count(requested), count(allocatable[name] ?? 0)];
    return asked > has ? [`${name}, requested: ${asked}, allocatable: ${has}`] : [];
  });
}
