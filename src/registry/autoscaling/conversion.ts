// autoscaling/v1 and autoscaling/v2 are two views of one stored autoscaler (in v2).
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
import type { HorizontalPodAutoscaler as V1 } from '../../../openapi/types/autoscaling.v1.js';
import type { HorizontalPodAutoscaler as V2, MetricSpec, MetricStatus } from '../../../openapi/types/autoscaling.v2.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import { readBehavior, readConditions, readCurrentMetrics, readMetrics } from './annotation-reader.js';
import {
  behaviorAnnotation,
  conditionsAnnotation,
  currentMetricsAnnotation,
  metricsAnnotation,
  record,
  specAnnotations,
  statusAnnotations,
  writeBehavior,
  writeCondition,
  writeMetric,
} from './annotations.js';

function cpuTarget({ type, resource }: Draft<MetricSpec>): number | undefined {
  return type === 'Resource' && resource?.name === 'cpu' ? resource.target?.averageUtilization : undefined;
}

function cpuCurrent({ type, resource }: Draft<MetricStatus>): number | undefined {
  return type === 'Resource' && resource?.name === 'cpu' ? resource.current?.averageUtilization : undefined;
}

function withAnnotations(metadata: unknown, annotations: Mutable): Mutable {
  const copy: Mutable = isRecord(metadata) ? { ...metadata } : {};
  if (Object.keys(annotations).length === 0) delete copy.annotations;
  else copy.annotations = annotations;
  return copy;
}

function annotationsOf(object: { readonly metadata?: unknown }): Mutable {
  const annotations = isRecord(object.metadata) ? object.metadata.annotations : undefined;
  return isRecord(annotations) ? annotations : {};
}

/** Annotations that are not part of the conversion: all that v2 knows. */
export function foreignAnnotations(annotations: Mutable): Mutable {
  const own = new Set([...specAnnotations, ...statusAnnotations]);
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !own.has(name)));
}

/** The v1 view of a stored autoscaler. */
export function fromStored(stored: KubeObject): KubeObject {
  const { spec = {}, status = {} } = stored as Draft<V2>;
  const metrics = spec.metrics ?? [];
  const current = status.currentMetrics ?? [];
  const others = metrics.filter((metric) => cpuTarget(metric) === undefined);
  const annotations = foreignAnnotations(annotationsOf(stored));
  const annotate = (name: string, list: readonly unknown[]): void => {
    if (list.length > 0) annotations[name] = JSON.stringify(list);
  };
  annotate(
    metricsAnnotation,
    others.map((metric) => writeMetric(metric, 'target')),
  );
  annotate(
    currentMetricsAnnotation,
    current.map((metric) => writeMetric(metric, 'current')),
  );
  annotate(conditionsAnnotation, (status.conditions ?? []).map(writeCondition));
  if (spec.behavior !== undefined) annotations[behaviorAnnotation] = JSON.stringify(writeBehavior(spec.behavior));
  return {
    kind: stored.kind,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(stored.metadata, annotations),
    spec: record([
      ['scaleTargetRef', spec.scaleTargetRef],
      ['minReplicas', spec.minReplicas],
      ['maxReplicas', spec.maxReplicas ?? 0],
      ['targetCPUUtilizationPercentage', metrics.map(cpuTarget).find((target) => target !== undefined)],
    ]),
    status: record([
      ['observedGeneration', status.observedGeneration],
      ['lastScaleTime', status.lastScaleTime],
      ['currentReplicas', status.currentReplicas ?? 0],
      ['desiredReplicas', status.desiredReplicas ?? 0],
      ['currentCPUUtilizationPercentage', current.map(cpuCurrent).findLast((value) => value !== undefined)],
    ]),
  } as unknown as KubeObject;
}

function metricsOf(spec: NonNullable<Draft<V1>['spec']>, annotation: unknown): readonly Mutable[] {
  const metrics = readMetrics(typeof annotation === 'string' ? annotation : undefined) ?? [];
  const target = spec.targetCPUUtilizationPercentage;
  if (target === undefined) return metrics;
  return [...metrics, { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }];
}

function currentMetricsOf(status: NonNullable<Draft<V1>['status']>, annotation: unknown): readonly Mutable[] {
  const metrics = readCurrentMetrics(typeof annotation === 'string' ? annotation : undefined) ?? [];
  const utilization = status.currentCPUUtilizationPercentage;
  if (metrics.length > 0 || utilization === undefined) return metrics;
  return [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: utilization } } }];
}

/** The autoscaler to store for a v1 one. Defaults of v2 are the caller's. */
export function toStored(object: Mutable): Mutable {
  const { spec = {}, status = {} } = object as Draft<V1>;
  const annotations = annotationsOf(object);
  const text = (name: string): string | undefined => {
    const value = annotations[name];
    return typeof value === 'string' ? value : undefined;
  };
  const metrics = metricsOf(spec, annotations[metricsAnnotation]);
  const current = currentMetricsOf(status, annotations[currentMetricsAnnotation]);
  const conditions = readConditions(text(conditionsAnnotation)) ?? [];
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(object.metadata, foreignAnnotations(annotations)),
    spec: record([
      ['scaleTargetRef', spec.scaleTargetRef ?? { kind: '', name: '' }],
      ['minReplicas', spec.minReplicas],
      ['maxReplicas', spec.maxReplicas ?? 0],
      ['metrics', metrics.length === 0 ? undefined : metrics],
      ['behavior', readBehavior(text(behaviorAnnotation))],
    ]),
    status: record([
      ['observedGeneration', status.observedGeneration],
      ['lastScaleTime', status.lastScaleTime],
      ['currentReplicas', status.currentReplicas === 0 ? undefined : status.currentReplicas],
      ['desiredReplicas', status.desiredReplicas ?? 0],
      ['currentMetrics', current.length === 0 ? null : current],
      ['conditions', conditions.length === 0 ? undefined : conditions],
    ]),
  };
}
