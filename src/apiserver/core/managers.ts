// Which manager a request writes as, and which fields its endpoint leaves alone.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
import { apiVersionOf, type KubeObject, type ManagedFieldsEntry, type Mutable } from '../../apimachinery/object.js';
import type { FieldSet } from '../../apimachinery/managedfields/field-set.js';
import { updateScaleManagedFields } from '../../apimachinery/managedfields/scale.js';
import { statusFields, updateManagedFields, type Writer } from '../../apimachinery/managedfields/update.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import type { ApiRequest } from './api-request.js';
import type { Core } from './core.js';

export function writerOf(core: Core, request: ApiRequest): Writer {
  return {
    manager: request.options.fieldManager ?? managerOfUserAgent(request.userAgent),
    apiVersion: apiVersionOf(request.kind.group, request.kind.version),
    subresource: request.subresource,
    time: formatTime(core.clock.now()),
  };
}

/** The user agent's part before the first slash, as the real server names a manager that does not name itself. */
export function managerOfUserAgent(userAgent: string): string {
  const slash = userAgent.indexOf('/');
  const name = (slash < 0 ? userAgent : userAgent.slice(0, slash)).slice(0, 128);
  return name === '' ? 'unknown' : name;
}

const onlyStatus: FieldSet = { 'f:spec': {} };

/** Fields that a write through this endpoint cannot set: nobody comes to own them by it. */
export function resetFieldsOf(kind: Kind, subresource: string): FieldSet | undefined {
  if (!kind.subresources.has('status')) return undefined;
  return subresource === 'status' ? onlyStatus : statusFields;
}

/** Keeps the books of a write: sets `managedFields` of the draft. */
export function keepManagedFields(core: Core, request: ApiRequest, draft: Mutable, metadata: Mutable, old: KubeObject | undefined): void {
  const { kind, subresource } = request;
  const writer = writerOf(core, request);
  const node = kind.schema();
  const managedFields: readonly ManagedFieldsEntry[] | undefined =
    subresource === 'scale' && kind.scale !== undefined
      ? updateScaleManagedFields({
          node,
          old,
          new: draft,
          manager: writer.manager,
          apiVersion: writer.apiVersion,
          replicas: kind.scale.spec,
        })
      : updateManagedFields({ ...writer, node, old, new: draft, resetFields: resetFieldsOf(kind, subresource) });
  if (managedFields === undefined || managedFields.length === 0) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
}
