// NodeResourcesFit: a node must have what a pod requests; the emptier, the better.
// https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
import type { FilterPlugin, NodeInfo, PodInfo, Rejection, ScorePlugin } from '../framework.js';

function fits(pod: PodInfo, node: NodeInfo): boolean {
  const { requests } = pod;
  const { allocatable, requested } = node;
  if (node.pods.size + 1 > node.allowedPods) return false;
  if (requests.cpu > 0 && requests.cpu > allocatable.cpu - requested.cpu) return false;
  if (requests.memory > 0 && requests.memory > allocatable.memory - requested.memory) return false;
  if (requests.ephemeralStorage > 0 && requests.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage) return false;
  if (requests.others === undefined) return true;
  for (const [name, amount] of requests.others) {
    if (amount > 0 && amount > (allocatable.others?.get(name) ?? 0) - (requested.others?.get(name) ?? 0)) return false;
  }
  return true;
}

/** Everything that is missing, and whether it could be there without other pods. */
function missing(pod: PodInfo, node: NodeInfo): Rejection {
  const { requests } = pod;
  const { allocatable, requested } = node;
  const reasons: string[] = [];
  let resolvable = true;
  const check = (name: string, wanted: number, there: number, used: number): void => {
    if (wanted <= 0 || wanted <= there - used) return;
    reasons.push(`Insufficient ${name}`);
    if (wanted > there) resolvable = false;
  };
  if (node.pods.size + 1 > node.allowedPods) reasons.push('Too many pods');
  check('cpu', requests.cpu, allocatable.cpu, requested.cpu);
  check('memory', requests.memory, allocatable.memory, requested.memory);
  check('ephemeral-storage', requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  for (const [name, amount] of requests.others ?? [])
    check(name, amount, allocatable.others?.get(name) ?? 0, requested.others?.get(name) ?? 0);
  return { reasons, resolvable };
}

/** The share left free after this pod, from 0 to 100. */
function free(capacity: number, used: number): number {
  return capacity === 0 || used > capacity ? 0 : Math.floor(((capacity - used) * 100) / capacity);
}

export const nodeResourcesFit: FilterPlugin & ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter: (pod, node) => (fits(pod, node) ? undefined : missing(pod, node)),
  score(pod, node) {
    const { cpu, memory } = node.allocatable;
    const count = (cpu > 0 ? 1 : 0) + (memory > 0 ? 1 : 0);
    if (count === 0) return 0;
    const left = free(cpu, node.scoredCpu + pod.requests.scoredCpu) + free(memory, node.scoredMemory + pod.requests.scoredMemory);
    return Math.floor(left / count);
  },
};
