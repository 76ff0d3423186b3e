// Whether a node takes on a pod that was put on it by name, past the scheduler. One that does not fit fails.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
import type { Pod } from '../../openapi/types/core.v1.js';
import { milliValue, quantityValue } from '../apimachinery/quantity/quantity.js';
import { podTotals } from '../registry/core/usage/pods.js';
import type { NodeCapacity } from './options.js';

/** Why a pod fails, as its status says it. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** @param othersOf gives the pods on the node that have not ended */
export function rejectionOf(pod: Pod, othersOf: () => readonly Pod[], capacity: NodeCapacity): Rejection | undefined {
  // The scheduler has looked already: only a pod that names its node itself comes unseen.
  if (pod.status.conditions?.some(({ type }) => type === 'PodScheduled') === true) return undefined;
  const others = othersOf();
  return lackOf(pod, others, capacity) ?? portsTaken(pod, others);
}

function lackOf(pod: Pod, others: readonly Pod[], capacity: NodeCapacity): Rejection | undefined {
  const lacking = (resource: string, requested: number, used: number, there: number): Rejection | undefined =>
    requested === 0 || used + requested <= there
      ? undefined
      : {
          reason: `OutOf${resource}`,
          message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${there}`,
        };
  const tooMany = lacking('pods', 1, others.length, quantityValue(capacity.pods));
  if (tooMany !== undefined) return tooMany;
  for (const [resource, value] of [
    ['cpu', milliValue],
    ['memory', quantityValue],
    ['ephemeral-storage', quantityValue],
  ] as const) {
    const asked = (one: Pod): number => {
      const quantity = podTotals(one.spec, 'requests').get(resource);
      return quantity === undefined ? 0 : value(quantity);
    };
    const requested = asked(pod);
    if (requested === 0) continue;
    const used = others.reduce((sum, other) => sum + asked(other), 0);
    const lack = lacking(resource, requested, used, value(capacity[resource]));
    if (lack !== undefined) return lack;
  }
  return undefined;
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  /** '' for every address. */
  readonly address: string;
}

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort, protocol = 'TCP', hostIP = '' }) => ({ port: hostPort!, protocol, address: hostIP === '0.0.0.0' ? '' : hostIP })),
  );
}

function portsTaken(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return undefined;
  const taken = others.flatMap(hostPortsOf);
  const clashes = wanted.some((one) =>
    taken.some(
      (other) =>
        one.port === other.port &&
        one.protocol === other.protocol &&
        (one.address === '' || other.address === '' || one.address === other.address),
    ),
  );
  if (!clashes) return undefined;
  const why = "node(s) didn't have free ports for the requested pod ports";
  return { reason: 'NodePorts', message: `Pod was rejected: Predicate NodePorts failed: ${why}` };
}
