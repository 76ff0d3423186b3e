// The scheduler's word: a pod is bound to a node, once. https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
import { ApiError, badRequest, conflict, notFound } from '../../apimachinery/errors/api-error.js';
import { notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable, type Status } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import { StoreError } from '../../storage/store.js';
import type { Kind } from '../../registry/kind.js';
import type { ApiRequest, StatusResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody, metadataOf } from '../core/decode.js';
import { settleNamespace } from '../core/metadata.js';
import { apiErrorOf } from '../core/store-errors.js';
import { admissionOf, formOfType } from './admission.js';

/** `POST pods/<name>/binding`, and `POST bindings` with the pod's name in the binding. */
export async function bind(core: Core, request: ApiRequest): Promise<StatusResult> {
  const bindings = core.registry.byResource('', 'v1', 'bindings');
  const pods = core.registry.byResource('', 'v1', 'pods');
  if (bindings === undefined || pods === undefined) throw notFound({ group: '', resource: 'bindings' }, request.name);
  const binding = decodeRequestBody(core, request, { group: '', version: 'v1', kind: 'Binding' }, bindings.schema());
  const metadata = metadataOf(binding);
  settleNamespace(bindings, metadata, request.namespace);
  const name = text(metadata['name']);
  if (request.subresource !== '' && name !== request.name) throw badRequest('name in URL does not match name in Binding object');
  if (name === '') throw badRequest('Name parameter required.');
  const form = request.subresource === '' ? undefined : formOfType({ group: '', version: 'v1', kind: 'Binding' }, bindings.schema());
  await core.admission.admitSubresource(admissionOf({ ...request, name }, binding, request.options.dryRun === true, form));
  await checkNamespace(core, request.namespace);
  const target = isRecord(binding['target']) ? binding['target'] : {};
  const node = text(target['name']);
  checkTarget(text(target['kind']), node);

  const storage = core.storages.of(pods);
  for (;;) {
    try {
      const entry = await storage.get(request.namespace, name);
      if (entry === undefined) throw notFound(pods, name);
      checkPreconditions(pods, entry.value, metadata, entry.key);
      const bound = withNode(core, entry.value, node, metadata);
      if (request.options.dryRun !== true) await storage.store.update(entry.key, bound, entry.modRevision);
      return { type: 'status', code: 201, status: success };
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') continue;
      throw apiErrorOf(error, pods, name);
    }
  }
}

export const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

async function checkNamespace(core: Core, name: string): Promise<void> {
  const namespaces = core.registry.byResource('', 'v1', 'namespaces');
  if (namespaces === undefined || (await core.storages.of(namespaces).get('', name)) !== undefined) return;
  throw notFound(namespaces, name);
}

/** The real server takes a wrong target for an error of its own. */
function checkTarget(kind: string, node: string): void {
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (node === '') errors.push(required('target.name'));
  if (errors.length === 0) return;
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  throw new ApiError(500, '', texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}

/** A binding may say which pod of this name it means, and in which version. */
function checkPreconditions(pods: Kind, { metadata }: KubeObject, { uid, resourceVersion }: Mutable, key: string): void {
  const why =
    text(uid) !== '' && uid !== metadata.uid
      ? `UID in precondition: ${text(uid)}, UID in object meta: ${metadata.uid}`
      : text(resourceVersion) !== '' && resourceVersion !== metadata.resourceVersion
        ? `ResourceVersion in precondition: ${text(resourceVersion)}, ResourceVersion in object meta: ${metadata.resourceVersion}`
        : undefined;
  if (why === undefined) return;
  const storageError = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${why}`;
  throw conflict(pods, metadata.name, storageError);
}

interface PodParts {
  readonly spec: { readonly nodeName?: string; readonly schedulingGates?: readonly unknown[] };
  readonly status?: { readonly nominatedNodeName?: string; readonly conditions?: readonly { readonly type: string }[] };
}

/** The pod on its node, with the condition that says so. Throws 409 for one that is going, is on a node already, or may not be scheduled yet. */
function withNode(core: Core, pod: KubeObject, node: string, metadata: Mutable): KubeObject {
  const { spec, status } = pod as unknown as PodParts;
  const { name, deletionTimestamp } = pod.metadata;
  const refuse = (why: string): Error => conflict({ group: '', resource: 'pods/binding' }, name, `pod ${name} ${why}`);
  if (deletionTimestamp !== undefined) throw refuse('is being deleted, cannot be assigned to a host');
  if (spec.nodeName !== undefined && spec.nodeName !== '') throw refuse(`is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  if ((spec.schedulingGates?.length ?? 0) > 0) throw refuse('has non-empty .spec.schedulingGates');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: formatTime(core.clock.now()) };
  // A nomination has had its day.
  const { nominatedNodeName: _nominated, ...rest } = status ?? {};
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  return {
    ...pod,
    metadata: { ...pod.metadata, ...joined('labels', pod, metadata), ...joined('annotations', pod, metadata) },
    spec: { ...spec, nodeName: node },
    status: { ...rest, conditions: [...others, scheduled] },
  } as KubeObject;
}

/** Labels and annotations of a binding come to the pod. https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
function joined(field: 'labels' | 'annotations', pod: KubeObject, binding: Mutable): object {
  const added = binding[field];
  return isRecord(added) ? { [field]: { ...pod.metadata[field], ...(added as Record<string, string>) } } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
