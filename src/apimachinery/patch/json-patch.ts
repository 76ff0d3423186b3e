// JSON Patch: a list of operations, all or none of which are applied. https://www.rfc-editor.org/rfc/rfc6902
import { ApiError, badRequest } from '../errors/api-error.js';
import { deepEqual } from '../equality.js';
import { isRecord } from '../object.js';
import { finish, Steps, type Work } from '../../clock/slices.js';
import { quote } from '../schema/problems.js';
import { fieldOf, setField, type FieldsDraft } from '../fields.js';
import { jsonTypeOf, patchRejected } from './patch-errors.js';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from: string;
  readonly value: unknown;
}

const mostOperations = 10_000;
/** Bytes that all copies of a patch may add: a few dozen copies of copies would otherwise fill any memory. */
const mostCopied = 3 * 1024 * 1024;
const operationFields = ['op', 'path', 'from'] as const;

/**
 * Applies the JSON Patch `patch` (the parsed request body) to `document` and returns the result; `document` is not changed, and the
 * result shares every part with it that no operation touched.
 * Where the real server is laxer than the standard, so is this: `replace` sets a missing field of an object that is there, `test` takes a
 * missing one for null, `copy` copies null for it, an operation without a value means null, and -1 is a list's last place.
 * Throws an ApiError: 400 `BadRequest` for a patch that is none, 413 for more than 10,000 operations, 422 `Invalid` for an operation
 * that cannot be carried out (a missing path, a failed test).
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  return finish(applyJsonPatchWork(document, patch));
}

/** How many operations are carried out at a time. */
const batch = 64;

/** {@link applyJsonPatch}, which yields between operations. */
export function* applyJsonPatchWork(document: unknown, patch: unknown): Work<unknown> {
  const patching = new Patching(document);
  for (const operation of operationsOf(patch)) yield* patching.carryOut(operation);
  return patching.document;
}

export interface BrokenOperation {
  readonly operation: unknown;
  /** What the operations before it made. */
  readonly document: unknown;
}

/** The first operation of a patch that cannot be carried out; undefined when all can. Yields between operations. */
export function* brokenOperation(document: unknown, patch: readonly unknown[]): Work<BrokenOperation | undefined> {
  const patching = new Patching(document);
  for (const operation of patch) {
    try {
      const [read] = operationsOf([operation]);
      yield* patching.carryOut(read!);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { operation, document: patching.document };
    }
  }
  return undefined;
}

/** A document while operations are carried out on it, one after the other. */
class Patching {
  readonly #steps = new Steps(batch);
  /** Containers that this made: they may be changed in place, all others are shared with the input. */
  readonly #own = new Set<object>();
  #copied = 0;

  constructor(public document: unknown) {}

  *carryOut(operation: Operation): Work<void> {
    const { op } = operation;
    if (this.#steps.due() || op === 'test' || op === 'copy') yield;
    if (op === 'copy') {
      this.#copied += yield* sizeOf(valueAt(this.document, namesOf(operation.from)), mostCopied - this.#copied);
      if (this.#copied > mostCopied) throw patchRejected();
    }
    this.document = carryOut(this.document, operation, this.#own);
  }
}

/** About how many bytes a value has as JSON; it is not looked at further than those that are left. */
function* sizeOf(value: unknown, left: number): Work<number> {
  const steps = new Steps(1024);
  const waiting = [value];
  let size = 0;
  while (waiting.length > 0 && size <= left) {
    const one = waiting.pop();
    if (steps.due()) yield;
    if (typeof one === 'string') size += Buffer.byteLength(one) + 3;
    else if (typeof one !== 'object' || one === null) size += 5;
    else {
      size += 2;
      const values = Object.values(one);
      if (!Array.isArray(one)) for (const name in one) size += name.length + 3;
      for (const inner of values as readonly unknown[]) waiting.push(inner);
    }
  }
  return size;
}

function operationsOf(patch: unknown): readonly Operation[] {
  if (patch === null) return [];
  const refuse = (value: unknown, where: string): ApiError =>
    badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeOf(value)} into Go ${where}`);
  if (!Array.isArray(patch)) throw refuse(patch, 'value of type []handlers.jsonPatchOp');
  if (patch.length > mostOperations) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`;
    throw new ApiError(413, 'RequestEntityTooLarge', message);
  }
  return (patch as readonly unknown[]).map((one) => {
    if (one === null) throw patchRejected();
    if (!isRecord(one)) throw refuse(one, 'value of type handlers.jsonPatchOp');
    for (const name of operationFields) {
      const value = one[name];
      if (value !== undefined && value !== null && typeof value !== 'string')
        throw refuse(value, `struct field jsonPatchOp.${name} of type string`);
    }
    const { op, path, from, value = null } = one;
    if (typeof op !== 'string' || typeof path !== 'string') throw patchRejected();
    if ((op === 'move' || op === 'copy') && typeof from !== 'string') throw patchRejected();
    return { op, path, from: typeof from === 'string' ? from : '', value };
  });
}

function carryOut(document: unknown, { op, path, from, value }: Operation, own: Set<object>): unknown {
  switch (op) {
    case 'add':
      return add(document, namesOf(path), value, own);
    case 'remove':
      return remove(document, namesOf(path), own);
    case 'replace':
      return replace(document, namesOf(path), value, own);
    case 'test':
      if (!deepEqual(valueAt(document, namesOf(path)) ?? null, value)) throw patchRejected();
      return document;
    case 'copy':
      // The whole document has no place that it could be copied from.
      if (namesOf(from).length === 0) throw patchRejected();
      return add(document, namesOf(path), disown(valueAt(document, namesOf(from)) ?? null, own), own);
    case 'move': {
      const moved = valueAt(document, namesOf(from));
      if (moved === undefined) throw patchRejected();
      const without = remove(document, namesOf(from), own);
      try {
        return add(without, namesOf(path), moved, own);
      } catch (error) {
        // What cannot be carried out leaves the document as it was.
        add(without, namesOf(from), moved, own);
        throw error;
      }
    }
    default:
      throw patchRejected();
  }
}

/** The names of a JSON pointer. What stands before the first slash is ignored. https://www.rfc-editor.org/rfc/rfc6901 */
function namesOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A whole number as a list's index; negative ones count from the end. */
function indexOf(name: string, length: number): number {
  if (!/^-?\d{1,9}$/.test(name)) throw patchRejected();
  const index = Number(name);
  const place = index < 0 ? index + length : index;
  if (place < 0 || place >= length) throw patchRejected();
  return place;
}

/** Undefined for a missing last part; a missing part before it is an error. */
function valueAt(document: unknown, names: readonly string[]): unknown {
  let value = document;
  for (const name of names) {
    if (Array.isArray(value)) value = (value as readonly unknown[])[indexOf(name, value.length)];
    else if (isRecord(value)) value = fieldOf(value, name);
    else throw patchRejected();
  }
  return value;
}

type Container = unknown[] | FieldsDraft;

/** A copy of an object or list, or itself when this call made it. */
function ownCopy(value: unknown, own: Set<object>): Container {
  if (typeof value !== 'object' || value === null) throw patchRejected();
  if (own.has(value)) return value as Container;
  const copy: Container = Array.isArray(value) ? [...(value as readonly unknown[])] : { ...value };
  own.add(copy);
  return copy;
}

/** A value that is in two places from now on must not be changed in place any more. */
function disown(value: unknown, own: Set<object>): unknown {
  if (typeof value !== 'object' || value === null || !own.delete(value)) return value;
  for (const inner of Object.values(value)) disown(inner, own);
  return value;
}

/** Copies the containers on the way to `names` and calls `change` with the last of them. Returns the new document. */
function changeAt(
  document: unknown,
  names: readonly string[],
  own: Set<object>,
  change: (container: Container, name: string) => void,
): unknown {
  const root = ownCopy(document, own);
  let container = root;
  for (const name of names.slice(0, -1)) {
    if (Array.isArray(container)) {
      const index = indexOf(name, container.length);
      container = container[index] = ownCopy(container[index], own);
    } else {
      const inner = ownCopy(fieldOf(container, name), own);
      setField(container, name, inner);
      container = inner;
    }
  }
  change(container, names.at(-1)!);
  return root;
}

function add(document: unknown, names: readonly string[], value: unknown, own: Set<object>): unknown {
  if (names.length === 0) throw patchRejected();
  return changeAt(document, names, own, (container, name) => {
    if (!Array.isArray(container)) setField(container, name, value);
    else if (name === '-') container.push(value);
    else container.splice(indexOf(name, container.length + 1), 0, value);
  });
}

function remove(document: unknown, names: readonly string[], own: Set<object>): unknown {
  if (names.length === 0) throw patchRejected();
  return changeAt(document, names, own, (container, name) => {
    if (Array.isArray(container)) container.splice(indexOf(name, container.length), 1);
    else if (Object.hasOwn(container, name)) delete container[name];
    else throw patchRejected();
  });
}

function replace(document: unknown, names: readonly string[], value: unknown, own: Set<object>): unknown {
  if (names.length === 0) {
    if (!isRecord(value)) throw patchRejected();
    return value;
  }
  return changeAt(document, names, own, (container, name) => {
    if (Array.isArray(container)) container[indexOf(name, container.length)] = value;
    else setField(container, name, value);
  });
}

const knownFields: ReadonlySet<string> = new Set([...operationFields, 'value']);

/** What strict validation finds wrong with a patch itself: fields that no operation has, as `json patch unknown field "[0].comment"`. */
export function jsonPatchProblems(patch: unknown): readonly string[] {
  if (!Array.isArray(patch)) return [];
  return (patch as readonly unknown[]).flatMap((one, index) =>
    isRecord(one)
      ? Object.keys(one).flatMap((name) => (knownFields.has(name) ? [] : [`json patch unknown field ${quote(`[${index}].${name}`)}`]))
      : [],
  );
}
