// Why a pod is, or would be, where it is: every filter's verdict and every plugin's score for every node, from the scheduler's own code.
import { setMaxListeners } from 'node:events';
import type { Pod } from '../../openapi/types/core.v1.js';
import type { Client } from '../client/client.js';
import { createInformerFactory } from '../client/informer/factory.js';
import { errorText, silentLogger } from '../client/logger.js';
import { NODES, PODS } from '../client/resources.js';
import { sleep, type Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { createPodInfo } from './cycle/pod-info.js';
import { preFilter, createCycle } from './cycle/cycle.js';
import { describeFailure } from './cycle/diagnosis.js';
import { withNominated, type NamedRejection } from './cycle/filtering.js';
import { scoresOf } from './cycle/scoring.js';
import type { DeviceSelectorEvaluator, NamedCheck, NodeInfo, PodInfo } from './framework.js';
import { defaultConfiguration, type SchedulerConfiguration } from './profile/configuration.js';
import type { Profile } from './profile/profile.js';
import { createSchedulerState, type SchedulerState } from './scheduler-state.js';
import { watchCluster } from './watcher.js';

/** What one filter says of one node. */
export interface Verdict {
  readonly plugin: string;
  readonly passes: boolean;
  /** As in the summary of events: `Insufficient cpu`. */
  readonly reasons: readonly string[];
}

export interface PluginScore {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: number;
  /** From 0 to 100. */
  readonly normalized: number;
  readonly weighted: number;
}

export interface NodeExplanation {
  readonly name: string;
  readonly feasible: boolean;
  readonly verdicts: readonly Verdict[];
  /** Of a node that does. */
  readonly scores: readonly PluginScore[];
  readonly total: number | undefined;
}

export interface Explanation {
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly schedulerName: string;
  /** Where the pod is; it is explained as if it were to be placed now, with all other pods where they are. */
  readonly assigned: string | undefined;
  readonly nominated: string | undefined;
  /** Why the pod may not enter the queue yet. */
  readonly gates: readonly { readonly plugin: string; readonly reason: string }[];
  /** What rules out every node before any is looked at. */
  readonly rejection: { readonly plugin: string; readonly message: string } | undefined;
  /** The best first, then those that do not do. */
  readonly nodes: readonly NodeExplanation[];
  /** The nodes with the highest score; the scheduler takes any of them. */
  readonly best: readonly string[];
  /** The sentence of the event `FailedScheduling`, when no node does. */
  readonly message: string | undefined;
  /** The node on which the removal of less important pods would make room. */
  readonly preemption: string | undefined;
}

/** What cannot be explained; the message says why. */
export class ExplanationError extends Error {}

export interface ExplainOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly configuration?: SchedulerConfiguration;
  readonly deviceSelectors?: DeviceSelectorEvaluator;
  /** How long to wait for the cluster's objects, in milliseconds; a cluster may lack a resource. 30 s when absent. */
  readonly patience?: number;
}

/** Reads what the scheduler reads, changes nothing. Rejects with ExplanationError, ApiError or ConfigurationError. */
export async function explainScheduling(options: ExplainOptions, namespace: string, name: string): Promise<Explanation> {
  const { client, clock, random, configuration = defaultConfiguration, patience = 30_000 } = options;
  const pod = await client.get(PODS, { namespace, name });
  const informers = createInformerFactory({ client, clock, random });
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  const state = createSchedulerState({
    client,
    informers,
    clock,
    random,
    logger: silentLogger,
    recorderOf: () => ({ event: () => undefined, flush: async () => undefined, stop: async () => undefined }),
    configuration,
    deviceSelectors: options.deviceSelectors,
  });
  const unwatch = watchCluster({ ...state, pods, nodes, isOurs: () => true, isGated: () => false });
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  try {
    informers.start();
    await Promise.race([informers.waitForSync(ending.signal), sleep(clock, patience, ending.signal)]);
    if (!pods.hasSynced() || !nodes.hasSynced())
      throw new ExplanationError(`the pods and nodes could not be read within ${patience / 1000} s`);
    return explain(state, pod);
  } finally {
    ending.abort();
    unwatch();
    informers.stop();
  }
}

function explain(state: SchedulerState, pod: Pod): Explanation {
  const profile = state.profileOf(pod);
  const schedulerName = pod.spec.schedulerName ?? '';
  if (profile === undefined)
    throw new ExplanationError(`there is no profile for the scheduler ${JSON.stringify(schedulerName)} that the pod names`);
  const { nodeName, ...spec } = pod.spec;
  const info = createPodInfo({ ...pod, spec }, state.reader);
  // As if it were to be placed now.
  state.cache.removePod(info.key);
  state.nominations.delete(info.key);
  const { checks, rejection, only, onlyBy } = preFilter(info, profile);
  const verdicts = state.cache.nodes.map((node) => verdictOf(state, info, node, checks, only, onlyBy));
  const feasible = rejection === undefined ? state.cache.nodes.filter((_, index) => verdicts[index]!.every(({ passes }) => passes)) : [];
  const scores = scoresOf(info, feasible, profile);
  const explained = state.cache.nodes.map((node, index): NodeExplanation => {
    const place = feasible.indexOf(node);
    const own =
      place < 0 ? [] : scores.map(({ plugin, weight, raw, normalized }) => scoreOf(plugin, weight, raw[place]!, normalized[place]!));
    return {
      name: node.name,
      feasible: place >= 0,
      verdicts: verdicts[index]!,
      scores: own,
      total: place < 0 ? undefined : own.reduce((sum, { weighted }) => sum + weighted, 0),
    };
  });
  const highest = explained.reduce((most, { total = -Infinity }) => Math.max(most, total), -Infinity);
  return {
    pod: { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
    schedulerName: profile.schedulerName,
    assigned: nodeName === '' ? undefined : nodeName,
    nominated: pod.status?.nominatedNodeName,
    gates: profile.preEnqueue.flatMap((plugin) => {
      const reason = plugin.preEnqueue(pod);
      return reason === undefined ? [] : [{ plugin: plugin.name, reason }];
    }),
    rejection,
    nodes: explained.sort((one, other) => (other.total ?? -Infinity) - (one.total ?? -Infinity) || (one.name < other.name ? -1 : 1)),
    best: explained.filter(({ total }) => total !== undefined && total === highest).map((one) => one.name),
    ...(feasible.length > 0 ? { message: undefined, preemption: undefined } : failureOf(state, info, profile)),
  };
}

function scoreOf(plugin: string, weight: number, raw: number, normalized: number): PluginScore {
  return { plugin, weight, raw, normalized, weighted: normalized * weight };
}

/** All filters speak, not only the first that rejects. */
function verdictOf(
  { nominations }: SchedulerState,
  pod: PodInfo,
  node: NodeInfo,
  checks: readonly NamedCheck[],
  only: readonly string[] | undefined,
  onlyBy: string | undefined,
): readonly Verdict[] {
  const leftOut = only !== undefined && !only.includes(node.name);
  const asked = checks.map((one): Verdict => {
    const run = ([named]: readonly NamedCheck[], at: NodeInfo): NamedRejection | undefined => {
      const rejection = named!.check.filter(at);
      return rejection && { plugin: named!.plugin, rejection };
    };
    try {
      const rejection = withNominated(nominations, pod, node, [one], run)?.rejection;
      return { plugin: one.plugin, passes: rejection === undefined, reasons: rejection?.reasons ?? [] };
    } catch (error) {
      return { plugin: one.plugin, passes: false, reasons: [errorText(error)] };
    }
  });
  if (!leftOut || asked.some(({ plugin, passes }) => plugin === onlyBy && !passes)) return asked;
  return [
    ...asked.filter(({ plugin }) => plugin !== onlyBy),
    { plugin: onlyBy ?? '', passes: false, reasons: ['the node is not one of those named'] },
  ];
}

function failureOf(
  { cache, nominations }: SchedulerState,
  pod: PodInfo,
  profile: Profile,
): { readonly message: string | undefined; readonly preemption: string | undefined } {
  try {
    const outcome = createCycle(cache, nominations).run(pod, profile);
    if ('node' in outcome) return { message: undefined, preemption: undefined };
    const said: string[] = [];
    for (const plugin of outcome.failure.nodes === 0 ? [] : profile.postFilters) {
      const { message, nominate, final } = plugin.postFilter(outcome.failure);
      if (nominate !== undefined) return { message: describeFailure(outcome.failure, []), preemption: nominate };
      said.push(message);
      if (final) break;
    }
    return { message: describeFailure(outcome.failure, said), preemption: undefined };
  } catch (error) {
    return { message: errorText(error), preemption: undefined };
  }
}
