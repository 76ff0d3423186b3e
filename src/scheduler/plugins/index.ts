// The plugins that there are, in the order in which the default profile asks them, with the weights of their scores. Only this list names them all.
// https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
import type { PluginFactory } from '../framework.js';
import { defaultPreemption } from '../preemption/default-preemption.js';
import { defaultBinder } from './default-binder.js';
import { dynamicResources } from './dynamic-resources.js';
import { imageLocality } from './image-locality.js';
import { interPodAffinity } from './inter-pod-affinity.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeDeclaredFeatures } from './node-declared-features.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import { podTopologySpread } from './pod-topology-spread.js';
import { prioritySort } from './priority-sort.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

export interface RegisteredPlugin {
  readonly name: string;
  readonly create: PluginFactory;
  /** Of its score in the default profile; 1 when absent. */
  readonly weight?: number;
}

export const plugins: readonly RegisteredPlugin[] = [
  { name: 'SchedulingGates', create: schedulingGates },
  { name: 'PrioritySort', create: prioritySort },
  { name: 'NodeUnschedulable', create: nodeUnschedulable },
  { name: 'NodeName', create: nodeName },
  { name: 'TaintToleration', create: taintToleration, weight: 3 },
  { name: 'NodeAffinity', create: nodeAffinity, weight: 2 },
  { name: 'NodePorts', create: nodePorts },
  { name: 'NodeResourcesFit', create: nodeResourcesFit },
  { name: 'VolumeRestrictions', create: volumeRestrictions },
  { name: 'NodeVolumeLimits', create: nodeVolumeLimits },
  { name: 'VolumeBinding', create: volumeBinding },
  { name: 'VolumeZone', create: volumeZone },
  { name: 'PodTopologySpread', create: podTopologySpread, weight: 2 },
  { name: 'InterPodAffinity', create: interPodAffinity, weight: 2 },
  { name: 'DynamicResources', create: dynamicResources, weight: 2 },
  { name: 'DefaultPreemption', create: defaultPreemption },
  { name: 'NodeResourcesBalancedAllocation', create: nodeResourcesBalancedAllocation },
  { name: 'ImageLocality', create: imageLocality },
  { name: 'DefaultBinder', create: defaultBinder },
  { name: 'NodeDeclaredFeatures', create: nodeDeclaredFeatures },
];
