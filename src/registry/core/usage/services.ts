// What a service uses of a quota. https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota
import type { Service } from '../../../../openapi/types/core.v1.js';
import type { Quantity } from '../../../apimachinery/quantity/quantity.js';
import { countOf, one } from './amounts.js';

const names = new Set(['services', 'count/services', 'services.nodeports', 'services.loadbalancers']);

/** Whether a quota for this resource is about services. */
export function isServiceResource(name: string): boolean {
  return names.has(name);
}

export function serviceUsage({ spec }: Service): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([
    ['count/services', one],
    ['services', one],
    ['services.nodeports', countOf(0)],
    ['services.loadbalancers', countOf(0)],
  ]);
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') usage.set('services.nodeports', countOf(ports.length));
  if (spec?.type === 'LoadBalancer') {
    // Without node ports of its own, only those count that are named.
    const taken = spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort = 0 }) => nodePort !== 0) : ports;
    usage.set('services.nodeports', countOf(taken.length)).set('services.loadbalancers', one);
  }
  return usage;
}
