// Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
import type { Node, ObjectReference, Pod, Taint } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, splitKey } from '../../client/keys.js';
import { NODES, PODS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { byNode } from '../nodelifecycle/index.js';
import { addDisruptionTarget } from '../shared/disruption.js';
import { toleratedFor } from './tolerance.js';

export const taintEvictionController: ControllerDefinition = {
  name: 'taint-eviction-controller',
  account: 'node-controller',
  create: createTaintEvictionController,
};

function noExecuteTaints(node: Node | undefined): readonly Taint[] {
  return (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

export function createTaintEvictionController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const nodes = informers.informer(NODES);
  const pods = informers.informer(PODS, { indexers: { node: byNode } });
  const recorder = context.recorder('taint-eviction-controller');
  /** Since when, in milliseconds since the epoch, pods are to go; by key. */
  const planned = new Map<string, { readonly uid: string; readonly since: number }>();

  const say = (key: string, message: string): void => {
    const { namespace = '', name } = splitKey(key);
    const about: ObjectReference = { apiVersion: 'v1', kind: 'Pod', namespace, name };
    recorder.event(about, 'Normal', 'TaintManagerEviction', message);
  };
  const evict = async (key: string, pod: Pod): Promise<void> => {
    say(key, `Marking for deletion Pod ${key}`);
    try {
      await addDisruptionTarget(client, pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint', clock.now());
      await client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
    planned.delete(key);
  };

  const controller = createController({
    name: 'taint-eviction-controller',
    clock,
    logger,
    workers: 8,
    informers: [nodes, pods],
    async reconcile(key) {
      const pod = pods.store.get(key);
      const known = planned.get(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return void planned.delete(key);
      const taints = noExecuteTaints(nodes.store.get(pod.spec.nodeName ?? ''));
      const tolerated = toleratedFor(pod.spec.tolerations ?? [], taints);
      if (taints.length === 0 || tolerated === undefined) {
        if (planned.delete(key)) say(key, `Cancelling deletion of Pod ${key}`);
        return;
      }
      const since = known?.uid === pod.metadata.uid ? known.since : clock.now();
      const wait = since + tolerated - clock.now();
      if (wait <= 0) return evict(key, pod);
      planned.set(key, { uid: pod.metadata.uid, since });
      return { requeueAfter: wait };
    },
  });
  const enqueueOn = (node: Node): void => {
    for (const pod of pods.store.byIndex('node', node.metadata.name)) controller.enqueueObject(pod);
  };
  const enqueue = (pod: Pod): void => {
    if (planned.has(keyOf(pod)) || noExecuteTaints(nodes.store.get(pod.spec.nodeName ?? '')).length > 0) controller.enqueueObject(pod);
  };
  nodes.addHandler({
    add: (node) => {
      if (noExecuteTaints(node).length > 0) enqueueOn(node);
    },
    update: (previous, current) => {
      if (!deepEqual(noExecuteTaints(previous), noExecuteTaints(current))) enqueueOn(current);
    },
  });
  pods.addHandler({ add: enqueue, update: (_previous, current) => enqueue(current), delete: (last) => void planned.delete(keyOf(last)) });
  return controller;
}
