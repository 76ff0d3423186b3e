// NodeResourcesFit: a node must have what a pod requests, and is scored by what is left of it.
// https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
import { amountOf } from '../cycle/resources.js';
import type { NodeInfo, Plugin, PluginArgs, PluginHandle, PodCheck, PodInfo, Rejection } from '../framework.js';
import { classesOf, isOffered } from '../devices/extended-resources.js';
import { ignoredResources } from './ignored-resources.js';
import { scoringStrategy } from './scoring-strategy.js';

type Ignores = (resource: string, node: NodeInfo) => boolean;

function fits(pod: PodInfo, node: NodeInfo, ignored: Ignores): boolean {
  const { requests } = pod;
  if (node.freePods < 1) return false;
  if (requests.cpu > 0 && requests.cpu > node.freeCpu) return false;
  if (requests.memory > 0 && requests.memory > node.freeMemory) return false;
  if (requests.ephemeralStorage > 0 && requests.ephemeralStorage > node.freeEphemeralStorage) return false;
  if (requests.others === undefined) return true;
  const { allocatable, requested } = node;
  for (const [name, amount] of requests.others) {
    if (amount > 0 && !ignored(name, node) && amount > amountOf(allocatable, name) - amountOf(requested, name)) return false;
  }
  return true;
}

/** Everything that is missing, and whether it could be there without other pods. */
function missing(pod: PodInfo, node: NodeInfo, ignored: Ignores): Rejection {
  const reasons: string[] = [];
  let resolvable = true;
  if (node.pods.size + 1 > node.allowedPods) reasons.push('Too many pods');
  const others = [...(pod.requests.others?.keys() ?? [])].filter((name) => !ignored(name, node));
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...others]) {
    const wanted = amountOf(pod.requests, name);
    const there = amountOf(node.allocatable, name);
    if (wanted <= 0 || wanted <= there - amountOf(node.requested, name)) continue;
    reasons.push(`Insufficient ${name}`);
    if (wanted > there) resolvable = false;
  }
  return { reasons, resolvable };
}

export function nodeResourcesFit({ listers }: PluginHandle, args: PluginArgs): Plugin {
  const byArguments = ignoredResources(args);
  /** Devices that a class stands for are not the node's to count. */
  const ignoredFor = (pod: PodInfo): Ignores => {
    const classes = classesOf(pod, listers);
    if (classes === undefined) return byArguments;
    return (resource, node) => byArguments(resource) || (classes.has(resource) && !isOffered(resource, node));
  };
  const scorer = scoringStrategy(args['scoringStrategy']);
  return {
    name: 'NodeResourcesFit',
    preFilter(pod): PodCheck {
      const ignored = ignoredFor(pod);
      return { filter: (node) => (fits(pod, node, ignored) ? undefined : missing(pod, node, ignored)) };
    },
    preScore: (pod) => ({ score: (node) => scorer(pod, node) }),
    listens: ['node', 'podUpdated', 'podDeleted', 'deviceClass'],
    // An event is of one node: it helps when the pod fits there now.
    helps: ({ node, resource }, pod) =>
      resource === 'deviceClass' ? classesOf(pod, listers) !== undefined : node !== undefined && fits(pod, node, ignoredFor(pod)),
  };
}
