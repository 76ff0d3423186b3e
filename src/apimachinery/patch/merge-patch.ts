// JSON Merge Patch: objects are merged field by field, null removes, all else replaces. https://www.rfc-editor.org/rfc/rfc7386
import { badRequest } from '../errors/api-error.js';
import { isRecord } from '../object.js';
import { fieldOf, setField, type Fields, type FieldsDraft } from '../fields.js';
import { jsonTypeOf } from './patch-errors.js';

/**
 * Applies the merge patch `patch` (the parsed request body) to `document` and returns the result; `document` is not changed, and the
 * result shares every part with it that the patch does not change. A patch that changes nothing returns `document` itself.
 * Throws an ApiError 400 `BadRequest` when the patch is no object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isRecord(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`);
  }
  return merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const before: Fields = isRecord(target) ? target : {};
  let result: FieldsDraft | undefined = isRecord(target) ? undefined : {};
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    const old = fieldOf(before, name);
    if (value === null) {
      if (old === undefined) continue;
      result ??= { ...before };
      delete result[name];
    } else {
      const merged = merge(old, value);
      if (merged === old) continue;
      result ??= { ...before };
      setField(result, name, merged);
    }
  }
  return result ?? target;
}
