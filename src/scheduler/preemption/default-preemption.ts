// DefaultPreemption: makes room for a pod by the removal of less important ones.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#preemption
import { errorText } from '../../client/logger.js';
import { histogram, raise } from '../cycle/diagnosis.js';
import type { FailedAttempt, NodeInfo, Plugin, PluginArgs, PluginHandle, PodInfo, PostFilterResult } from '../framework.js';
import { ConfigurationError } from '../profile/configuration-error.js';
import { budgetsOf } from './budgets.js';
import { bestCandidate, type Candidate } from './candidates.js';
import { tryNode } from './dry-run.js';
import { evictVictims } from './evict.js';

const noVictims = 'No preemption victims found for incoming pod';
const notHelpful = 'Preemption is not helpful for scheduling';

export function defaultPreemption(handle: PluginHandle, args: PluginArgs): Plugin {
  const { nodes, nominations, listers, random } = handle;
  const leastPercentage = bounded(args['minCandidateNodesPercentage'], 'minCandidateNodesPercentage', 10, 100);
  const leastNodes = bounded(args['minCandidateNodesAbsolute'], 'minCandidateNodesAbsolute', 100, 1_000_000);

  const postFilter = (attempt: FailedAttempt): PostFilterResult => {
    const { pod, rejections, leftOut } = attempt;
    const why = notEligible(pod, nominations.of(pod.key), nodes.get(nominations.of(pod.key) ?? ''), rejections);
    if (why !== undefined) return { message: `preemption: ${why}` };
    const reasons = new Map<string, number>();
    raise(reasons, notHelpful, leftOut);
    const places: NodeInfo[] = [];
    for (const [name, { resolvable }] of rejections) {
      const node = resolvable ? nodes.get(name) : undefined;
      if (node === undefined) raise(reasons, notHelpful);
      else places.push(node);
    }
    const candidates: Candidate[] = [];
    const enough = Math.max(leastNodes, Math.floor((places.length * leastPercentage) / 100));
    const offset = places.length === 0 ? 0 : Math.floor(random.next() * places.length);
    const budgets = budgetsOf(listers.disruptionBudgets.store.list());
    for (let looked = 0; looked < places.length && candidates.length < enough; looked++) {
      const node = places[(offset + looked) % places.length]!;
      const result = tryNode(pod, node, attempt.checks, nominations, budgets);
      if (result === 'noVictims') raise(reasons, noVictims);
      else if ('reasons' in result) for (const reason of result.reasons) raise(reasons, reason);
      else candidates.push(result);
    }
    if (candidates.length === 0)
      return { message: `preemption: 0/${rejections.size + leftOut} nodes are available: ${histogram(reasons)}.` };
    const preempt = attempt.extenders?.preempt;
    if (preempt === undefined) return takeBest(pod, candidates);
    const revise = (): Promise<PostFilterResult> =>
      preempt(candidates, nodes).then(
        (left) => takeBest(pod, left),
        (error: unknown) => ({ message: `preemption: ${errorText(error)}` }),
      );
    return { message: '', revise };
  };
  const takeBest = (pod: PodInfo, candidates: readonly Candidate[]): PostFilterResult => {
    const best = bestCandidate(candidates);
    if (best === undefined) return { message: 'preemption: no candidate node for preemption' };
    return { message: '', nominate: best.node.name, act: () => evictVictims(handle, pod, best) };
  };
  return { name: 'DefaultPreemption', postFilter };
}

/** Undefined: the pod may take the place of others. */
function notEligible(
  { pod, priority }: PodInfo,
  nominated: string | undefined,
  node: NodeInfo | undefined,
  rejections: FailedAttempt['rejections'],
): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  if (nominated === undefined || node === undefined || rejections.get(nominated)?.resolvable === false) return undefined;
  // The room that was made last time is about to come.
  for (const other of node.pods.values()) {
    if (other.priority < priority && other.pod.metadata.deletionTimestamp !== undefined && isPreempted(other))
      return 'not eligible due to a terminating pod on the nominated node.';
  }
  return undefined;
}

function isPreempted({ pod }: PodInfo): boolean {
  return (
    pod.status?.conditions?.some(
      ({ type, status, reason }) => type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
    ) ?? false
  );
}

function bounded(value: unknown, name: string, whenAbsent: number, most: number): number {
  if (value === undefined || value === null) return whenAbsent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
    throw new ConfigurationError(`DefaultPreemption: ${name} must be a whole number from 0 to ${most}, not ${JSON.stringify(value)}`);
  return value;
}
