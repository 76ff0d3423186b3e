// Answers reads of metrics.k8s.io from the pods and nodes that there are and what they are taken to use, as metrics-server would from what
// kubelets report: nothing of a node that is not ready.
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import { jsonLine } from '../../apimachinery/codec/json.js';
import { ApiError, notFound } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry } from '../../storage/store.js';
import type { ApiRequest, ListResult, ObjectResult } from '../core/api-request.js';
import type { Core, ResourceHandler } from '../core/core.js';
import { fieldTerm } from '../core/resource-storage.js';
import { list } from '../verbs/list.js';
import { metricsGroup, metricsVersion, type NodeMetrics, type PodMetrics } from './kinds.js';
import { usageText, type UsageReader } from './usage-book.js';

/** How long is measured, as metrics-server measures by default. */
const window = '15s';
/** What a node uses beside its pods: its system and its kubelet. */
const ofSystem = { cpu: parseQuantity('100m'), memory: parseQuantity('256Mi') };

/** By the keys of `Core.handlers`. */
export function metricsHandlers(usage: UsageReader): ReadonlyMap<string, ResourceHandler> {
  const kindOf = ({ registry }: Core, resource: string): Kind => registry.byResource('', 'v1', resource)!;
  /** The pods on a node, in the order of their keys. */
  const podsOn = async (core: Core, node: string): Promise<readonly Pod[]> => {
    const { cache } = core.storages.of(kindOf(core, 'pods'));
    await cache.ready();
    return cache.list({ terms: [fieldTerm('spec.nodeName', node)] }).entries.map(({ value }) => value as Pod);
  };
  const isUp = async (core: Core, node: string): Promise<boolean> => {
    const { cache } = core.storages.of(kindOf(core, 'nodes'));
    await cache.ready();
    const entry = cache.get(core.storages.of(kindOf(core, 'nodes')).key('', node));
    return entry !== undefined && isReady(entry.value as Node);
  };
  const ofPod = async (core: Core, pod: Pod): Promise<PodMetrics | undefined> => {
    const node = pod.spec?.nodeName ?? '';
    const containers = usage.containersOf(pod);
    if (containers.length === 0 || !(await isUp(core, node))) return undefined;
    return {
      ...head(core, 'PodMetrics', pod),
      containers: containers.map(({ name, usage: amounts }) => ({ name, usage: usageText([amounts]) })),
    };
  };
  const ofNode = async (core: Core, node: Node): Promise<NodeMetrics | undefined> => {
    if (!isReady(node)) return undefined;
    const amounts = (await podsOn(core, node.metadata.name)).flatMap((pod) => usage.containersOf(pod).map(({ usage: one }) => one));
    return { ...head(core, 'NodeMetrics', node), usage: usageText(amounts, ofSystem) };
  };
  const getOf = (
    resource: string,
    singular: string,
    metricsOf: (core: Core, object: never) => Promise<KubeObject | undefined>,
  ): ResourceHandler => {
    return async (core, { kind, namespace, name }): Promise<ObjectResult> => {
      const entry = await core.storages.of(kindOf(core, resource)).get(namespace, name);
      const object = entry === undefined ? undefined : await metricsOf(core, entry.value as never);
      if (object === undefined)
        throw notFound({ group: metricsGroup, resource: singular }, namespace === '' ? name : `${namespace}/${name}`);
      return { type: 'object', code: 200, kind, object };
    };
  };
  const listOf = (resource: string, metricsOf: (core: Core, object: never) => Promise<KubeObject | undefined>): ResourceHandler => {
    return async (core, request): Promise<ListResult> => {
      const { labelSelector, fieldSelector } = request.options;
      const options = {
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      };
      const asked: ApiRequest = { ...request, kind: kindOf(core, resource), options };
      const { entries } = await list(core, asked);
      const found: Entry<KubeObject>[] = [];
      for (const { value } of entries) {
        const object = await metricsOf(core, value as never);
        if (object !== undefined) found.push(entryOf(object));
      }
      return { type: 'list', kind: request.kind, metadata: {}, entries: found };
    };
  };
  const refused = ['create', 'update', 'patch', 'delete', 'deletecollection', 'watch'].flatMap((verb) =>
    ['pods', 'nodes'].map((resource) => [`${verb} ${metricsGroup}/${resource}`, refuse] as const),
  );
  return new Map<string, ResourceHandler>([
    ...refused,
    [`get ${metricsGroup}/pods`, getOf('pods', 'podmetrics', ofPod)],
    [`list ${metricsGroup}/pods`, listOf('pods', ofPod)],
    [`get ${metricsGroup}/nodes`, getOf('nodes', 'nodemetrics', ofNode)],
    [`list ${metricsGroup}/nodes`, listOf('nodes', ofNode)],
  ]);
}

/** There is nothing to write, and nobody is told of changes. */
const refuse: ResourceHandler = () => {
  throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
};

function isReady({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function head(
  { clock }: Core,
  kind: string,
  { metadata }: KubeObject,
): Pick<PodMetrics, 'apiVersion' | 'kind' | 'metadata' | 'timestamp' | 'window'> {
  const timestamp = formatTime(clock.now());
  const { name, namespace, labels } = metadata;
  const own = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    creationTimestamp: timestamp,
    ...(labels === undefined ? {} : { labels }),
  };
  return { apiVersion: `${metricsGroup}/${metricsVersion}`, kind, metadata: own as KubeObject['metadata'], timestamp, window };
}

/** An entry as the store has them, for answers that are put together from entries. */
function entryOf(value: KubeObject): Entry<KubeObject> {
  return { key: value.metadata.name, value, createRevision: 0, modRevision: 0, bytes: () => jsonLine(value) };
}
