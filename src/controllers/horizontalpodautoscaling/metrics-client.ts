// Asks the three metrics APIs. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-metrics-apis
import type { CrossVersionObjectReference } from '../../../openapi/types/autoscaling.v2.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { parseApiVersion, type KubeObject } from '../../apimachinery/object.js';
import { milliValue } from '../../apimachinery/quantity/quantity.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { Client, ResourceType } from '../../client/client.js';
import { defineResource } from '../../client/resources.js';
import { durationOf } from './duration.js';

/** What one pod uses, or says of itself. */
export interface PodMetric {
  /** In thousandths. */
  readonly value: number;
  /** The end of the time that was measured, in milliseconds since the epoch, and its length in milliseconds. */
  readonly timestamp: number;
  readonly window: number;
}

/** By the name of the pod. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

interface PodMetricsObject extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers?: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

/** A value of the custom metrics API. */
interface MetricValue extends KubeObject {
  readonly describedObject: { readonly name: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  /** The same in v1beta1. */
  readonly window?: number;
  readonly value: string;
}

interface ExternalMetricValue extends KubeObject {
  readonly value: string;
}

const podMetrics = defineResource<PodMetricsObject>('metrics.k8s.io', 'v1beta1', 'pods', 'PodMetrics', true);
/** What a custom metric is measured over that does not say so. */
const usualWindow = 60_000;

export interface MetricsClient {
  /** What the pods use of a resource, or one of their containers. Pods of which some container says nothing are left out. */
  resource(namespace: string, selector: string, resource: string, container: string): Promise<PodMetrics>;
  /** A custom metric of pods. `series`: the metric's own selector as text, '' for all. */
  pods(namespace: string, selector: string, metric: string, series: string): Promise<PodMetrics>;
  /** A custom metric of one object, in thousandths. */
  object(
    namespace: string,
    object: CrossVersionObjectReference,
    type: ResourceType | undefined,
    metric: string,
    series: string,
  ): Promise<number>;
  /** The values of a metric from outside, in thousandths. */
  external(namespace: string, metric: string, selector: LabelSelector | undefined): Promise<readonly number[]>;
}

export function createMetricsClient(client: Client): MetricsClient {
  return {
    async resource(namespace, selector, resource, container) {
      const items = await asked('resource metrics', 'pods.metrics.k8s.io', () =>
        client.list(podMetrics, { namespace, labelSelector: selector }).then((list) => list.items),
      );
      if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
      const found = new Map<string, PodMetric>();
      for (const { metadata, timestamp, window, containers = [] } of items) {
        const measured = container === '' ? containers : containers.filter(({ name }) => name === container);
        const amounts = measured.map(({ usage }) => usage[resource]);
        if (amounts.length === 0 || amounts.includes(undefined)) continue;
        const value = amounts.reduce<number>((sum, amount) => sum + milliValue(amount!), 0);
        found.set(metadata.name, { value, timestamp: Date.parse(timestamp), window: durationOf(window) });
      }
      return found;
    },
    async pods(namespace, selector, metric, series) {
      const items = await asked('custom metrics', `${metric}.custom.metrics.k8s.io`, () =>
        inAnyVersion((version) =>
          client
            .list(customMetric(version, `pods/*/${metric}`), { namespace, labelSelector: selector, ...seriesOf(series) })
            .then((list) => list.items),
        ),
      );
      if (items.length === 0) throw new Error('no metrics returned from custom metrics API');
      return new Map(
        items.map(({ describedObject, value, timestamp, window, windowSeconds = window }) => [
          describedObject.name,
          {
            value: milliValue(value),
            timestamp: timestamp === undefined ? 0 : Date.parse(timestamp),
            window: windowSeconds === undefined ? usualWindow : windowSeconds * 1000,
          },
        ]),
      );
    },
    async object(namespace, { apiVersion = '', kind, name }, type, metric, series) {
      if (type === undefined) throw new Error(`unable to fetch metrics from custom metrics API: ${unmapped(apiVersion, kind)}`);
      const resource = type.group === '' ? type.resource : `${type.resource}.${type.group}`;
      // A metric of a namespace is one of the autoscaler's own, whichever it names; nodes and the like are asked for in it too.
      const path = resource === 'namespaces' ? `metrics/${metric}` : `${resource}/${name}/${metric}`;
      const items = await asked('custom metrics', `${metric}.custom.metrics.k8s.io`, () =>
        inAnyVersion((version) => client.list(customMetric(version, path), { namespace, ...seriesOf(series) }).then((list) => list.items)),
      );
      if (items.length === 0) throw new Error('unable to fetch metrics from custom metrics API: the API returned no values');
      return milliValue(items[0]!.value);
    },
    async external(namespace, metric, selector) {
      const type = defineResource<ExternalMetricValue>('external.metrics.k8s.io', 'v1beta1', metric, 'ExternalMetricValue', true);
      const labelSelector = selector === undefined ? '' : compileLabelSelector(selector).toString();
      const items = await asked('external metrics', `${metric}.external.metrics.k8s.io`, () =>
        client.list(type, { namespace, ...(labelSelector === '' ? {} : { labelSelector }) }).then((list) => list.items),
      );
      if (items.length === 0) throw new Error('no metrics returned from external metrics API');
      return items.map(({ value }) => milliValue(value));
    },
  };
}

/** The path of a custom metric goes on behind the objects that it is of. */
function customMetric(version: string, path: string): ResourceType<MetricValue> {
  return defineResource<MetricValue>('custom.metrics.k8s.io', version, path, 'MetricValue', true);
}

const seriesOf = (series: string): { readonly metricLabelSelector?: string } => (series === '' ? {} : { metricLabelSelector: series });

function unmapped(apiVersion: string, kind: string): string {
  const { group } = parseApiVersion(apiVersion);
  return `unable to map kind ${group === '' ? kind : `${kind}.${group}`} to resource: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`;
}

/** Some adapters have the older version alone. */
async function inAnyVersion<T>(ask: (version: string) => Promise<T>): Promise<T> {
  try {
    return await ask('v1beta2');
  } catch (error) {
    if (!(error instanceof ApiError) || !isUnserved(error)) throw error;
    return ask('v1beta1');
  }
}

async function asked<T>(
  api: 'resource metrics' | 'custom metrics' | 'external metrics',
  resource: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new Error(`unable to fetch metrics from ${api} API: ${isUnserved(error) ? unserved(api, resource) : error.message}`);
  }
}

/** Whether an answer is about the path: there is no such API. One about a metric that is not there says which. */
function isUnserved(error: ApiError): boolean {
  return isReason(error, 'NotFound') && (error.status.details?.name ?? '') === '' && !error.message.includes(' metric ');
}

function unserved(api: string, resource: string): string {
  if (api === 'custom metrics') return 'no custom metrics API (custom.metrics.k8s.io) registered';
  return `the server could not find the requested resource (get ${resource})`;
}
