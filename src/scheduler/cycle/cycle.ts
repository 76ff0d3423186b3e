// One scheduling cycle: which nodes do for a pod, and which of them is best.
// https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/#kube-scheduler-implementation
import { errorText } from '../../client/logger.js';
import type { PodExtenders } from '../extenders/index.js';
import type { NamedCheck, NodeInfo, NodeList, Nominations, PodInfo, Rejection } from '../framework.js';
import type { Profile } from '../profile/profile.js';
import type { Failure } from './failure.js';
import { rejectionOf, withNominated, type NamedRejection } from './filtering.js';
import { PluginError } from './plugin-error.js';
import { createScoring } from './scoring.js';

export type Outcome = { readonly node: NodeInfo; readonly checks: readonly NamedCheck[] } | { readonly failure: Failure };

export interface Cycle {
  /** Finds the best node. Changes nothing but where the next search begins. Throws PluginError. */
  run(pod: PodInfo, profile: Profile): Outcome;
  /** The same with extenders, which are asked about the nodes that the plugins leave. Rejects with a PluginError or an extender's Error. */
  runWith(pod: PodInfo, profile: Profile, extenders: PodExtenders): Promise<Outcome>;
}

/** The nodes that do for a pod, as far as was looked. */
interface Search {
  readonly checks: readonly NamedCheck[];
  readonly feasible: readonly NodeInfo[];
  /** The only feasible one is that on which room was made for the pod: no other was looked at. */
  readonly nominated: boolean;
  readonly rejections: Map<string, Rejection>;
  readonly rejectedBy: Set<string>;
  readonly failure: () => Outcome;
}

/** Stands for the extenders among those that rejected a pod: any event may change what they say. */
export const byExtender = 'Extender';
/** Below so many nodes all are looked at. */
const fewNodes = 100;
const leastPercentage = 5;

/**
 * Once so many nodes do, the search ends and the best of them is taken, so that the work for a pod does not grow with the cluster.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/
 */
export function enoughNodes(all: number, percentage: number): number {
  if (all < fewNodes || percentage >= 100) return all;
  const share = percentage > 0 ? percentage : Math.max(50 - Math.floor(all / 125), leastPercentage);
  return Math.max(Math.floor((all * share) / 100), fewNodes);
}

/** What the plugins say of the pod before they look at a node. */
export interface PreFiltered {
  readonly checks: readonly NamedCheck[];
  readonly rejection: { readonly plugin: string; readonly message: string } | undefined;
  /** The only nodes that can do, and who said so. */
  readonly only: readonly string[] | undefined;
  readonly onlyBy: string | undefined;
}

export function preFilter(pod: PodInfo, profile: Profile): PreFiltered {
  const checks: NamedCheck[] = [];
  let only: readonly string[] | undefined;
  let onlyBy: string | undefined;
  for (const plugin of profile.checks) {
    const result = guarded(plugin.name, 'PreFilter', () => plugin.preFilter(pod));
    if (result === undefined) continue;
    if ('rejected' in result) return { checks, rejection: { plugin: plugin.name, message: result.rejected }, only, onlyBy };
    if (result.nodes !== undefined) {
      only = only === undefined ? result.nodes : only.filter((name) => result.nodes!.includes(name));
      onlyBy ??= plugin.name;
    }
    if (profile.filters.has(plugin.name)) checks.push({ plugin: plugin.name, check: result });
  }
  return { checks, rejection: undefined, only, onlyBy };
}

export function guarded<T>(plugin: string, point: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new PluginError(`running "${plugin}" ${point} plugin: ${errorText(error)}`, { cause: error });
  }
}

export function createCycle(cache: NodeList, nominations: Nominations): Cycle {
  /** Where the search among all nodes begins: it goes round, so that all nodes get their turn. */
  let start = 0;
  const best = createScoring();

  const search = (pod: PodInfo, profile: Profile, tryNominated: boolean): Search => {
    const all = cache.nodes;
    const { checks, rejection, only, onlyBy } = preFilter(pod, profile);
    const rejections = new Map<string, Rejection>();
    const rejectedBy = new Set<string>();
    const found = (feasible: readonly NodeInfo[], leftOut: number, nominated = false): Search => ({
      checks,
      feasible,
      nominated,
      rejections,
      rejectedBy,
      failure: () => {
        const asked = profile.checks.map(({ name }) => name);
        const last = rejection === undefined ? asked.length : asked.indexOf(rejection.plugin);
        const reached = (name: string): boolean => asked.indexOf(name) <= last;
        return {
          failure: { pod, checks, rejections, leftOut, leftOutBy: onlyBy, nodes: all.length, podRejection: rejection, rejectedBy, reached },
        };
      },
    });
    if (rejection !== undefined) {
      rejectedBy.add(rejection.plugin);
      return found([], all.length);
    }
    const noted = (node: NodeInfo, one: NamedRejection): Rejection => {
      rejectedBy.add(one.plugin);
      rejections.set(node.name, one.rejection);
      return one.rejection;
    };
    const rejectionAt = (node: NodeInfo): Rejection | undefined => {
      const one = withNominated(nominations, pod, node, checks, rejectionOf);
      return one === undefined ? undefined : noted(node, one);
    };
    const fits = (node: NodeInfo): boolean => {
      const one = rejectionOf(checks, node);
      if (one !== undefined) noted(node, one);
      return one === undefined;
    };
    // Room is being made for it there: if it has come, no other node is looked at.
    const nominated = tryNominated ? cache.get(nominations.of(pod.key) ?? '') : undefined;
    if (nominated?.node !== undefined && rejectionAt(nominated) === undefined && (only?.includes(nominated.name) ?? true))
      return found([nominated], 0, true);

    const candidates = only === undefined ? all : namedNodes(cache, only);
    const enough = enoughNodes(candidates.length, profile.percentageOfNodesToScore);
    const feasible: NodeInfo[] = [];
    // Nearly always nobody has been promised room anywhere.
    const promised = nominations.size > 0;
    const offset = only === undefined && all.length > 0 ? start % all.length : 0;
    let looked = 0;
    for (; looked < candidates.length && feasible.length < enough; looked++) {
      const place = offset + looked;
      const node = candidates[place < candidates.length ? place : place - candidates.length]!;
      if (promised ? rejectionAt(node) === undefined : fits(node)) feasible.push(node);
    }
    if (only === undefined && all.length > 0) start = (offset + looked) % all.length;
    const leftOut = all.length - candidates.length;
    if (feasible.length === 0 && leftOut > 0 && onlyBy !== undefined) rejectedBy.add(onlyBy);
    return found(feasible, leftOut);
  };

  return {
    run(pod, profile) {
      const { feasible, checks, failure } = search(pod, profile, true);
      return feasible.length === 0 ? failure() : { node: best(pod, feasible, profile), checks };
    },
    async runWith(pod, profile, extenders) {
      let found = search(pod, profile, true);
      let left = await extenders.filter(found.feasible, found.rejections);
      if (left.length === 0 && found.nominated) {
        found = search(pod, profile, false);
        left = await extenders.filter(found.feasible, found.rejections);
      }
      const { feasible, rejectedBy, checks, failure } = found;
      if (left.length === 0) {
        if (feasible.length > 0) rejectedBy.add(byExtender);
        return failure();
      }
      if (left.length === 1) return { node: left[0]!, checks };
      return { node: best(pod, left, profile, await extenders.prioritize(left)), checks };
    },
  };
}

function namedNodes(cache: NodeList, names: readonly string[]): readonly NodeInfo[] {
  return names.map((name) => cache.get(name)).filter((node) => node?.node !== undefined) as readonly NodeInfo[];
}
