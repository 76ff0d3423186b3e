// NodePorts: a port of a node goes to one pod only.
import type { PodSpec } from '../../../openapi/types/core.v1.js';
import type { ClusterEvent, HostPort, NodeInfo, Plugin, Rejection } from '../framework.js';

const rejection: Rejection = { reasons: ["node(s) didn't have free ports for the requested pod ports"], resolvable: true };

/** The host ports of a pod's containers and sidecars. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...sidecars, ...spec.containers]) {
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort > 0) ports.push({ ip: hostIP === '0.0.0.0' || hostIP === '::' ? '' : hostIP, protocol, port: hostPort });
    }
  }
  return ports;
}

/** The key under which a node counts the pods that hold a port. */
export function portKey({ protocol, port }: HostPort): string {
  return `${protocol}/${port}`;
}

function taken(node: NodeInfo, wanted: HostPort): boolean {
  const addresses = node.usedPorts.get(portKey(wanted));
  if (addresses === undefined) return false;
  // A port on every address is in the way of one on a single address, and the other way round.
  return wanted.ip === '' || addresses.has('') || addresses.has(wanted.ip);
}

function free(node: NodeInfo, wanted: readonly HostPort[]): boolean {
  for (const port of wanted) if (taken(node, port)) return false;
  return true;
}

export function nodePorts(): Plugin {
  return {
    name: 'NodePorts',
    preFilter: ({ hostPorts }) =>
      hostPorts.length === 0 ? undefined : { filter: (node) => (free(node, hostPorts) ? undefined : rejection) },
    listens: ['node', 'podDeleted'],
    helps: (event, { hostPorts }) => event.node !== undefined && mayHaveLeft(event) && free(event.node, hostPorts),
  };
}

/** Whether the event is of a node, or of a pod that held a port and went. */
function mayHaveLeft({ resource, pod }: ClusterEvent): boolean {
  return resource === 'node' || (pod !== undefined && pod.hostPorts.length > 0);
}
