// What a node says about itself, as a real kubelet does. https://kubernetes.io/docs/reference/node/node-status/
import type { Node, NodeCondition, NodeStatus } from '../../openapi/types/core.v1.js';
import { deepEqual } from '../apimachinery/equality.js';
import type { Draft } from '../apimachinery/object.js';
import { formatTime } from '../clock/clock.js';
import type { RuntimeImage } from '../runtime/cri.js';
import { runtimeVersion } from '../runtime/runtime.js';
import type { NodeCapacity } from './options.js';

export const kubeletVersion = 'v1.36.3';
const kubeletPort = 10_250;
const mostImages = 50;

export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  /** In canonical form, as the server gives them back. */
  readonly capacity: NodeCapacity;
  /** `amd64` or `arm64`. */
  readonly architecture: string;
  readonly machineId: string;
  readonly bootId: string;
}

export const defaultCapacity: NodeCapacity = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110' };

/** The labels that a kubelet keeps on its node. */
export function nodeLabels({ name, architecture }: NodeFacts): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  };
}

/** A new Node, which is Ready from the start. */
export function newNode(facts: NodeFacts, now: number): Draft<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: nodeLabels(facts),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {},
    status: nodeStatus(facts, [], undefined, now),
  };
}

/** The status now. Conditions that have not changed keep the time of their last transition from `previous`. */
export function nodeStatus(
  facts: NodeFacts,
  images: readonly RuntimeImage[],
  previous: NodeStatus | undefined,
  now: number,
  volumesInUse: readonly string[] = [],
): Draft<NodeStatus> {
  const { name, address, capacity, architecture, machineId, bootId } = facts;
  const resources = { ...capacity, 'hugepages-1Gi': '0', 'hugepages-2Mi': '0' };
  return {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: conditionsAt(previous, now),
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    features: { supplementalGroupsPolicy: true },
    images: largest(images).map(({ id, reference, sizeBytes }) => ({ names: [id, reference], sizeBytes })),
    nodeInfo: {
      architecture,
      bootID: bootId,
      containerRuntimeVersion: `${runtimeVersion.runtimeName}://${runtimeVersion.runtimeVersion}`,
      kernelVersion: '6.12.0-kubedouble',
      kubeProxyVersion: '',
      kubeletVersion,
      machineID: machineId,
      operatingSystem: 'linux',
      osImage: 'kubedouble (simulated node)',
      systemUUID: machineId,
    },
    // An empty list is told only to take back what was told before.
    ...(volumesInUse.length > 0 || previous?.volumesInUse !== undefined ? { volumesInUse } : {}),
    runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: true } }],
  };
}

/** A real kubelet reports the largest ones, the largest first. */
function largest(images: readonly RuntimeImage[]): readonly RuntimeImage[] {
  return [...images].sort((a, b) => b.sizeBytes - a.sizeBytes || (a.reference < b.reference ? -1 : 1)).slice(0, mostImages);
}

/** Type, status, reason and message. */
const healthy: readonly (readonly [string, string, string, string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
];

function conditionsAt(previous: NodeStatus | undefined, now: number): readonly NodeCondition[] {
  const lastHeartbeatTime = formatTime(now);
  return healthy.map(([type, status, reason, message]) => {
    const before = previous?.conditions?.find((one) => one.type === type);
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? lastHeartbeatTime) : lastHeartbeatTime;
    return { type, status, lastHeartbeatTime, lastTransitionTime, reason, message };
  });
}

/** Whether the API says something else than the kubelet, the heartbeat aside. */
export function nodeStatusDiffers(current: NodeStatus | undefined, wanted: Draft<NodeStatus>): boolean {
  if (current === undefined) return true;
  const { conditions: wantedConditions = [], ...rest } = wanted;
  for (const [field, value] of Object.entries(rest)) {
    const there = current[field as keyof NodeStatus];
    const empty = Array.isArray(value) && value.length === 0 && there === undefined;
    if (!empty && !contains(there, value)) return true;
  }
  return wantedConditions.some((one) => {
    const there = current.conditions?.find(({ type }) => type === one?.type);
    return there?.status !== one?.status || there?.reason !== one?.reason || there?.message !== one?.message;
  });
}

/** Whether `there` says what `wanted` says; fields that the server fills in beside it do not count. */
function contains(there: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return deepEqual(there, wanted);
  if (typeof there !== 'object' || there === null) return false;
  return Object.entries(wanted).every(([field, value]) => value === '' || contains((there as Record<string, unknown>)[field], value));
}
