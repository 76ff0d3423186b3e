// What autoscaling/v1 cannot say in fields, it says in annotations: JSON in the words of an older API.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from '../../../openapi/types/autoscaling.v2.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Mutable } from '../../apimachinery/object.js';

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

function selectorOf(metric: { readonly selector?: Draft<LabelSelector> | undefined } | undefined): unknown {
  return metric?.selector;
}

/** A metric as the annotation writes it. */
export function writeMetric(metric: Draft<MetricSpec>): Mutable {
  const { type, resource, containerResource, pods, object, external } = metric;
  const fields: (readonly [string, unknown])[] = [['type', type]];
  if (object !== undefined) {
    fields.push([
      'object',
      record([
        ['target', reference(object.describedObject)],
        ['metricName', object.metric?.name ?? ''],
        ['targetValue', object.target?.value ?? '0'],
        ['selector', selectorOf(object.metric)],
        ['averageValue', object.target?.averageValue],
      ]),
    ]);
  }
  if (pods !== undefined) {
    fields.push([
      'pods',
      record([
        ['metricName', pods.metric?.name ?? ''],
        ['targetAverageValue', pods.target?.averageValue ?? '0'],
        ['selector', selectorOf(pods.metric)],
      ]),
    ]);
  }
  for (const [name, source] of [
    ['resource', resource],
    ['containerResource', containerResource],
  ] as const) {
    if (source === undefined) continue;
    fields.push([
      name,
      record([
        ['name', source.name ?? ''],
        ['targetAverageUtilization', source.target?.averageUtilization],
        ['targetAverageValue', source.target?.averageValue],
        ['container', name === 'containerResource' ? (containerResource?.container ?? '') : undefined],
      ]),
    ]);
  }
  if (external !== undefined) {
    fields.push([
      'external',
      record([
        ['metricName', external.metric?.name ?? ''],
        ['metricSelector', selectorOf(external.metric)],
        ['targetValue', external.target?.value],
        ['targetAverageValue', external.target?.averageValue],
      ]),
    ]);
  }
  return record(fields);
}

/** What was measured as the annotation writes it. */
export function writeMetricStatus(metric: Draft<MetricStatus>): Mutable {
  const { type, resource, containerResource, pods, object, external } = metric;
  const fields: (readonly [string, unknown])[] = [['type', type]];
  if (object !== undefined) {
    fields.push([
      'object',
      record([
        ['target', reference(object.describedObject)],
        ['metricName', object.metric?.name ?? ''],
        ['currentValue', object.current?.value ?? '0'],
        ['selector', selectorOf(object.metric)],
        ['averageValue', object.current?.averageValue],
      ]),
    ]);
  }
  if (pods !== undefined) {
    fields.push([
      'pods',
      record([
        ['metricName', pods.metric?.name ?? ''],
        ['currentAverageValue', pods.current?.averageValue ?? '0'],
        ['selector', selectorOf(pods.metric)],
      ]),
    ]);
  }
  for (const [name, source] of [
    ['resource', resource],
    ['containerResource', containerResource],
  ] as const) {
    if (source === undefined) continue;
    fields.push([
      name,
      record([
        ['name', source.name ?? ''],
        ['currentAverageUtilization', source.current?.averageUtilization],
        ['currentAverageValue', source.current?.averageValue ?? '0'],
        ['container', name === 'containerResource' ? (containerResource?.container ?? '') : undefined],
      ]),
    ]);
  }
  if (external !== undefined) {
    fields.push([
      'external',
      record([
        ['metricName', external.metric?.name ?? ''],
        ['metricSelector', selectorOf(external.metric)],
        ['currentValue', external.current?.value ?? '0'],
        ['currentAverageValue', external.current?.averageValue],
      ]),
    ]);
  }
  return record(fields);
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
