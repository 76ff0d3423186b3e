// Resource requests and limits of pods: defaults, totals and the quality of service that follows.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import type { PodSpec, PodStatus } from '../../../../openapi/types/core.v1.js';
import type { Mutable } from '../../../apimachinery/object.js';
import { isRecord } from '../../../apimachinery/object.js';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';

type Amounts = Readonly<Record<string, string | number>>;

/** Limits count as requests where none are named. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits */
function requestsFromLimits(holder: Mutable): void {
  const resources = holder['resources'];
  if (!isRecord(resources)) return;
  const limits = resources['limits'];
  if (!isRecord(limits)) return;
  const requests = isRecord(resources['requests']) ? resources['requests'] : {};
  let added = false;
  for (const name in limits) {
    if (requests[name] !== undefined) continue;
    requests[name] = limits[name];
    added = true;
  }
  if (added) resources['requests'] = requests;
}

const containerLists = ['containers', 'initContainers'] as const;

/** Fills in the requests of a pod's containers and of the pod itself. Changes the spec. Templates keep what they say. */
export function defaultRequests(spec: Mutable): void {
  for (const list of containerLists) {
    const containers = spec[list];
    if (Array.isArray(containers)) for (const container of containers as unknown[]) if (isRecord(container)) requestsFromLimits(container);
  }
  const own = spec['resources'];
  if (!isRecord(own)) return;
  const totals = totalRequests(spec as unknown as PodSpec);
  const requests = isRecord(own['requests']) ? own['requests'] : {};
  const limits = isRecord(own['limits']) ? own['limits'] : {};
  for (const name in limits) {
    // Others are refused later: nothing is asked for by them.
    if (name !== 'cpu' && name !== 'memory' && !name.startsWith('hugepages-')) continue;
    const total = name.startsWith('hugepages-') ? undefined : totals.get(name);
    if (requests[name] === undefined) requests[name] = total === undefined ? limits[name] : formatQuantity(total);
  }
  if (Object.keys(requests).length > 0) own['requests'] = requests;
}

type Totals = Map<string, Quantity>;

function addAll(totals: Totals, amounts: Amounts | undefined): void {
  for (const name in amounts) {
    const amount = parseQuantity(amounts[name]!);
    const sum = totals.get(name);
    totals.set(name, sum === undefined ? amount : addQuantities(sum, amount));
  }
}

function raiseTo(totals: Totals, least: Totals): void {
  for (const [name, amount] of least) {
    const sum = totals.get(name);
    if (sum === undefined || compareQuantities(sum, amount) < 0) totals.set(name, amount);
  }
}

/**
 * What the containers ask for together, or may use together: the most that runs at one time. Sidecars run on beside the init containers
 * that follow them. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function totalResources(spec: PodSpec, what: 'requests' | 'limits'): Totals {
  const totals: Totals = new Map();
  for (const { resources } of spec.containers ?? []) addAll(totals, resources?.[what]);
  const sidecars: Totals = new Map();
  const starting: Totals = new Map();
  for (const { restartPolicy, resources } of spec.initContainers ?? []) {
    if (restartPolicy === 'Always') {
      addAll(totals, resources?.[what]);
      addAll(sidecars, resources?.[what]);
      raiseTo(starting, sidecars);
    } else {
      const now = new Map(sidecars);
      addAll(now, resources?.[what]);
      raiseTo(starting, now);
    }
  }
  raiseTo(totals, starting);
  return totals;
}

/** What the containers ask for together. */
export function totalRequests(spec: PodSpec): Totals {
  return totalResources(spec, 'requests');
}

type QosClass = NonNullable<PodStatus['qosClass']>;

const qosResources = ['cpu', 'memory'] as const;

function collect(totals: Map<string, Quantity>, amounts: Amounts | undefined): number {
  let found = 0;
  for (const name of qosResources) {
    const text = amounts?.[name];
    if (text === undefined) continue;
    const amount = parseQuantity(text);
    if (amount.nano <= 0n) continue;
    found++;
    const sum = totals.get(name);
    totals.set(name, sum === undefined ? amount : addQuantities(sum, amount));
  }
  return found;
}

/** The quality of service class of a pod with this spec. */
export function qosClassOf(spec: PodSpec): QosClass {
  const holders = spec.resources === undefined ? [...(spec.containers ?? []), ...(spec.initContainers ?? [])] : [spec];
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let guaranteed = true;
  for (const { resources } of holders) {
    collect(requests, resources?.requests);
    if (collect(limits, resources?.limits) < qosResources.length) guaranteed = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  if (!guaranteed || requests.size !== limits.size) return 'Burstable';
  for (const [name, amount] of requests) {
    const limit = limits.get(name);
    if (limit === undefined || compareQuantities(limit, amount) !== 0) return 'Burstable';
  }
  return 'Guaranteed';
}
