// What a pod uses of a quota. https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota
import type { Container, Pod, PodSpec } from '../../../../openapi/types/core.v1.js';
import type { Quantity } from '../../../apimachinery/quantity/quantity.js';
import { totalResources } from '../podspec/resources.js';
import { isExtended, isHugePages } from '../podspec/validate-resources.js';
import { addInto, one, parseAmounts, type ResourceAmounts } from './amounts.js';

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const podNames = new Set([...['pods', 'count/pods'], ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]);
/** What each container must say when a quota limits it. */
const mustBeNamed = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** Whether a quota for this resource is about pods. */
export function isPodResource(name: string): boolean {
  if (podNames.has(name) || isHugePages(name)) return true;
  if (!name.startsWith('requests.')) return false;
  const rest = name.slice('requests.'.length);
  return isHugePages(rest) || isExtended(rest);
}

/** What a pod's containers ask for (or may use at most) at one time, with the pod's own resources and its overhead. */
export function podTotals(spec: PodSpec, what: 'requests' | 'limits'): Map<string, Quantity> {
  const totals = totalResources(spec, what);
  for (const [name, amount] of parseAmounts(spec.resources?.[what])) totals.set(name, amount);
  const overhead = parseAmounts(spec.overhead);
  // What has no limit has none with the overhead either.
  if (what === 'limits') for (const name of [...overhead.keys()]) if (!totals.has(name)) overhead.delete(name);
  addInto(totals, overhead);
  return totals;
}

function computeUsage(requests: ResourceAmounts, limits: ResourceAmounts): Map<string, Quantity> {
  const usage = new Map<string, Quantity>();
  for (const [name, amount] of requests) {
    if (compute.includes(name) || isHugePages(name)) usage.set(name, amount).set(`requests.${name}`, amount);
    else if (isExtended(name)) usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (compute.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

/** Whether a pod is over, or should have been gone by now: it uses nothing but its place in the store. */
function isOver({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp === undefined || metadata.deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

/** @param now milliseconds since the epoch */
export function podUsage(pod: Pod, now: number): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([['count/pods', one]]);
  if (isOver(pod, now)) return usage;
  usage.set('pods', one);
  const spec = pod.spec ?? ({} as PodSpec);
  addInto(usage, computeUsage(podTotals(spec, 'requests'), podTotals(spec, 'limits')));
  return usage;
}

/**
 * `limits.cpu for: a,b; requests.memory for: a`: what a pod's containers must name and do not; '' when nothing is missing.
 * @param limited the names that a quota limits
 */
export function missingAmounts({ spec }: Pod, limited: ReadonlySet<string>): string {
  const required = mustBeNamed.filter((name) => limited.has(name)).sort();
  if (required.length === 0 || spec === undefined) return '';
  const own = computeUsage(parseAmounts(spec.resources?.requests), parseAmounts(spec.resources?.limits));
  const missing = new Map<string, string[]>();
  const containers: readonly Container[] = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const { name, resources } of containers) {
    const usage = computeUsage(parseAmounts(resources?.requests), parseAmounts(resources?.limits));
    for (const resource of required) {
      if (usage.has(resource) || own.has(resource)) continue;
      missing.set(resource, [...(missing.get(resource) ?? []), name]);
    }
  }
  return required.flatMap((name) => (missing.has(name) ? [`${name} for: ${missing.get(name)!.sort().join(',')}`] : [])).join('; ');
}
