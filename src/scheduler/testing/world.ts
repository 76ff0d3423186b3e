// Nodes, pods and other objects around one plugin or a whole scheduler, for tests: no server, time by hand.
import { expect } from '@jest/globals';
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { ResourceType } from '../../client/client.js';
import { createInformerFactory } from '../../client/informer/factory.js';
import { silentLogger } from '../../client/logger.js';
import { EVENTS, NODES, PODS } from '../../client/resources.js';
import { createMemoryClient, type MemoryReactor } from '../../client/testing/memory-client.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { createPodInfo } from '../cycle/pod-info.js';
import type { DeviceSelectorEvaluator, NodeInfo, PluginArgs, PluginFactory, PluginHandle, PodCheck } from '../framework.js';
import { defaultConfiguration, readConfiguration } from '../profile/configuration.js';
import { createScheduler } from '../scheduler.js';
import { createSchedulerState } from '../scheduler-state.js';
import { watchCluster } from '../watcher.js';

export interface NodeOptions {
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly images?: readonly unknown[];
}

export interface PodOptions {
  readonly requests?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export function nodeOf(name: string, { allocatable = {}, labels = {}, spec = {}, images }: NodeOptions = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable }, ...(images ? { images } : {}) },
  } as unknown as Node;
}

export function podOf(
  name: string,
  { requests = {}, labels = {}, spec = {}, namespace = 't', metadata = {}, status = {} }: PodOptions = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, labels, ...metadata },
    spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image: 'x', resources: { requests } }], ...spec },
    status: { phase: 'Pending', ...status },
  } as unknown as Pod;
}

const noRecorder = { event: () => undefined, flush: async () => undefined, stop: async () => undefined };

/** A place to ask one plugin. */
export function createWorld(options: { readonly deviceSelectors?: DeviceSelectorEvaluator } = {}) {
  const clock = manualClock();
  const random = seededRandom(1);
  const client = createMemoryClient({ clock });
  const informers = createInformerFactory({ client, clock, random });
  const { deviceSelectors } = options;
  const shared = { client, clock, random, logger: silentLogger };
  const state = createSchedulerState({
    ...shared,
    informers,
    recorderOf: () => noRecorder,
    configuration: defaultConfiguration,
    deviceSelectors,
  });
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  const unwatch = watchCluster({ ...state, pods, nodes, isOurs: () => true, isGated: () => false });
  const handle: PluginHandle = {
    ...shared,
    ...state,
    nodes: state.cache,
    recorder: noRecorder,
    schedulerName: 'default-scheduler',
    deviceSelectors,
  };
  const info = (name: string, pod?: PodOptions) => createPodInfo(podOf(name, pod), state.reader);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 6; turn++) await clock.advance(0);
  };
  const perNode = <T>(say: (node: NodeInfo) => T): Record<string, T> =>
    Object.fromEntries(state.cache.nodes.map((node) => [node.name, say(node)]));
  const verdictsOf = (check: PodCheck) => perNode((node) => check.filter(node)?.reasons.join(', ') ?? 'yes');

  return {
    ...state,
    client,
    clock,
    handle,
    info,
    settle,
    verdictsOf,
    node: (name: string, node?: NodeOptions) => client.seed(NODES, nodeOf(name, node)),
    pod: (name: string, node: string, pod: PodOptions = {}) =>
      client.seed(PODS, podOf(name, { ...pod, spec: { ...pod.spec, nodeName: node } })),
    seed: <T extends KubeObject>(type: ResourceType<T>, object: unknown): T => client.seed(type, object),
    start: async () => {
      informers.start();
      await settle();
    },
    stop: () => {
      unwatch();
      informers.stop();
    },
    /** What the plugin's filter says of each node for a pod: `yes`, or the reasons; a text when it rejects the pod itself. */
    filter: (create: PluginFactory, pod: PodOptions, args: PluginArgs = {}): Record<string, string> | string => {
      const check = create(handle, args).preFilter?.(info('asked', pod));
      if (check === undefined) return perNode(() => 'yes');
      return 'rejected' in check ? check.rejected : verdictsOf(check);
    },
    /** The plugin's scores from 0 to 100; undefined: it has no opinion. */
    score: (
      create: PluginFactory,
      pod: PodOptions,
      args: PluginArgs = {},
      feasible?: readonly string[],
    ): Record<string, number> | undefined => {
      const asked = state.cache.nodes.filter(({ name }) => feasible?.includes(name) ?? true);
      const scorer = create(handle, args).preScore?.(info('asked', pod), asked);
      if (scorer === undefined) return undefined;
      const scores = asked.map((node) => scorer.score(node));
      scorer.normalize?.(scores, asked);
      return Object.fromEntries(asked.map(({ name }, index) => [name, scores[index]!]));
    },
  };
}

export interface SchedulerSetUp {
  readonly reactor?: MemoryReactor;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly deviceSelectors?: DeviceSelectorEvaluator;
}

/** A whole scheduler. */
export function setUpScheduler({ reactor, configuration, deviceSelectors }: SchedulerSetUp = {}) {
  const clock = manualClock();
  const random = seededRandom(1);
  const client = createMemoryClient({ clock, ...(reactor ? { reactor } : {}) });
  const informers = createInformerFactory({ client, clock, random });
  const read =
    configuration &&
    readConfiguration({ apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', ...configuration });
  const scheduler = createScheduler({
    client,
    informers,
    clock,
    random,
    ...(read ? { configuration: read } : {}),
    ...(deviceSelectors ? { deviceSelectors } : {}),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn++) await clock.advance(0);
  };
  const get = (name: string, namespace = 't') => client.get(PODS, { namespace, name });
  return {
    clock,
    client,
    settle,
    get,
    node: (name: string, node?: NodeOptions) => client.seed(NODES, nodeOf(name, node)),
    pod: (name: string, pod?: PodOptions) => client.seed(PODS, podOf(name, pod)),
    start: async () => {
      informers.start();
      scheduler.start();
      await settle();
    },
    stop: async () => {
      await scheduler.stop();
      informers.stop();
      expect(clock.pending()).toBe(0);
    },
    nodeOf: async (name: string) => (await get(name)).spec.nodeName,
    condition: async (name: string, type = 'PodScheduled') => (await get(name)).status?.conditions?.find((one) => one.type === type),
    events: async (name: string) =>
      (await client.list(EVENTS, { namespace: 't' })).items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ type, reason, message, action }) => ({ type, reason, message, action })),
  };
}
