// Takes back the condition DisruptionTarget from pods that were to go and stayed.
// https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { createController, type Controller } from '../../client/controller/controller.js';
import type { Informer } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { PODS } from '../../client/resources.js';
import { formatTime } from '../../clock/clock.js';
import type { ControllerContext } from '../definition.js';
import { isPodTerminal, podCondition, withCondition } from '../shared/pods.js';

/** In milliseconds. */
const timeout = 2 * 60_000;

export function createStaleConditions({ client, clock, logger }: ControllerContext, pods: Informer<Pod>): Controller {
  /** Milliseconds until the condition is stale; undefined when it never will be. */
  const untilStale = (pod: Pod): number | undefined => {
    if (pod.status.conditions === undefined || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined;
    const condition = podCondition(pod, 'DisruptionTarget');
    // A kubelet may take any time from the condition to the end of the pod.
    if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
    const since = condition.lastTransitionTime === undefined ? 0 : Date.parse(condition.lastTransitionTime);
    return Math.max(0, since + timeout - clock.now());
  };
  const controller = createController({
    name: 'disruption-controller-stale-conditions',
    clock,
    logger,
    informers: [pods],
    async reconcile(key) {
      const pod = pods.store.get(key);
      const wait = pod && untilStale(pod);
      if (pod === undefined || wait === undefined) return undefined;
      if (wait > 0) return { requeueAfter: wait };
      const { generation } = pod.metadata;
      const conditions = withCondition(pod.status.conditions, {
        type: 'DisruptionTarget',
        status: 'False',
        lastTransitionTime: formatTime(clock.now()),
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      });
      const changed: unknown = { ...pod, status: { ...pod.status, conditions } };
      await client.update(PODS, changed as Draft<Pod>, { subresource: 'status' });
      return undefined;
    },
  });
  const consider = (pod: Pod): void => {
    const wait = untilStale(pod);
    if (wait !== undefined) controller.enqueueAfter(keyOf(pod), wait);
  };
  pods.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}
