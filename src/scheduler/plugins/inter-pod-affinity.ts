// InterPodAffinity: pods near those they want to be near, and away from those they, or the others, want to be away from.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
import type { ClusterEvent, NodeInfo, Plugin, PluginArgs, PluginHandle, PodCheck, PodInfo, PodScorer } from '../framework.js';
import { ConfigurationError } from '../profile/configuration-error.js';
import type { PodTerm } from '../topology/pod-terms.js';
import { labelOf } from '../topology/tally.js';
import type { TopologyIndex } from '../topology/topology-index.js';
import { AffinityCheck } from './affinity-check.js';

interface Arguments {
  /** What required affinity of other pods to this one counts as a preference. */
  readonly hardWeight: number;
  readonly ignorePreferred: boolean;
}

/** Pods by the value of a label, each worth so much. */
interface Pull {
  readonly topologyKey: string;
  readonly worth: number;
  readonly pods: ReadonlyMap<string, number>;
}

export function interPodAffinity({ topology }: PluginHandle, args: PluginArgs): Plugin {
  const { hardWeight, ignorePreferred } = argumentsOf(args);

  const pullsOf = (pod: PodInfo): readonly Pull[] => {
    const own = pod.terms?.preferred ?? [];
    const pulls: Pull[] = own.map((term) => ({
      topologyKey: term.topologyKey,
      worth: signed(term),
      pods: topology.count(term.selector, false).by(term.topologyKey),
    }));
    for (const { term, tally } of topology.wishes(pod)) {
      const worth = term.kind === 'requiredAffinity' ? hardWeight : ignorePreferred && own.length === 0 ? 0 : signed(term);
      if (worth !== 0) pulls.push({ topologyKey: term.topologyKey, worth, pods: tally.by(term.topologyKey) });
    }
    return pulls.filter(({ pods }) => pods.size > 0);
  };

  return {
    name: 'InterPodAffinity',
    preFilter(pod): PodCheck | undefined {
      const refusals = topology.refusals(pod);
      const { requiredAffinity = [], requiredAntiAffinity = [] } = pod.terms ?? {};
      if (refusals.length + requiredAffinity.length + requiredAntiAffinity.length === 0) return undefined;
      return AffinityCheck.of(pod, refusals, topology);
    },
    preScore(pod): PodScorer | undefined {
      const pulls = pullsOf(pod);
      return pulls.length === 0 ? undefined : { score: (node) => sumOf(pulls, node), normalize: spread };
    },
    listens: ['node', 'podAdded', 'podUpdated', 'podDeleted', 'namespace'],
    helps: (event, pod) => mayHelp(event, pod, topology),
  };
}

function signed({ kind, weight }: PodTerm): number {
  return kind === 'preferredAntiAffinity' ? -weight : weight;
}

function sumOf(pulls: readonly Pull[], { labels }: NodeInfo): number {
  let sum = 0;
  for (const { topologyKey, worth, pods } of pulls) {
    const value = labelOf(labels, topologyKey);
    if (value !== undefined) sum += worth * (pods.get(value) ?? 0);
  }
  return sum;
}

/** The lowest becomes 0, the highest 100; all 0 when they are the same. */
function spread(scores: number[]): void {
  let least = Infinity;
  let most = -Infinity;
  for (const score of scores) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  for (let i = 0; i < scores.length; i++) scores[i] = most === least ? 0 : Math.floor((100 * (scores[i]! - least)) / (most - least));
}

function mayHelp({ resource, pod: other }: ClusterEvent, pod: PodInfo, topology: TopologyIndex): boolean {
  const { requiredAffinity = [], requiredAntiAffinity = [] } = pod.terms ?? {};
  if (resource === 'namespace') return pod.terms?.all.some(({ selector }) => selector.namespaceSelector !== undefined) ?? false;
  if (resource === 'node' || other === undefined) return true;
  const about = (term: PodTerm, { pod: one }: PodInfo): boolean =>
    term.selector.matches(one.metadata.namespace ?? '', one.metadata.labels, topology.namespaceLabels);
  if (resource !== 'podDeleted' && requiredAffinity.some((term) => about(term, other))) return true;
  if (resource === 'podAdded') return false;
  return (
    requiredAntiAffinity.some((term) => about(term, other)) || (other.terms?.requiredAntiAffinity.some((term) => about(term, pod)) ?? false)
  );
}

function argumentsOf({ hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: PluginArgs): Arguments {
  if (typeof hardPodAffinityWeight !== 'number' || !(hardPodAffinityWeight >= 0 && hardPodAffinityWeight <= 100))
    throw new ConfigurationError('InterPodAffinity: hardPodAffinityWeight must be a number from 0 to 100');
  if (typeof ignorePreferredTermsOfExistingPods !== 'boolean')
    throw new ConfigurationError('InterPodAffinity: ignorePreferredTermsOfExistingPods must be true or false');
  return { hardWeight: hardPodAffinityWeight, ignorePreferred: ignorePreferredTermsOfExistingPods };
}
