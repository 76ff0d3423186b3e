// JSON Merge Patch: objects are merged field by field, null removes, all else replaces. https://www.rfc-editor.org/rfc/rfc7386
import { finish, Steps, type Work } from '../../clock/slices.js';
import { badRequest } from '../errors/api-error.js';
import { isRecord } from '../object.js';
import { fieldOf, setField, type Fields, type FieldsDraft } from '../fields.js';
import { isLong, markLong, surelyLong } from '../schema/weigh.js';
import { jsonTypeOf } from './patch-errors.js';

/**
 * Applies the merge patch `patch` (the parsed request body) to `document` and returns the result; `document` is not changed, and the
 * result shares every part with it that the patch does not change. A patch that changes nothing returns `document` itself.
 * Throws an ApiError 400 `BadRequest` when the patch is no object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  return finish(applyMergePatchWork(document, patch));
}

/** How many fields are merged at a time. */
const batch = 256;

/** {@link applyMergePatch}, which yields every now and then. */
export function* applyMergePatchWork(document: unknown, patch: unknown): Work<unknown> {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isRecord(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`);
  }
  return isLong(patch) ? yield* mergeWork(document, patch, new Steps(batch)) : merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merging = new Merging(target);
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    merging.set(name, value === null ? null : merge(merging.before(name), value));
  }
  return merging.result;
}

/** As {@link merge}. */
function* mergeWork(target: unknown, patch: unknown, steps: Steps): Work<unknown> {
  if (!isRecord(patch)) return patch;
  const merging = new Merging(target);
  let set = 0;
  for (const name of Object.keys(patch)) {
    if (steps.due()) yield;
    const value = patch[name];
    if (value !== null) set++;
    merging.set(name, isRecord(value) ? yield* mergeWork(merging.before(name), value, steps) : value);
  }
  const { result } = merging;
  if (set >= surelyLong && isRecord(result)) markLong(result);
  return result;
}

/** An object while fields of a patch come to it. */
class Merging {
  readonly #before: Fields;
  #changed: FieldsDraft | undefined;

  constructor(private readonly target: unknown) {
    this.#before = isRecord(target) ? target : {};
    this.#changed = isRecord(target) ? undefined : {};
  }

  before(name: string): unknown {
    return fieldOf(this.#before, name);
  }

  /** Null takes the field away. */
  set(name: string, value: unknown): void {
    const old = this.before(name);
    if (value === null ? old === undefined : value === old) return;
    this.#changed ??= { ...this.#before };
    if (value === null) delete this.#changed[name];
    else setField(this.#changed, name, value);
  }

  get result(): unknown {
    return this.#changed ?? this.target;
  }
}
