// Horizontal pod autoscalers in the version that is stored.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
import type { HorizontalPodAutoscaler } from '../../../openapi/types/autoscaling.v2.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { defaultsOf } from '../rules/defaults.js';
import { emptyListsAsNull } from '../rules/empty-lists.js';
import { statusHooks } from '../rules/status.js';
import { cells } from './cells.js';
import { foreignAnnotations } from './conversion.js';
import { specErrors, statusErrors } from './rules.js';

const percent = (): unknown => ({ type: 'Percent', value: 100, periodSeconds: 15 });

/** What the API fills in. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior */
export const storedDefaults = defaultsOf([
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

const emptyLists = emptyListsAsNull(['status.currentMetrics']);

/** As above for what a client writes; the annotations of v1 mean nothing here, and go. */
function applyDefaults(draft: Mutable): void {
  storedDefaults(draft);
  emptyLists(draft);
  const { metadata } = draft;
  if (!isRecord(metadata) || !isRecord(metadata.annotations)) return;
  const annotations = foreignAnnotations(metadata.annotations);
  if (Object.keys(annotations).length === 0) delete metadata.annotations;
  else metadata.annotations = annotations;
}

export const horizontalPodAutoscaler: KindDefinition = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  strategy: {
    applyDefaults,
    ...statusHooks(() => ({ desiredReplicas: 0, currentMetrics: null })),
    validate: (object) => specErrors((object as Draft<HorizontalPodAutoscaler>).spec ?? {}),
    validateStatusUpdate: (object, old) => statusErrors(object, old),
  },
  cells,
};
