// Keeps the replicas of a workload where its metrics have their targets.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
import type { HorizontalPodAutoscaler } from '../../../openapi/types/autoscaling.v2.js';
import { createController } from '../../client/controller/controller.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import { keyOf, splitKey } from '../../client/keys.js';
import { HORIZONTAL_POD_AUTOSCALERS, PODS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createLatest } from '../shared/latest.js';
import { newHistory, type ScalingHistory } from './behavior.js';
import { createMetricsClient } from './metrics-client.js';
import { createOverlaps } from './overlap.js';
import { createScaleTargets } from './scale-target.js';
import { createAutoscaler } from './sync.js';

export const horizontalPodAutoscalerController: ControllerDefinition = {
  name: 'horizontal-pod-autoscaler-controller',
  account: 'horizontal-pod-autoscaler',
  create: createHorizontalPodAutoscalerController,
};

/** Milliseconds between two looks at an autoscaler: --horizontal-pod-autoscaler-sync-period. */
const period = 15_000;
const workers = 5;

export function createHorizontalPodAutoscalerController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const autoscalers = informers.informer(HORIZONTAL_POD_AUTOSCALERS);
  const pods = informers.informer(PODS, { indexers: { namespace: byNamespace } });
  const latest = createLatest(client, HORIZONTAL_POD_AUTOSCALERS);
  const overlaps = createOverlaps();
  const histories = new Map<string, ScalingHistory>();
  const sync = createAutoscaler({
    clock,
    events: context.recorder('horizontal-pod-autoscaler'),
    metrics: createMetricsClient(client),
    targets: createScaleTargets(client, clock),
    overlaps,
    podsOf: (namespace, matches) => pods.store.byIndex('namespace', namespace).filter(({ metadata }) => matches(metadata.labels)),
    writeStatus: (autoscaler) => latest.writeStatus(autoscaler),
  });

  const controller = createController({
    name: 'horizontal-pod-autoscaler-controller',
    clock,
    logger,
    workers,
    informers: [autoscalers, pods],
    async reconcile(key) {
      const seen = autoscalers.store.get(key);
      if (seen === undefined) {
        const { namespace = '', name } = splitKey(key);
        overlaps.forget(namespace, name);
        histories.delete(key);
        latest.forget(key);
        return undefined;
      }
      let history = histories.get(key);
      if (history === undefined) histories.set(key, (history = newHistory()));
      await sync(latest.of(seen), history);
      return { requeueAfter: period };
    },
  });
  // A new autoscaler waits for its first turn as long as for every other; what changes in between is seen then.
  const wait = (autoscaler: HorizontalPodAutoscaler): void => controller.enqueueAfter(keyOf(autoscaler), period);
  autoscalers.addHandler({ add: wait, update: (_previous, current) => wait(current), delete: (last) => controller.enqueueObject(last) });
  return controller;
}
