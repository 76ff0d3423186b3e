// The object after a mutating webhook's patch: decoded again, with defaults, and without what no webhook may change.
import { ApiError, badRequest, conflict, internalError, modified } from '../../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../../apimachinery/object.js';
import { applyJsonPatch } from '../../../apimachinery/patch/json-patch.js';
import { decodeObject } from '../../../apimachinery/schema/decode.js';
import type { Kind } from '../../../registry/kind.js';
import { inVersion } from '../../core/versions.js';
import type { AdmissionRequest } from '../chain.js';
import { shown } from './review.js';

/**
 * Changes `request.object` as the patch says; `kind` is the version that the webhook saw. Returns whether anything changed.
 * Throws an ApiError: 500 for a patch that cannot be applied or whose result is no such object, 400 for another namespace, 409 for another
 * resourceVersion.
 */
export function applyWebhookPatch(request: AdmissionRequest, kind: Kind, patch: readonly unknown[]): boolean {
  const draft = request.object!;
  const before = shown(request.kind, kind, draft);
  const changed = changedBy(before, patch);
  if (changed === before) return false;
  let next = decoded(kind, changed);
  if (kind !== request.kind) {
    const stored = kind.conversion === undefined ? next : kind.conversion.toStored(next);
    next = { ...inVersion(request.kind, stored as unknown as KubeObject) };
  }
  request.kind.strategy.applyDefaults?.(next);
  settleMetadata(request, draft, next);
  replace(draft, next);
  return true;
}

function changedBy(before: unknown, patch: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(before, patch);
  } catch (error) {
    if (error instanceof ApiError) throw internalError(whyNot(before, patch, error.message));
    throw error;
  }
}

/** Which operation it was, in words that clients know. */
function whyNot(before: unknown, patch: readonly unknown[], message: string): string {
  let document = before;
  for (const operation of patch) {
    try {
      document = applyJsonPatch(document, [operation]);
    } catch {
      const field = (name: string, byDefault = ''): string => {
        const value = isRecord(operation) ? operation[name] : undefined;
        return typeof value === 'string' ? value : byDefault;
      };
      const [op, path, from] = [field('op', 'unknown'), field('path'), field('from')];
      const last = (pointer: string): string => pointer.slice(pointer.lastIndexOf('/') + 1);
      switch (op) {
        case 'remove':
          return `error in remove for path: '${path}': Unable to remove nonexistent key: ${last(path)}: missing value`;
        case 'test':
          return `testing value ${path} failed: test failed`;
        case 'add':
        case 'replace':
          return `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`;
        case 'move':
        case 'copy':
          return `error in ${op} for path: '${last(from)}': Unable to remove nonexistent key: ${last(from)}: missing value`;
        default:
          return `Unexpected kind: ${op}`;
      }
    }
  }
  return message;
}

function decoded(kind: Kind, value: unknown): Mutable {
  try {
    const { object } = decodeObject(kind.schema(), value);
    object['apiVersion'] = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    object['kind'] = kind.kind;
    return object;
  } catch (error) {
    throw internalError(error instanceof Error ? error.message : String(error));
  }
}

function metadataOf(object: Mutable): Mutable {
  const { metadata } = object;
  return isRecord(metadata) ? metadata : (object['metadata'] = {});
}

/** What the server keeps to itself stays, whatever the webhook says; what must not change is refused here or by the rules that follow. */
function settleMetadata({ operation, kind, namespace, name, warnings }: AdmissionRequest, draft: Mutable, next: Mutable): void {
  const [before, after] = [metadataOf(draft), metadataOf(next)];
  if (kind.namespaced && after['namespace'] === undefined) after['namespace'] = before['namespace'];
  if (kind.namespaced && after['namespace'] !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (operation === 'CREATE') {
    if (after['resourceVersion'] !== undefined && after['resourceVersion'] !== before['resourceVersion'])
      throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
    keep('uid');
  } else {
    if (after['resourceVersion'] !== undefined && after['resourceVersion'] !== before['resourceVersion'])
      throw conflict(kind, name, modified);
    keep('resourceVersion');
    keep('generation');
    if (after['uid'] === undefined) keep('uid');
  }
  keep('creationTimestamp');
  const problem = managersProblem(after['managedFields']);
  if (problem === undefined) return;
  const why = 'this could be caused by an outdated mutating admission controller; please fix your requests';
  warnings.push(`.metadata.managedFields was in an invalid state after admission; ${why}: ${problem}`);
  keep('managedFields');

  function keep(field: string): void {
    if (before[field] === undefined) delete after[field];
    else after[field] = before[field];
  }
}

function managersProblem(managers: unknown): string | undefined {
  if (!Array.isArray(managers)) return undefined;
  for (const manager of managers as readonly Readonly<Record<string, unknown>>[]) {
    if (manager['operation'] !== 'Apply' && manager['operation'] !== 'Update') return 'operation must be `Apply` or `Update`';
    if (manager['fieldsType'] !== 'FieldsV1') return 'fieldsType must be `FieldsV1`';
  }
  return undefined;
}

/** In place: the verbs hold on to the draft and its metadata. */
function replace(draft: Mutable, next: Mutable): void {
  const metadata = metadataOf(draft);
  const fresh = metadataOf(next);
  for (const field of Object.keys(metadata)) delete metadata[field];
  Object.assign(metadata, fresh);
  for (const field of Object.keys(draft)) delete draft[field];
  Object.assign(draft, next, { metadata });
}
