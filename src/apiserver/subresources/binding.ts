// The scheduler's word: a pod is bound to a node, once. https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
import { ApiError, badRequest, conflict, notFound } from '../../apimachinery/errors/api-error.js';
import { invalidObject } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable, type Status } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import { StoreError } from '../../storage/store.js';
import type { ApiRequest, StatusResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody } from '../core/decode.js';
import { apiErrorOf } from '../core/store-errors.js';

/** `POST pods/<name>/binding`, and `POST bindings` with the pod's name in the binding. */
export async function bind(core: Core, request: ApiRequest): Promise<StatusResult> {
  const bindings = core.registry.byResource('', 'v1', 'bindings');
  const pods = core.registry.byResource('', 'v1', 'pods');
  if (bindings === undefined || pods === undefined) throw notFound({ group: '', resource: 'bindings' }, request.name);
  const binding = decodeRequestBody(core, request, { group: '', version: 'v1', kind: 'Binding' }, bindings.schema());
  const metadata = isRecord(binding['metadata']) ? binding['metadata'] : {};
  const target = isRecord(binding['target']) ? binding['target'] : {};
  const name = text(metadata['name']);
  if (request.subresource !== '' && name !== request.name) throw badRequest('name in URL does not match name in Binding object');
  const targetKind = text(target['kind']);
  if (targetKind !== '' && targetKind !== 'Node') throw invalidTarget(name, targetKind);
  const node = text(target['name']);
  // The real server takes this for an error of its own.
  if (node === '') throw new ApiError(500, '', 'target.name: Required value');

  const storage = core.storages.of(pods);
  for (;;) {
    try {
      const entry = await storage.get(request.namespace, name);
      if (entry === undefined) throw notFound(pods, name);
      const bound = withNode(core, entry.value, node, metadata);
      if (bound === undefined) {
        const { nodeName } = (entry.value as unknown as PodParts).spec;
        throw conflict(
          { group: '', resource: 'pods/binding' },
          name,
          `pod ${name} is already assigned to node ${JSON.stringify(nodeName ?? '')}`,
        );
      }
      if (entry.value.metadata.deletionTimestamp !== undefined)
        throw conflict({ group: '', resource: 'pods/binding' }, name, `pod ${name} is being deleted, cannot be assigned to a host`);
      if (request.options.dryRun !== true) await storage.store.update(entry.key, bound, entry.modRevision);
      return { type: 'status', code: 201, status: success };
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') continue;
      throw apiErrorOf(error, pods, name);
    }
  }
}

export const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

interface PodParts {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}

/** The pod on its node, with the condition that says so; undefined when it is on one already. */
function withNode(core: Core, pod: KubeObject, node: string, metadata: Mutable): KubeObject | undefined {
  const { spec, status } = pod as unknown as PodParts;
  if (spec.nodeName !== undefined && spec.nodeName !== '') return undefined;
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: formatTime(core.clock.now()) };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : undefined;
  return {
    ...pod,
    metadata:
      annotations === undefined
        ? pod.metadata
        : { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...(annotations as Record<string, string>) } },
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  } as KubeObject;
}

function invalidTarget(name: string, kind: string): Error {
  return invalidObject({ group: '', kind: 'Binding' }, name, [
    {
      field: 'target.kind',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    },
  ]);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
