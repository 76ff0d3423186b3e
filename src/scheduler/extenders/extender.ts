// One extender: what it is asked, and what its answers mean. The shapes are those of the published types of k8s.io/kube-scheduler/extender/v1.
// https://github.com/kubernetes/design-proposals-archive/blob/main/scheduling/scheduler_extender.md
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { NodeInfo, NodeList, PodInfo, Rejection } from '../framework.js';
import type { Candidate } from '../preemption/candidates.js';
import type { ExtenderConfiguration } from './configuration.js';
import { createExtenderTransport } from './transport.js';

/** Each method rejects with an Error whose message is for the pod's condition. */
export interface Extender {
  readonly url: string;
  readonly ignorable: boolean;
  readonly filters: boolean;
  readonly prioritizes: boolean;
  readonly preempts: boolean;
  readonly binds: boolean;
  /** Whether it has a say in where this pod goes. */
  interestedIn(pod: Pod): boolean;
  /** The nodes that do, in their order, and why others do not. */
  filter(pod: Pod, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<Filtered>;
  /** Weighted scores by node, in the scheduler's own scale. */
  prioritize(pod: Pod, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** The candidates that it leaves, with the victims that it wants. */
  preempt(pod: Pod, candidates: readonly Candidate[], nodes: NodeList, signal: AbortSignal): Promise<readonly Candidate[]>;
  bind(pod: Pod, node: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface Filtered {
  readonly nodes: readonly NodeInfo[];
  readonly rejections: ReadonlyMap<string, Rejection>;
}

/** Extenders score from 0 to 10, plugins from 0 to 100. */
const scale = 10;

export function createExtender(configuration: ExtenderConfiguration, clock: Clock): Extender {
  const { urlPrefix, filterVerb, prioritizeVerb, preemptVerb, bindVerb, weight, nodeCacheCapable, ignorable } = configuration;
  const managed = new Set(configuration.managedResources.map(({ name }) => name));
  const transport = createExtenderTransport(configuration, clock);

  const about = (pod: Pod, nodes: readonly NodeInfo[]): object =>
    nodeCacheCapable
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
  const asRecord = (answer: unknown): Readonly<Record<string, unknown>> => {
    if (!isRecord(answer)) throw new Error(`the extender at URL ${urlPrefix} answers with no object`);
    if (typeof answer['Error'] === 'string' && answer['Error'] !== '') throw new Error(answer['Error']);
    return answer;
  };

  return {
    url: urlPrefix,
    ignorable,
    filters: filterVerb !== '',
    prioritizes: prioritizeVerb !== '',
    preempts: preemptVerb !== '',
    binds: bindVerb !== '',
    interestedIn: ({ spec }) =>
      managed.size === 0 ||
      [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
        [resources?.requests, resources?.limits].some((amounts) => Object.keys(amounts ?? {}).some((name) => managed.has(name))),
      ),

    async filter(pod, nodes, signal) {
      const answer = asRecord(await transport.send(filterVerb, about(pod, nodes), signal));
      const byName = new Map(nodes.map((node) => [node.name, node]));
      const chosen = namesIn(answer, nodeCacheCapable).map((name) => {
        const node = byName.get(name);
        if (node === undefined)
          throw new Error(
            `extender ${JSON.stringify(urlPrefix)} claims a filtered node ${JSON.stringify(name)} which is not found in the input node list`,
          );
        return node;
      });
      const rejections = new Map<string, Rejection>();
      for (const [field, resolvable] of [
        ['FailedNodes', true],
        ['FailedAndUnresolvableNodes', false],
      ] as const) {
        for (const [name, reason] of Object.entries(isRecord(answer[field]) ? answer[field] : {}))
          if (byName.has(name)) rejections.set(name, { reasons: [String(reason)], resolvable });
      }
      return { nodes: chosen, rejections };
    },

    async prioritize(pod, nodes, signal) {
      const answer = await transport.send(prioritizeVerb, about(pod, nodes), signal);
      const scores = new Map<string, number>();
      for (const one of Array.isArray(answer) ? (answer as readonly unknown[]) : []) {
        if (!isRecord(one) || typeof one['Host'] !== 'string' || typeof one['Score'] !== 'number') continue;
        scores.set(one['Host'], one['Score'] * weight * scale);
      }
      return scores;
    },

    async preempt(pod, candidates, nodes, signal) {
      const answer = asRecord(await transport.send(preemptVerb, { Pod: pod, ...victimsOf(candidates, nodeCacheCapable) }, signal));
      const left = isRecord(answer['NodeNameToMetaVictims']) ? answer['NodeNameToMetaVictims'] : {};
      return Object.entries(left).map(([name, victims]) => candidateOf(name, victims, nodes));
    },

    async bind({ metadata }, node, signal) {
      const { name, namespace, uid } = metadata;
      asRecord(await transport.send(bindVerb, { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node }, signal));
    },

    close: () => transport.close(),
  };
}

/** One that knows the nodes answers with names, another with nodes. */
function namesIn({ NodeNames: names, Nodes: nodes }: Readonly<Record<string, unknown>>, nodeCacheCapable: boolean): readonly string[] {
  if (nodeCacheCapable && Array.isArray(names)) return names.map(String);
  const items = isRecord(nodes) && Array.isArray(nodes['items']) ? (nodes['items'] as readonly unknown[]) : [];
  return items.map((node) => (isRecord(node) && isRecord(node['metadata']) ? String(node['metadata']['name']) : ''));
}

function victimsOf(candidates: readonly Candidate[], nodeCacheCapable: boolean): object {
  const byNode = (pods: (victims: readonly PodInfo[]) => readonly object[]): object =>
    Object.fromEntries(
      candidates.map(({ node, victims, violations }) => [node.name, { Pods: pods(victims), NumPDBViolations: violations }]),
    );
  return nodeCacheCapable
    ? { NodeNameToVictims: null, NodeNameToMetaVictims: byNode((victims) => victims.map(({ pod }) => ({ UID: pod.metadata.uid }))) }
    : { NodeNameToVictims: byNode((victims) => victims.map(({ pod }) => pod)), NodeNameToMetaVictims: null };
}

function candidateOf(name: string, answer: unknown, nodes: NodeList): Candidate {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`an extender wants to make room on node ${JSON.stringify(name)}, which is not there`);
  const { Pods: pods, NumPDBViolations: violations } = isRecord(answer) ? answer : {};
  const victims = (Array.isArray(pods) ? (pods as readonly unknown[]) : []).map((one) => {
    const uid = isRecord(one) ? one['UID'] : undefined;
    const victim = [...node.pods.values()].find(({ pod }) => pod.metadata.uid === uid);
    if (victim === undefined)
      throw new Error(`an extender wants to remove pod (UID: ${String(uid)}) from node ${name}, but the pod is not there`);
    return victim;
  });
  return { node, victims, violations: typeof violations === 'number' ? violations : 0 };
}
