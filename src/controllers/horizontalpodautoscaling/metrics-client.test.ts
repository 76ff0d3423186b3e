// What the metrics APIs are asked for: the paths and selectors of a real kube-controller-manager v1.36.3 for the same autoscalers.
import type { MetricIdentifier } from '../../../openapi/types/autoscaling.v2.js';
import type { Client, ListOptions, ResourceType } from '../../client/client.js';
import { defineResource, DEPLOYMENTS, NAMESPACES, NODES, SERVICES } from '../../client/resources.js';
import { createMetricsClient } from './metrics-client.js';
import { evaluate, type MetricContext, type MetricError } from './metric-sources.js';

const asked: string[] = [];
const client = {
  list: async ({ group, version, resource }: ResourceType, { namespace, ...query }: ListOptions) => {
    asked.push(
      `${group}/${version}/namespaces/${namespace}/${resource}?${new URLSearchParams(query as Record<string, string>).toString()}`,
    );
    return { items: [{ describedObject: { name: 'x' }, value: '20' }] };
  },
} as unknown as Client;

const types: Readonly<Record<string, ResourceType>> = { Service: SERVICES, Deployment: DEPLOYMENTS, Namespace: NAMESPACES, Node: NODES };
const context = {
  metrics: createMetricsClient(client),
  namespace: 'default',
  selector: 'app=d,tier=x',
  resourceOf: async (_version: string, kind: string) => types[kind],
} as unknown as MetricContext;

beforeEach(() => (asked.length = 0));

/** What was asked for; what comes of it does not matter here. */
async function pathOf(
  type: 'Pods' | 'Object' | 'External',
  metric: MetricIdentifier,
  described?: readonly [string, string, string],
): Promise<unknown> {
  const target = { type: 'Value', value: '10', ...(type === 'Pods' ? { type: 'AverageValue', averageValue: '10' } : {}) };
  const [apiVersion = '', kind = '', name = ''] = described ?? [];
  const describedObject = { apiVersion, kind, name };
  const spec = { type, [type.toLowerCase()]: { metric, target, ...(described === undefined ? {} : { describedObject }) } };
  const problem = await evaluate(spec as never, context).then(
    () => undefined,
    (error: unknown) => (error as MetricError).text,
  );
  return asked[0] ?? problem;
}

const get = { matchLabels: { verb: 'GET' } };

test.each<[string, Parameters<typeof pathOf>]>([
  [
    'custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/queue?labelSelector=app%3Dd%2Ctier%3Dx&metricLabelSelector=e+in+%28a%2Cb%29%2Cverb%3DGET',
    ['Pods', { name: 'queue', selector: { ...get, matchExpressions: [{ key: 'e', operator: 'In', values: ['b', 'a'] }] } }],
  ],
  ['custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/queue?labelSelector=app%3Dd%2Ctier%3Dx', ['Pods', { name: 'queue' }]],
  [
    'custom.metrics.k8s.io/v1beta2/namespaces/default/services/s/hits?metricLabelSelector=verb%3DGET',
    ['Object', { name: 'hits', selector: get }, ['v1', 'Service', 's']],
  ],
  [
    'custom.metrics.k8s.io/v1beta2/namespaces/default/deployments.apps/d/hits?',
    ['Object', { name: 'hits', selector: {} }, ['apps/v1', 'Deployment', 'd']],
  ],
  [
    'custom.metrics.k8s.io/v1beta2/namespaces/default/metrics/hits?metricLabelSelector=verb%3DGET',
    ['Object', { name: 'hits', selector: get }, ['v1', 'Namespace', 'other']],
  ],
  ['custom.metrics.k8s.io/v1beta2/namespaces/default/nodes/node-0/hits?', ['Object', { name: 'hits' }, ['v1', 'Node', 'node-0']]],
  [
    'external.metrics.k8s.io/v1beta1/namespaces/default/queue?labelSelector=a%3Dd%2Cb%3Dc',
    ['External', { name: 'queue', selector: { matchLabels: { b: 'c', a: 'd' } } }],
  ],
  ['external.metrics.k8s.io/v1beta1/namespaces/default/queue?', ['External', { name: 'queue' }]],
  [
    'unable to get metric hits: Thing on default t/unable to fetch metrics from custom metrics API: unable to map kind Thing.x.example.com to resource: no matches for kind "Thing" in group "x.example.com"',
    ['Object', { name: 'hits' }, ['x.example.com/v1', 'Thing', 't']],
  ],
  [
    '"Bad" is not a valid label selector operator',
    ['Pods', { name: 'queue', selector: { matchExpressions: [{ key: 'e', operator: 'Bad' }] } }],
  ],
])('%s', async (wanted, question) => {
  expect(await pathOf(...question)).toBe(wanted);
});

test('a resource of a group that comes by definitions is asked for by its group', async () => {
  const widgets = defineResource('example.com', 'v1', 'widgets', 'Widget', true);
  const { metrics } = context;
  await metrics.object('ns', { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' }, widgets, 'load', '');
  expect(asked).toEqual(['custom.metrics.k8s.io/v1beta2/namespaces/ns/widgets.example.com/w/load?']);
});
