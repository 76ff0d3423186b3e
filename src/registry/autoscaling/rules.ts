// Rules of horizontal pod autoscalers, on the stored version (autoscaling/v2).
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
import type {
  CrossVersionObjectReference,
  HPAScalingRules,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../../openapi/types/autoscaling.v2.js';
import { fieldForbidden, invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { check, checkPathSegment, each, eachAlone, needed, notNegative, type Errors } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { pathSegmentProblems } from '../../apimachinery/names/names.js';

const metricSources = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const;
type SourceName = (typeof metricSources)[keyof typeof metricSources];

function positive(value: string | number | undefined): boolean {
  return value !== undefined && parseQuantity(value).nano > 0n;
}

function targetErrors(field: string, target: Draft<MetricTarget> | undefined): Errors {
  const { type, value, averageValue, averageUtilization } = target ?? {};
  const errors: Errors[number][] = [];
  if ((type ?? '') === '') errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue') {
    errors.push(invalid(`${field}.type`, type ?? '', 'must be either Utilization, Value, or AverageValue'));
  }
  if (value !== undefined && !positive(value)) errors.push(invalid(`${field}.value`, String(value), 'must be positive'));
  if (averageValue !== undefined && !positive(averageValue))
    errors.push(invalid(`${field}.averageValue`, String(averageValue), 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
  return errors;
}

function metricErrors(field: string, metric: Draft<MetricIdentifier> | undefined): Errors {
  const name = metric?.name ?? '';
  return name === '' ? [required(`${field}.name`, 'must specify a metric name')] : check(`${field}.name`, name, pathSegmentProblems);
}

/** Resources are measured raw or in percent of the requests. */
function rawOrUtilizationErrors(field: string, target: Draft<MetricTarget> | undefined): Errors {
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) {
    return [required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')];
  }
  return averageUtilization !== undefined && averageValue !== undefined
    ? [fieldForbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')]
    : [];
}

function groupVersionErrors(field: string, apiVersion = ''): Errors {
  return apiVersion.split('/').length > 2 ? [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)] : [];
}

function sourceErrors(field: string, source: SourceName, metric: Draft<MetricSpec>): Errors {
  const target = `${field}.target`;
  switch (source) {
    case 'resource':
    case 'containerResource': {
      const spec = metric[source] ?? {};
      const container = source === 'containerResource' && (metric.containerResource?.container ?? '') === '';
      return [
        ...((spec.name ?? '') === '' ? [required(`${field}.name`, 'must specify a resource name')] : []),
        ...(container ? [required(`${field}.container`, 'must specify a container')] : []),
        ...targetErrors(target, spec.target),
        ...rawOrUtilizationErrors(target, spec.target),
      ];
    }
    case 'pods': {
      const spec = metric.pods ?? {};
      return [
        ...metricErrors(`${field}.metric`, spec.metric),
        ...targetErrors(target, spec.target),
        ...(positive(spec.target?.averageValue) ? [] : [required(`${target}.averageValue`, 'must specify a positive target averageValue')]),
      ];
    }
    case 'object': {
      const spec = metric.object ?? {};
      const { value, averageValue } = spec.target ?? {};
      return [
        ...needed(`${field}.describedObject.kind`, spec.describedObject?.kind, checkPathSegment),
        ...needed(`${field}.describedObject.name`, spec.describedObject?.name, checkPathSegment),
        ...groupVersionErrors(`${field}.describedObject.apiVersion`, spec.describedObject?.apiVersion),
        ...metricErrors(`${field}.metric`, spec.metric),
        ...targetErrors(target, spec.target),
        ...(value === undefined && averageValue === undefined
          ? [required(`${target}.averageValue`, 'must set either a target value or averageValue')]
          : []),
      ];
    }
    case 'external': {
      const spec = metric.external ?? {};
      const { value, averageValue } = spec.target ?? {};
      const errors = [...metricErrors(`${field}.metric`, spec.metric), ...targetErrors(target, spec.target)];
      if (value === undefined && averageValue === undefined) {
        errors.push(required(`${target}.averageValue`, 'must set either a target value for metric or a per-pod target'));
      } else if (value !== undefined && averageValue !== undefined) {
        errors.push(fieldForbidden(`${target}.value`, 'may not set both a target value for metric and a per-pod target'));
      }
      return errors;
    }
  }
}

/** The order in which sources are looked at. */
const sources: readonly SourceName[] = ['object', 'external', 'pods', 'resource', 'containerResource'];

function metricSpecErrors(field: string, metric: Draft<MetricSpec>): Errors {
  const type: string = metric.type ?? '';
  const errors: Errors[number][] = type === '' ? [required(`${field}.type`, 'must specify a metric source type')] : [];
  const unsupported = Object.hasOwn(metricSources, type) ? [] : [notSupported(`${field}.type`, type, Object.keys(metricSources))];
  const wanted = Object.hasOwn(metricSources, type) ? metricSources[type as keyof typeof metricSources] : undefined;
  const given = sources.filter((source) => metric[source] !== undefined);
  errors.push(...unsupported);
  // One source is looked at, whether it is the wanted one or not.
  if (given.length > 0) errors.push(...sourceErrors(`${field}.${given[0]}`, given[0]!, metric));
  errors.push(...unsupported);
  if (wanted !== undefined && metric[wanted] === undefined)
    errors.push(required(`${field}.${wanted}`, 'must populate information for the given metric source'));
  if (given.length < 2) return errors;
  const others = given.filter((source) => source !== wanted);
  return [...errors, ...others.map((source) => fieldForbidden(`${field}.${source}`, 'must populate the given metric source only'))];
}

const longestWindow = 3600;
const longestPeriod = 1800;

function scalingErrors(field: string, rules: Draft<HPAScalingRules> | undefined): Errors {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: Errors[number][] = [];
  const path = `${field}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) errors.push(invalid(path, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > longestWindow) errors.push(invalid(path, window, `must be less than or equal to ${longestWindow}`));
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy)) {
    errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  }
  if (policies.length === 0) errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  errors.push(
    ...each(`${field}.policies`, policies, (place, { type, value = 0, periodSeconds = 0 }) => {
      const broken: Errors[number][] = [];
      if (type !== 'Percent' && type !== 'Pods') broken.push(notSupported(`${place}.type`, type ?? '', ['Percent', 'Pods']));
      if (value <= 0) broken.push(invalid(`${place}.value`, value, 'must be greater than zero'));
      if (periodSeconds <= 0) broken.push(invalid(`${place}.periodSeconds`, periodSeconds, 'must be greater than zero'));
      if (periodSeconds > longestPeriod)
        broken.push(invalid(`${place}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`));
      return broken;
    }),
  );
  if (tolerance !== undefined && parseQuantity(tolerance).nano < 0n) {
    errors.push(invalid(`${field}.tolerance`, String(tolerance), 'must be greater than or equal to 0'));
  }
  return errors;
}

function refErrors(ref: Draft<CrossVersionObjectReference>): Errors {
  const { kind, name, apiVersion = '' } = ref;
  const field = 'spec.scaleTargetRef.apiVersion';
  const version = groupVersionErrors(field, apiVersion);
  // Only replication controllers are scaled in the core group.
  const core = apiVersion.indexOf('/') < 1 && !(apiVersion === 'v1' && kind === 'ReplicationController');
  return [
    ...needed('spec.scaleTargetRef.kind', kind, checkPathSegment),
    ...needed('spec.scaleTargetRef.name', name, checkPathSegment),
    ...version,
    ...(version.length === 0 && core ? [invalid(field, apiVersion, 'apiVersion must specify API group')] : []),
  ];
}

/** The broken rules of an autoscaler's spec. */
export function specErrors(spec: Draft<HorizontalPodAutoscalerSpec>): Errors {
  const { minReplicas, maxReplicas = 0, metrics = [] } = spec;
  const errors: Errors[number][] = [];
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (maxReplicas < 0) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  errors.push(...refErrors(spec.scaleTargetRef ?? {}), ...eachAlone('spec.metrics', metrics, metricSpecErrors));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.push(fieldForbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
  }
  return [
    ...errors,
    ...scalingErrors('spec.behavior.scaleUp', spec.behavior?.scaleUp),
    ...scalingErrors('spec.behavior.scaleDown', spec.behavior?.scaleDown),
  ];
}

/** The broken rules of an autoscaler's status. */
export function statusErrors(autoscaler: Draft<HorizontalPodAutoscaler>, old: KubeObject): Errors {
  return [
    ...metadataAgain(autoscaler as KubeObject, old),
    ...notNegative('status.currentReplicas', autoscaler.status?.currentReplicas),
    ...notNegative('status.desiredReplicas', autoscaler.status?.desiredReplicas),
  ];
}
