// What plugins that look at pods ask of a request.
import { ApiError, notFound } from '../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionRequest } from './chain.js';

/** Whether a pod itself is created. */
export function isNewPod({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' && kind.resource === 'pods' && kind.group === '' && subresource === '';
}

/** Whether a pod itself is created or replaced. */
export function isPodWrite({ operation, kind, subresource }: AdmissionRequest): boolean {
  return (operation === 'CREATE' || operation === 'UPDATE') && kind.resource === 'pods' && kind.group === '' && subresource === '';
}

/** The spec of the object that is written; undefined when there is none. Parts of it may be shared with what is stored: replace them. */
export function specOf({ object }: AdmissionRequest): Mutable | undefined {
  const spec = object?.['spec'];
  return isRecord(spec) ? spec : undefined;
}

/** Puts a changed spec in the place of the one that is there. */
export function changeSpec({ object }: AdmissionRequest, changes: Mutable): void {
  if (object === undefined) return;
  object['spec'] = { ...(isRecord(object['spec']) ? object['spec'] : {}), ...changes };
}

/** A 500 without a reason: how the real server tells of what a namespace's annotations have wrong. */
export function plainError(message: string): ApiError {
  return new ApiError(500, '', message);
}

/** Looks up the namespace of a request; throws 404 when it is not there. */
export function namespaceReader(registry: Registry, storages: Storages): (name: string) => Promise<KubeObject> {
  return async (name) => {
    const kind = registry.byResource('', 'v1', 'namespaces')!;
    const entry = await storages.of(kind).get('', name);
    if (entry === undefined) throw notFound(kind, name);
    return entry.value;
  };
}
