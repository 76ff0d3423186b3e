// What the real server answers to patches that cannot be applied.
import { ApiError } from '../errors/api-error.js';
import { shortText } from '../managedfields/go-text.js';
import { isRecord } from '../object.js';
import { fieldOf, setField, type Fields, type FieldsDraft } from '../fields.js';

/** 422 for a JSON Patch operation that cannot be carried out. It does not tell which. */
export function patchRejected(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** 500 without a reason, as the server answers to patches that make no sense. */
export function patchFailed(message: string): ApiError {
  return new ApiError(500, '', message);
}

/** The JSON type as decoding errors name it. */
export function jsonTypeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : isRecord(value) ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;
}

/**
 * The result of a JSON Patch or merge patch as the real server writes it: the fields of each object that the patch went through are sorted,
 * and with a merge patch those of new objects too.
 */
export function asWritten(result: unknown, before: unknown, type: 'json' | 'merge'): unknown {
  return sorted(result, before, type === 'merge', 0);
}

function sorted(value: unknown, before: unknown, everything: boolean, depth: number): unknown {
  if (depth > 1000 || (value === before && depth > 0)) return value;
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((item, i) =>
      sorted(item, Array.isArray(before) ? before[i] : undefined, everything, depth + 1),
    );
  }
  if (!isRecord(value) || (!everything && !isRecord(before))) return value;
  const old: Fields = isRecord(before) ? before : {};
  const result: FieldsDraft = {};
  for (const name of Object.keys(value).sort()) setField(result, name, sorted(value[name], fieldOf(old, name), everything, depth + 1));
  return result;
}

/** 422 for a JSON Patch or merge patch whose result is no object of the kind; `why` is the decoder's message, `before` what was patched. */
export function unfitResult(result: unknown, why: string, before?: unknown, type: 'json' | 'merge' = 'merge'): ApiError {
  return unfit(JSON.stringify(asWritten(result, before, type)), why);
}

/** 422 for a strategic merge patch whose result is no object of the kind; `why` is the reason without the value. */
export function unfitStrategicPatch(patch: unknown, why: string): ApiError {
  return unfit(shortText(patch), why);
}

function unfit(value: string, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
}
