// What the real server answers to patches that cannot be applied.
import { ApiError } from '../errors/api-error.js';
import { shortText } from '../managedfields/go-text.js';
import { isRecord } from '../object.js';

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

/** 422 for a JSON Patch or merge patch whose result is no object of the kind; `why` is the decoder's message. */
export function unfitResult(result: unknown, why: string): ApiError {
  const sorted = isRecord(result) ? Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1))) : result;
  return unfit(JSON.stringify(sorted), why);
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
