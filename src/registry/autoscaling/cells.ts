// The row of a horizontal pod autoscaler. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../openapi/types/autoscaling.v2.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Cell, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';

const shownMetrics = 2;
const unknown = '<unknown>';
/** How an absent quantity of a metric that was measured is written. */
const absent = '<nil>';

type Current = Draft<MetricValueStatus> | undefined;

function resourceText(name: string, target: Draft<MetricTarget>, current: Current): string {
  if (target.averageValue !== undefined) {
    const now = current === undefined ? unknown : (current.averageValue ?? absent);
    return `${name}: ${now}/${target.averageValue}`;
  }
  const now = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  return `${name}: ${now}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`;
}

function valueText(target: Draft<MetricTarget>, current: Current): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current === undefined ? unknown : (current.value ?? absent)}/${target.value ?? absent}`;
}

/** Statuses are in the order of the metrics; one of another type says nothing. */
function metricText(metric: Draft<MetricSpec>, status: Draft<MetricStatus> | undefined): string {
  switch (metric.type) {
    case 'Resource':
      return resourceText(metric.resource?.name ?? '', metric.resource?.target ?? {}, status?.resource?.current);
    case 'ContainerResource':
      return resourceText(metric.containerResource?.name ?? '', metric.containerResource?.target ?? {}, status?.containerResource?.current);
    case 'Pods': {
      const current = status?.pods?.current;
      return `${current === undefined ? unknown : (current.averageValue ?? absent)}/${metric.pods?.target?.averageValue ?? absent}`;
    }
    case 'Object':
      return valueText(metric.object?.target ?? {}, status?.object?.current);
    case 'External':
      return valueText(metric.external?.target ?? {}, status?.external?.current);
    default:
      return '<unknown type>';
  }
}

function targetsText({ spec, status }: Draft<HorizontalPodAutoscaler>): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const texts = metrics.slice(0, shownMetrics).map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
  const text = texts.join(', ');
  return metrics.length > shownMetrics ? `${text} + ${metrics.length - shownMetrics} more...` : text;
}

/** The cells of the stored version (autoscaling/v2). */
export function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const autoscaler = object as Draft<HorizontalPodAutoscaler>;
  const { scaleTargetRef, minReplicas, maxReplicas = 0 } = autoscaler.spec ?? {};
  return [
    nameOf(object),
    `${scaleTargetRef?.kind ?? ''}/${scaleTargetRef?.name ?? ''}`,
    targetsText(autoscaler),
    minReplicas === undefined ? '<unset>' : String(minReplicas),
    maxReplicas,
    autoscaler.status?.currentReplicas ?? 0,
    ageOf(object, context),
  ];
}
