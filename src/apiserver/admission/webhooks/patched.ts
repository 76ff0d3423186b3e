// The object after a mutating webhook's patch: decoded again, with defaults, and without what no webhook may change.
import { deepEqualWork } from '../../../apimachinery/equality-work.js';
import { ApiError, internalError } from '../../../apimachinery/errors/api-error.js';
import { isRecord, parseApiVersion, type Mutable } from '../../../apimachinery/object.js';
import { applyJsonPatchWork } from '../../../apimachinery/patch/json-patch.js';
import { decodeObjectWork } from '../../../apimachinery/schema/decode-work.js';
import { inSlices } from '../../../clock/slices.js';
import type { Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';
import { unknownKind } from '../../authentication/configuration-file.js';
import type { AdmissionRequest, ObjectForm } from '../chain.js';
import { formOf, putObject } from './changed-object.js';
import { jsonPatchProblem } from './patch-problems.js';
import { shownIn } from './review.js';

/**
 * Changes `request.object` as the patch says; `kind` is the version that the webhook saw. Returns whether anything changed.
 * Throws an ApiError: 500 for a patch that cannot be applied or whose result is no such object, 400 for another namespace, 409 for another
 * resourceVersion.
 */
export async function applyWebhookPatch(
  request: AdmissionRequest,
  kind: Kind,
  patch: readonly unknown[],
  registry: Registry,
): Promise<boolean> {
  const draft = request.object!;
  const before = await shownIn(request, kind, draft);
  const changed = await changedBy(before, patch);
  if (await inSlices(deepEqualWork(changed, before))) return false;
  const form = formOf(request, kind);
  await refuseOtherKind(form, changed, registry);
  await putObject(request, kind, await decoded(form, changed));
  return true;
}

async function changedBy(before: unknown, patch: readonly unknown[]): Promise<unknown> {
  try {
    return await inSlices(applyJsonPatchWork(before, patch));
  } catch (error) {
    if (error instanceof ApiError) throw internalError((await jsonPatchProblem(before, patch, error.message)).text);
    throw error;
  }
}

/** A patch may not make something else of the object. What says nothing of its kind is what it was. */
async function refuseOtherKind({ apiVersion, kind }: ObjectForm, value: unknown, registry: Registry): Promise<void> {
  const { apiVersion: givenVersion, kind: givenKind } = isRecord(value) ? value : {};
  if (typeof givenVersion !== 'string' || givenVersion === '' || typeof givenKind !== 'string' || givenKind === '') return;
  if (givenVersion === apiVersion && givenKind === kind) return;
  const { group, version } = parseApiVersion(givenVersion);
  const other = registry.byKind(group, version, givenKind);
  if (other === undefined) throw internalError(unknownKind(givenKind, givenVersion));
  await decoded({ apiVersion: givenVersion, kind: givenKind, schema: () => other.schema() }, value);
  const own = parseApiVersion(apiVersion).group;
  const place = own === '' ? 'core' : own.split('.')[0]!;
  throw new ApiError(500, '', `converting (${version}.${givenKind}) to (${place}.${kind}): unknown conversion`);
}

async function decoded(form: ObjectForm, value: unknown): Promise<Mutable> {
  try {
    const { object } = await inSlices(decodeObjectWork(form.schema(), value));
    object['apiVersion'] = form.apiVersion;
    object['kind'] = form.kind;
    return object;
  } catch (error) {
    throw internalError(error instanceof Error ? error.message : String(error));
  }
}
