// From metrics to a number of replicas. Pure but for the metrics that it is given.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
import type { Pod } from '../../../openapi/types/core.v1.js';
import { milliValue } from '../../apimachinery/quantity/quantity.js';
import { isPodReady } from '../shared/pods.js';
import type { PodMetrics } from './metrics-client.js';
import { groupPods } from './pod-groups.js';

/** By how much the ratio of usage to target may be off before anything is done. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface Proposal {
  readonly replicas: number;
  /** The average of what was measured, in thousandths. */
  readonly value: number;
  /** In percent of the requests. */
  readonly utilization?: number;
}

/** What a calculation looks at. */
export interface Situation {
  /** The replicas that the target is to have. */
  readonly replicas: number;
  readonly pods: readonly Pod[];
  readonly tolerances: Tolerances;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const noMetrics = 'did not receive metrics for targeted pods (pods might be unready)';

/** How the usage of pods stands to its target. */
interface Measure {
  readonly ratio: number;
  readonly value: number;
  readonly utilization?: number;
}

function isTolerated({ up, down }: Tolerances, ratio: number): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

/**
 * The rules that both kinds of targets share. Pods without metrics are taken to use what keeps the step small: what they should when there
 * are to be fewer, nothing when there are to be more; those that are not ready nothing when there are to be more.
 * @param assumed what a pod without metrics uses, in thousandths, when there are to be fewer
 */
function proposal(
  { replicas, pods, tolerances, now }: Situation,
  all: PodMetrics,
  resource: string,
  measure: (metrics: ReadonlyMap<string, number>) => Measure,
  assumed: (pod: string) => number,
): Proposal {
  const { ready, unready, missing, metrics } = groupPods(pods, all, resource, now);
  if (metrics.size === 0) throw new Error(noMetrics);
  const values = new Map([...metrics].map(([name, { value }]) => [name, value]));
  const { ratio, ...measured } = measure(values);
  const startsUp = unready.size > 0 && ratio > 1;
  if (!startsUp && missing.size === 0) {
    return { replicas: isTolerated(tolerances, ratio) ? replicas : Math.ceil(ratio * ready), ...measured };
  }
  if (ratio < 1) for (const name of missing) values.set(name, assumed(name));
  else if (ratio > 1) for (const name of missing) values.set(name, 0);
  if (startsUp) for (const name of unready) values.set(name, 0);
  const { ratio: careful } = measure(values);
  const stay = { replicas, ...measured };
  if (isTolerated(tolerances, careful) || (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)) return stay;
  const proposed = Math.ceil(careful * values.size);
  if ((careful < 1 && proposed > replicas) || (careful > 1 && proposed < replicas)) return stay;
  return { replicas: proposed, ...measured };
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

/** For a target in percent of what the pods request. Throws when a request is missing, or no pod has metrics that count. */
export function byUtilization(situation: Situation, all: PodMetrics, resource: string, container: string, target: number): Proposal {
  if (situation.pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  // Who has no metrics that count is told so before who has no requests.
  if (groupPods(situation.pods, all, resource, situation.now).metrics.size === 0) throw new Error(noMetrics);
  const requests = new Map(situation.pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
  const measure = (metrics: ReadonlyMap<string, number>): Measure => {
    const counted = [...metrics].filter(([name]) => requests.has(name));
    const requested = sumOf(counted.map(([name]) => requests.get(name)!));
    if (requested === 0) throw new Error('no metrics returned matched known pods');
    const used = sumOf(counted.map(([, value]) => value));
    const utilization = Math.trunc((used * 100) / requested);
    return { ratio: utilization / target, utilization, value: Math.trunc(used / counted.length) };
  };
  const fallback = Math.max(100, target);
  return proposal(situation, all, resource, measure, (name) => Math.trunc((requests.get(name)! * fallback) / 100));
}

/** For a target per pod, in thousandths. @param resource '' for metrics that are no resources */
export function byAverage(situation: Situation, all: PodMetrics, resource: string, target: number): Proposal {
  if (situation.pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  const measure = (metrics: ReadonlyMap<string, number>): Measure => {
    const value = Math.trunc(sumOf(metrics.values()) / metrics.size);
    return { ratio: value / target, value };
  };
  return proposal(situation, all, resource, measure, () => target);
}

/** For one value with a target, both in thousandths. */
export function byRatio({ replicas, pods, tolerances }: Situation, value: number, target: number): Proposal {
  const ratio = value / target;
  if (replicas === 0) return { replicas: Math.ceil(ratio), value };
  if (isTolerated(tolerances, ratio)) return { replicas, value };
  return { replicas: Math.ceil(ratio * pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length), value };
}

/** For one value that the replicas share, and a target for each, both in thousandths. @param running the replicas that there are */
export function byShare({ tolerances }: Situation, running: number, value: number, target: number): Proposal {
  const ratio = value / (target * running);
  return {
    replicas: isTolerated(tolerances, ratio) ? running : Math.ceil(value / target),
    value: running === 0 ? 0 : Math.ceil(value / running),
  };
}

/** What a pod, or one container of it, requests, in thousandths. */
function requestOf({ metadata, spec }: Pod, resource: string, container: string): number {
  const own = spec.resources?.requests?.[resource];
  if (container === '' && own !== undefined) return milliValue(own);
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  let sum = 0;
  for (const { name, resources } of [...(spec.containers ?? []), ...sidecars]) {
    if (container !== '' && name !== container) continue;
    const request = resources?.requests?.[resource];
    if (request === undefined) throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
    sum += milliValue(request);
  }
  return sum;
}
