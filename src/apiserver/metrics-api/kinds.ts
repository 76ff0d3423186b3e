// The two resources of metrics.k8s.io, described as custom resources are: they can only be read.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
import type { CustomResourceDefinition } from '../../../openapi/types/apiextensions.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import { customKinds } from '../../registry/customresources/custom-kind.js';
import type { Kind, KindLifetime } from '../../registry/kind.js';

export const metricsGroup = 'metrics.k8s.io';
export const metricsVersion = 'v1beta1';

type Usage = Readonly<Record<string, string>>;

export interface NodeMetrics extends KubeObject {
  /** The end of the time that was measured. */
  readonly timestamp: string;
  /** Its length: `15s`. */
  readonly window: string;
  readonly usage: Usage;
}

export interface PodMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

const text = { type: 'string' };
const usage = { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text] } };
const measured = { timestamp: { ...text, format: 'date-time' }, window: text };
const container = { type: 'object', required: ['name', 'usage'], properties: { name: text, usage } };

function definition(
  plural: string,
  kind: string,
  scope: 'Cluster' | 'Namespaced',
  properties: Readonly<Record<string, unknown>>,
  columns: readonly { readonly name: string; readonly jsonPath: string }[],
): CustomResourceDefinition {
  const version = {
    name: metricsVersion,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { ...measured, ...properties } } },
    additionalPrinterColumns: [...columns, { name: 'Window', jsonPath: '.window' }].map((column) => ({ ...column, type: 'string' })),
  };
  // As metrics-server has it: the plural has the name of another resource, the singular is empty.
  const names = { plural, kind, listKind: `${kind}List`, singular: '' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${metricsGroup}` },
    spec: { group: metricsGroup, scope, names, versions: [version] },
    status: {},
  } as unknown as CustomResourceDefinition;
}

const definitions = [
  definition('nodes', 'NodeMetrics', 'Cluster', { usage }, [
    { name: 'CPU', jsonPath: '.usage.cpu' },
    { name: 'Memory', jsonPath: '.usage.memory' },
  ]),
  definition('pods', 'PodMetrics', 'Namespaced', { containers: { type: 'array', items: container } }, [
    { name: 'CPU', jsonPath: '.containers[0].usage.cpu' },
    { name: 'Memory', jsonPath: '.containers[0].usage.memory' },
  ]),
];

/** Served as long as the server runs. */
const always: KindLifetime = { onEnd: () => () => undefined };

/** @param meta the node of every object's metadata */
export function metricsKinds(meta: () => SchemaNode): readonly Kind[] {
  return definitions
    .flatMap((one) => customKinds(one, { meta, lifetime: always, terminating: false }))
    .map((kind) => ({ ...kind, verbs: ['get', 'list'], storageVersionHash: undefined }));
}
