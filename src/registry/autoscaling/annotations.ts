// What autoscaling/v1 cannot say in fields, it says in annotations: JSON in the words of an older API.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from '../../../openapi/types/autoscaling.v2.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';

const prefix = 'autoscaling.alpha.kubernetes.io/';
export const metricsAnnotation = `${prefix}metrics`;
export const currentMetricsAnnotation = `${prefix}current-metrics`;
export const conditionsAnnotation = `${prefix}conditions`;
export const behaviorAnnotation = `${prefix}behavior`;

export const specAnnotations = [metricsAnnotation, behaviorAnnotation];
export const statusAnnotations = [currentMetricsAnnotation, conditionsAnnotation];

/** Leaves out what is undefined, in this order: the text is compared by clients. */
export function record(fields: readonly (readonly [string, unknown])[]): Mutable {
  const object: Mutable = {};
  for (const [name, value] of fields) if (value !== undefined) object[name] = value;
  return object;
}

function reference(ref: Draft<CrossVersionObjectReference> | undefined): Mutable {
  return record([
    ['kind', ref?.kind ?? ''],
    ['name', ref?.name ?? ''],
    ['apiVersion', ref?.apiVersion],
  ]);
}

/** What is wanted of a metric, or what was measured: the word that its fields begin with. */
type Side = 'target' | 'current';

interface Amounts {
  readonly value?: string | number | undefined;
  readonly averageValue?: string | number | undefined;
  readonly averageUtilization?: number | undefined;
}

/** A measured amount is always written, a wanted one when it is there. */
function amount(side: Side, value: string | number | undefined): string | number | undefined {
  return value ?? (side === 'current' ? '0' : undefined);
}

/** A metric of this side as the annotation writes it. */
export function writeMetric(metric: Draft<MetricSpec> | Draft<MetricStatus>, side: Side): Mutable {
  const { type, resource, containerResource, pods, object, external } = metric;
  const amountsOf = (source: Draft<object>): Amounts => (source as Readonly<Partial<Record<Side, Amounts>>>)[side] ?? {};
  const resourceFields = (source: NonNullable<typeof resource>, container?: string): Mutable =>
    record([
      ['name', source.name ?? ''],
      [`${side}AverageUtilization`, amountsOf(source).averageUtilization],
      [`${side}AverageValue`, amount(side, amountsOf(source).averageValue)],
      ['container', container],
    ]);
  return record([
    ['type', type],
    [
      'object',
      object &&
        record([
          ['target', reference(object.describedObject)],
          ['metricName', object.metric?.name ?? ''],
          [`${side}Value`, amountsOf(object).value ?? '0'],
          ['selector', object.metric?.selector],
          ['averageValue', amountsOf(object).averageValue],
        ]),
    ],
    [
      'pods',
      pods &&
        record([
          ['metricName', pods.metric?.name ?? ''],
          [`${side}AverageValue`, amountsOf(pods).averageValue ?? '0'],
          ['selector', pods.metric?.selector],
        ]),
    ],
    ['resource', resource && resourceFields(resource)],
    ['containerResource', containerResource && resourceFields(containerResource, containerResource.container ?? '')],
    [
      'external',
      external &&
        record([
          ['metricName', external.metric?.name ?? ''],
          ['metricSelector', external.metric?.selector],
          [`${side}Value`, amount(side, amountsOf(external).value)],
          [`${side}AverageValue`, amountsOf(external).averageValue],
        ]),
    ],
  ]);
}

export function writeCondition(condition: Draft<HorizontalPodAutoscalerCondition>): Mutable {
  return record([
    ['type', condition.type],
    ['status', condition.status],
    ['lastTransitionTime', condition.lastTransitionTime ?? null],
    ['reason', condition.reason],
    ['message', condition.message],
  ]);
}

function writeScalingRules(rules: Draft<HPAScalingRules> | undefined): unknown {
  if (rules === undefined) return null;
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies:
      rules.policies?.map(({ type, value = 0, periodSeconds = 0 }) => ({ Type: type ?? '', Value: value, PeriodSeconds: periodSeconds })) ??
      null,
    Tolerance: rules.tolerance ?? null,
  };
}

/** Behaviour in the words of the server's own structures. */
export function writeBehavior(behavior: Draft<HorizontalPodAutoscalerBehavior>): unknown {
  return { ScaleUp: writeScalingRules(behavior.scaleUp), ScaleDown: writeScalingRules(behavior.scaleDown) };
}
