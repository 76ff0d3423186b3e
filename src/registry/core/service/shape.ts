// What a Service's type brings with it. https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
import type { Service, ServiceSpec } from '../../../../openapi/types/core.v1.js';
import type { Mutable } from '../../../apimachinery/object.js';

/** A spec that is still being made; types of fields hold after decoding. */
export type SpecDraft = { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] };

export function specOf(draft: Mutable): SpecDraft {
  return draft['spec'] ?? {};
}

type Shape = Pick<ServiceSpec, 'type' | 'clusterIP' | 'externalTrafficPolicy' | 'allocateLoadBalancerNodePorts' | 'externalIPs'>;

export function needsClusterIP({ type }: Shape): boolean {
  return type !== 'ExternalName';
}

export function isHeadless({ clusterIP }: Shape): boolean {
  return clusterIP === 'None';
}

/** Whether node ports are kept: of type NodePort, or LoadBalancer. */
export function mayHaveNodePorts({ type }: Shape): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

/** Whether node ports are given out to ports that name none. */
export function needsNodePorts(spec: Shape): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

export function needsHealthCheckNodePort({ type, externalTrafficPolicy }: Shape): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

/** Whether traffic may come from outside of the cluster. */
export function isExternal({ type, externalIPs }: Shape): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);
}

export function asService(object: unknown): Service {
  return object as Service;
}
