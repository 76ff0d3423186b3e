// Watches over nodes: those that are silent become unknown and tainted, and their pods unready.
// https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
import type { Lease } from '../../../openapi/types/coordination.v1.js';
import type { Node, ObjectReference, Pod } from '../../../openapi/types/core.v1.js';
import { createController } from '../../client/controller/controller.js';
import { errorText } from '../../client/logger.js';
import { LEASES, NODES, PODS } from '../../client/resources.js';
import { formatTime, type Timer } from '../../clock/clock.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { forEachBounded } from '../shared/all.js';
import { isPodReady, podCondition } from '../shared/pods.js';
import { patchPodStatus } from '../shared/pod-status.js';
import { conditionOf, createNodeHealth } from './health.js';
import { desiredTaints, isBeingEvicted } from './taints.js';
import { createZones } from './zones.js';
import { unlessGone } from '../shared/gone.js';

export const nodeLifecycleController: ControllerDefinition = {
  name: 'node-lifecycle-controller',
  account: 'node-controller',
  create: createNodeLifecycleController,
};

/** `--node-monitor-period`, in milliseconds. */
const period = 5000;
const leaseNamespace = 'kube-node-lease';
const width = 16;

/** An index function: the node that a pod is on. */
export function byNode({ spec }: Pod): readonly string[] {
  return spec.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName];
}

export function createNodeLifecycleController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const nodes = informers.informer(NODES);
  const pods = informers.informer(PODS, { indexers: { node: byNode } });
  const leases = informers.informer(LEASES, { namespace: leaseNamespace });
  const recorder = context.recorder('node-controller');
  const health = createNodeHealth();
  const zones = createZones();
  /** Nodes that a monitor pass has seen, and the uid of each. */
  const registered = new Map<string, string>();
  /** Nodes whose turn to be emptied has come. */
  const permits = new Map<string, 'now' | 'later' | 'never'>();
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  const referenceTo = (name: string, uid: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Node', name, uid });

  const reconcile = async (name: string): Promise<void> => {
    const node = nodes.store.get(name);
    if (node === undefined) return;
    const ready = conditionOf(node, 'Ready')?.status;
    if (ready === 'True') permits.delete(name);
    const taints = desiredTaints(node, permits.get(name) ?? 'later', clock.now());
    if (taints === undefined) return;
    const { resourceVersion } = node.metadata;
    const patch = { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
    await unlessGone(client.patch(NODES, { name }, 'merge', patch));
  };
  const controller = createController({
    name: 'node-lifecycle-controller',
    clock,
    logger,
    workers: 8,
    informers: [nodes, pods, leases],
    reconcile,
  });
  nodes.addHandler({
    add: (object) => controller.enqueueObject(object),
    update: (_previous, current) => controller.enqueueObject(current),
  });

  const markPodsUnready = async (node: string): Promise<void> => {
    const ready = pods.store.byIndex('node', node).filter(isPodReady);
    const failures = await forEachBounded(ready, width, async (pod) => {
      const condition = { ...podCondition(pod, 'Ready')!, status: 'False', lastTransitionTime: formatTime(clock.now()) };
      await unlessGone(patchPodStatus(client, pod, condition));
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    });
    for (const failure of failures) logger.warn('a pod of a silent node could not be marked', { node, error: errorText(failure) });
  };
  const leaseOf = ({ metadata }: Node): Lease | undefined => leases.store.get(`${leaseNamespace}/${metadata.name}`);
  /** Returns the node as it is after its health was judged. */
  const judge = async (node: Node): Promise<Node> => {
    const conditions = health.judge(node, leaseOf(node), clock.now());
    return conditions === undefined
      ? node
      : client.update(NODES, { ...node, status: { ...node.status, conditions } }, { subresource: 'status' });
  };
  /** Whether a node is ready and heard of, as nearly all are: nothing is to be done about it. */
  const isWell = (node: Node): boolean =>
    conditionOf(node, 'Ready')?.status === 'True' && health.judge(node, leaseOf(node), clock.now()) === undefined;
  const monitorNode = async (node: Node): Promise<Node> => {
    const { name, uid } = node.metadata;
    const judged = await judge(node);
    const readyNow = conditionOf(judged, 'Ready')?.status;
    const readyBefore = conditionOf(node, 'Ready')?.status;
    if (readyNow !== 'True') {
      if (readyBefore === 'True' || (readyNow !== undefined && lastReady.get(uid) === true)) {
        recorder.event(referenceTo(name, uid), 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      }
      if (readyNow !== undefined) await markPodsUnready(name);
    }
    lastReady.set(uid, readyNow === 'True');
    return judged;
  };
  const lastReady = new Map<string, boolean>();

  const noticeNodes = (all: readonly Node[]): void => {
    for (const { metadata } of all) {
      if (registered.get(metadata.name) === metadata.uid) continue;
      registered.set(metadata.name, metadata.uid);
      recorder.event(
        referenceTo(metadata.name, metadata.uid),
        'Normal',
        'RegisteredNode',
        `Node ${metadata.name} event: Registered Node ${metadata.name} in Controller`,
      );
    }
    if (registered.size === all.length) return;
    const present = new Set(all.map(({ metadata }) => metadata.name));
    for (const [name, uid] of registered) {
      if (present.has(name)) continue;
      registered.delete(name);
      permits.delete(name);
      lastReady.delete(uid);
      health.forget(name);
      recorder.event(referenceTo(name, uid), 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
    }
  };
  const monitor = async (): Promise<void> => {
    const all = nodes.store.list();
    noticeNodes(all);
    const judged: Node[] = [];
    const doubtful: Node[] = [];
    for (const node of all) {
      if (isWell(node)) {
        lastReady.set(node.metadata.uid, true);
        judged.push(node);
      } else doubtful.push(node);
    }
    const failures = await forEachBounded(doubtful, width, async (node) => judged.push(await monitorNode(node)));
    for (const failure of failures) logger.debug('a node could not be judged, again in the next pass', { error: errorText(failure) });
    zones.count(judged);
    for (const node of judged) {
      const { name } = node.metadata;
      const ready = conditionOf(node, 'Ready')?.status;
      if (ready !== undefined && ready !== 'True') {
        if (zones.allSilent()) permits.set(name, 'never');
        else if (isBeingEvicted(node)) permits.set(name, 'later');
        else if (permits.get(name) !== 'now') permits.set(name, zones.permit(node, clock.now()) ? 'now' : 'later');
      }
      // A ready node is looked at when it changes; here, when its turn to be emptied was.
      if (ready !== 'True' || permits.has(name)) controller.enqueueObject(node);
    }
  };

  return {
    start() {
      controller.start();
      timer ??= clock.every(period, () => {
        if (!nodes.hasSynced() || !leases.hasSynced() || !pods.hasSynced()) return;
        running = running.then(monitor).catch((error: unknown) => logger.error('watching over nodes failed', { error: errorText(error) }));
      });
    },
    async stop() {
      timer?.cancel();
      await running;
      await controller.stop();
    },
  };
}
