// Puts an object that admission has changed in the place of the one that was: with defaults, and without what nobody may change there.
import { ApiError, badRequest, conflict, modified } from '../../../apimachinery/errors/api-error.js';
import { apiVersionOf, isRecord, type Mutable } from '../../../apimachinery/object.js';
import type { Kind } from '../../../registry/kind.js';
import { draftInVersion } from '../../core/versions.js';
import type { AdmissionRequest, ObjectForm } from '../chain.js';

/** What the request's object is, as it is looked at in `kind`'s version. */
export function formOf({ form }: AdmissionRequest, kind: Kind): ObjectForm {
  return form ?? { apiVersion: apiVersionOf(kind.group, kind.version), kind: kind.kind, schema: () => kind.schema() };
}

/**
 * Makes `next`, an object of `kind` that is the caller's own, the request's object. `kind` may be another version of the request's kind.
 * Throws an ApiError: 400 for another namespace, 409 for another resourceVersion, 500 for one in an object that is to be created.
 */
export async function putObject(request: AdmissionRequest, kind: Kind, next: Mutable): Promise<void> {
  const draft = request.object!;
  if (request.form !== undefined) {
    if (request.operation === 'CONNECT') exchange(draft, next);
    else replace(draft, next);
    return;
  }
  const own = kind === request.kind ? next : { ...(await draftInVersion(kind, request.kind, next)) };
  request.kind.strategy.applyDefaults?.(own);
  settleMetadata(request, draft, own);
  replace(draft, own);
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
  exchange(draft, { ...next, metadata });
}

function exchange(draft: Mutable, next: Mutable): void {
  for (const field of Object.keys(draft)) delete draft[field];
  Object.assign(draft, next);
}
