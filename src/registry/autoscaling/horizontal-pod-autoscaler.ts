// Horizontal pod autoscalers in the version that is stored.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
import type { HorizontalPodAutoscaler } from '../../../openapi/types/autoscaling.v2.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { defaultsOf } from '../rules/defaults.js';
import { statusHooks } from '../rules/status.js';
import { cells } from './cells.js';
import { specErrors, statusErrors } from './rules.js';

const percent = (): unknown => ({ type: 'Percent', value: 100, periodSeconds: 15 });

/** What the API fills in. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior */
export const applyDefaults = defaultsOf([
  ['spec.minReplicas', 1],
  ['spec.metrics', () => [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]],
  ['spec.behavior.scaleUp', () => ({})],
  ['spec.behavior.scaleUp.stabilizationWindowSeconds', 0],
  ['spec.behavior.scaleUp.selectPolicy', 'Max'],
  ['spec.behavior.scaleUp.policies', () => [{ type: 'Pods', value: 4, periodSeconds: 15 }, percent()]],
  ['spec.behavior.scaleDown', () => ({})],
  ['spec.behavior.scaleDown.selectPolicy', 'Max'],
  ['spec.behavior.scaleDown.policies', () => [percent()]],
]);

export const horizontalPodAutoscaler: KindDefinition = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  strategy: {
    applyDefaults,
    ...statusHooks(() => ({ desiredReplicas: 0, currentMetrics: null })),
    validate: (object) => specErrors((object as Draft<HorizontalPodAutoscaler>).spec ?? {}),
    validateStatusUpdate: (object) => statusErrors(object),
  },
  cells,
};
