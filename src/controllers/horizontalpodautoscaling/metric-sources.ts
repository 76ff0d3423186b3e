// What each kind of metric in a spec proposes, and what is said when it cannot be had.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../../openapi/types/autoscaling.v2.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { formatQuantity, milliValue, type QuantityFormat } from '../../apimachinery/quantity/quantity.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { ResourceType } from '../../client/client.js';
import { byAverage, byRatio, byShare, byUtilization, type Proposal, type Situation } from './calculator.js';
import type { MetricsClient } from './metrics-client.js';

/** What is known of the target, and who is asked. */
export interface MetricContext extends Situation {
  readonly namespace: string;
  /** The target's selector for pods, as text. */
  readonly selector: string;
  /** The replicas that there are. */
  readonly running: number;
  readonly metrics: MetricsClient;
  /** The resource of an object that a metric is about; undefined for a kind that the API does not have. */
  resourceOf(apiVersion: string, kind: string): Promise<ResourceType | undefined>;
}

export interface MetricResult {
  readonly replicas: number;
  /** Names the metric in conditions and events: `cpu resource`. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric that cannot be had. */
export class MetricError extends Error {
  constructor(
    /** Of the event and the condition: `FailedGetResourceMetric`. */
    readonly reason: string,
    /** Of the event, and in the condition. */
    readonly text: string,
    /** What it was for, where several metrics are reported of together. */
    before: string,
  ) {
    super(`${before}: ${text}`);
  }
}

/** Asks for the metric and compares it with its target. Throws {@link MetricError}. */
export async function evaluate(spec: MetricSpec, context: MetricContext): Promise<MetricResult> {
  switch (spec.type) {
    case 'Resource':
      return resource(spec, context);
    case 'ContainerResource':
      return containerResource(spec, context);
    case 'Pods':
      return pods(spec, context);
    case 'Object':
      return object(spec, context);
    case 'External':
      return external(spec, context);
    default: {
      const text = `unknown metric source type "${spec.type}"`;
      throw new MetricError('InvalidMetricSourceType', text, 'invalid metric source');
    }
  }
}

async function resource({ resource: source }: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { name, target } = source!;
  const fail = (text: string): MetricError =>
    new MetricError('FailedGetResourceMetric', text, `failed to get ${name} resource metric value`);
  const { proposal, suffix } = await resourceProposal(name, '', target, context, fail);
  const current = resourceStatus(name, proposal);
  return { replicas: proposal.replicas, name: `${name} resource${suffix}`, status: { type: 'Resource', resource: { name, current } } };
}

async function containerResource({ containerResource: source }: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { name, container, target } = source!;
  const fail = (text: string): MetricError =>
    new MetricError('FailedGetContainerResourceMetric', text, `failed to get ${container} container metric value`);
  const { proposal, suffix } = await resourceProposal(name, container, target, context, fail);
  const current = resourceStatus(name, proposal);
  return {
    replicas: proposal.replicas,
    name: suffix === '' ? `${name} resource` : `${name} container resource${suffix}`,
    status: { type: 'ContainerResource', containerResource: { name, container, current } },
  };
}

async function resourceProposal(
  name: string,
  container: string,
  target: MetricTarget,
  context: MetricContext,
  fail: (text: string) => MetricError,
): Promise<{ readonly proposal: Proposal; readonly suffix: string }> {
  const what = target.averageValue === undefined ? 'utilization' : 'usage';
  try {
    const all = await context.metrics.resource(context.namespace, context.selector, name, container).catch((error: unknown) => {
      throw new Error(`unable to get metrics for resource ${name}: ${textOf(error)}`);
    });
    if (target.averageValue !== undefined) return { proposal: byAverage(context, all, name, milliValue(target.averageValue)), suffix: '' };
    const proposal = byUtilization(context, all, name, container, target.averageUtilization ?? 0);
    return { proposal, suffix: ' utilization (percentage of request)' };
  } catch (error) {
    throw fail(`failed to get ${name} ${what}: ${textOf(error)}`);
  }
}

function resourceStatus(name: string, { value, utilization }: Proposal): MetricValueStatus {
  const format = name === 'memory' ? 'BinarySI' : 'DecimalSI';
  return { ...(utilization === undefined ? {} : { averageUtilization: utilization }), averageValue: quantityOf(value, format) };
}

async function pods({ pods: source }: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { metric, target } = source!;
  try {
    const series = seriesText(metric.selector);
    const all = await context.metrics.pods(context.namespace, context.selector, metric.name, series).catch((error: unknown) => {
      throw new Error(`unable to get metric ${metric.name}: ${textOf(error)}`);
    });
    const { replicas, value } = byAverage(context, all, '', milliValue(target.averageValue ?? 0));
    const status = { type: 'Pods', pods: { metric, current: { averageValue: quantityOf(value) } } };
    return { replicas, name: `pods metric ${metric.name}`, status };
  } catch (error) {
    throw new MetricError('FailedGetPodsMetric', textOf(error), 'failed to get pods metric value');
  }
}

async function object({ object: source }: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { metric, target, describedObject } = source!;
  const { apiVersion = '', kind, name } = describedObject;
  const ofShare = target.averageValue !== undefined;
  let series: string;
  try {
    series = seriesText(metric.selector);
  } catch (error) {
    throw new MetricError('FailedGetObjectMetric', textOf(error), 'failed to get object metric value');
  }
  let value: number;
  try {
    value = await context.metrics.object(
      context.namespace,
      describedObject,
      await context.resourceOf(apiVersion, kind),
      metric.name,
      series,
    );
  } catch (error) {
    const text = `unable to get metric ${metric.name}: ${kind} on ${context.namespace} ${name}/${textOf(error)}`;
    const inner = ofShare
      ? `failed to get object metric value: failed to get ${metric.name} object metric`
      : 'failed to get object metric value';
    throw new MetricError('FailedGetObjectMetric', text, inner);
  }
  const shared = shareOrRatio(target, context, value);
  const status = { type: 'Object', object: { metric, describedObject, current: shared.current } };
  const named = ofShare ? `external metric ${metric.name}(${selectorText(metric.selector)})` : `${kind} metric ${metric.name}`;
  return { replicas: shared.replicas, name: named, status };
}

async function external({ external: source }: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { metric, target } = source!;
  const selector = selectorText(metric.selector);
  let value: number;
  try {
    const values = await context.metrics.external(context.namespace, metric.name, metric.selector);
    value = values.reduce((sum, one) => sum + one, 0);
  } catch (error) {
    const text = `unable to get external metric ${context.namespace}/${metric.name}/${selector}: ${textOf(error)}`;
    const inner = target.averageValue === undefined ? `external metric ${metric.name}` : `${metric.name} external metric`;
    throw new MetricError('FailedGetExternalMetric', text, `failed to get ${metric.name} external metric value: failed to get ${inner}`);
  }
  const { replicas, current } = shareOrRatio(target, context, value);
  return { replicas, name: `external metric ${metric.name}(${selector})`, status: { type: 'External', external: { metric, current } } };
}

function shareOrRatio(
  target: MetricTarget,
  context: MetricContext,
  value: number,
): { readonly replicas: number; readonly current: MetricValueStatus } {
  if (target.averageValue !== undefined) {
    const share = byShare(context, context.running, value, milliValue(target.averageValue));
    return { replicas: share.replicas, current: { averageValue: quantityOf(share.value) } };
  }
  const ratio = byRatio(context, value, milliValue(target.value ?? 0));
  return { replicas: ratio.replicas, current: { value: quantityOf(ratio.value) } };
}

function quantityOf(thousandths: number, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ nano: BigInt(thousandths) * 1_000_000n, format });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A metric's selector as it is asked with, '' for none. Throws an Error for one that is none. */
function seriesText(selector: LabelSelector | undefined): string {
  return selector === undefined ? '' : compileLabelSelector(selector).toString();
}

/** A selector as the real controller writes it into its texts. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.keys(selector.matchLabels ?? {})
    .sort()
    .map((key) => `${key}: ${selector.matchLabels![key]},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],}`,
  );
  const all = expressions.length === 0 ? '' : `${expressions.join(',')},`;
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${all}},}`;
}
