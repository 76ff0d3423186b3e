// Which pods are behind a service, and at which ports.
// https://kubernetes.io/docs/concepts/services-networking/service/
import type { Pod, Service, ServicePort } from '../../../openapi/types/core.v1.js';
import { podAddresses, isPodTerminal, podCondition } from './pods.js';

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether a service without a selector matches nothing: its endpoints are someone else's. */
export function hasSelector({ spec }: Service): boolean {
  return spec.selector !== undefined && Object.keys(spec.selector).length > 0 && spec.type !== 'ExternalName';
}

export function selects({ spec }: Service, labels: Labels): boolean {
  const selector = spec.selector ?? {};
  for (const key in selector) if (labels?.[key] !== selector[key]) return false;
  return true;
}

/** Whether a pod can be behind a service at all: it has an address and has not finished. */
export function isReachable(pod: Pod): boolean {
  return podAddresses(pod).length > 0 && !isPodTerminal(pod);
}

/** The number of the pod's port that the service's port leads to; undefined when no container has a port of this name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const { targetPort, protocol = 'TCP' } = port;
  if (targetPort === undefined || targetPort === '' || targetPort === 0) return port.port;
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...pod.spec.containers, ...sidecars]) {
    const found = ports.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** Pods of a headless service with a host name have a DNS name of their own. */
export function hostnameOf(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec;
  const named = hostname !== undefined && hostname !== '' && subdomain === service.metadata.name;
  return named && pod.metadata.namespace === service.metadata.namespace ? hostname : undefined;
}

export function targetRefOf(pod: Pod): { kind: string; namespace: string; name: string; uid: string } {
  const { namespace = '', name, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** Whether a change of a pod can matter to services. */
export function differsForServices(a: Pod, b: Pod): boolean {
  const ready = podCondition(a, 'Ready')?.status === podCondition(b, 'Ready')?.status;
  return (
    !ready ||
    a.metadata.labels !== b.metadata.labels ||
    a.metadata.deletionTimestamp !== b.metadata.deletionTimestamp ||
    a.spec.nodeName !== b.spec.nodeName ||
    isPodTerminal(a) !== isPodTerminal(b) ||
    podAddresses(a).join() !== podAddresses(b).join()
  );
}
