// NodePorts: a port of a node goes to one pod only.
import type { PodSpec } from '../../../openapi/types/core.v1.js';
import type { FilterPlugin, HostPort, NodeInfo, Rejection } from '../framework.js';

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

export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  filter(pod, node) {
    for (const wanted of pod.hostPorts) if (taken(node, wanted)) return rejection;
    return undefined;
  },
};
