// The `$` keys of strategic merge patches.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import { badRequest } from '../errors/api-error.js';
import type { Steps, Work } from '../../clock/slices.js';
import { shortText } from '../managedfields/go-text.js';
import { isRecord } from '../object.js';
import { isLong } from '../schema/weigh.js';
import { setField, type Fields, type FieldsDraft } from '../fields.js';
import { patchFailed } from './patch-errors.js';

export const patchDirective = '$patch';
export const retainKeysDirective = '$retainKeys';
const deleteDirective = '$deleteFromPrimitiveList';
const orderDirective = '$setElementOrder';

export type Directive =
  { readonly kind: 'field' } | { readonly kind: 'patch' | 'retainKeys' } | { readonly kind: 'delete' | 'order'; readonly field: string };

const plain: Directive = { kind: 'field' };

/** What a key of a patch is. Throws a 400 for a directive that names no field. */
export function directiveOf(name: string): Directive {
  if (name.charCodeAt(0) !== 36) return plain;
  if (name === patchDirective) return { kind: 'patch' };
  if (name === retainKeysDirective) return { kind: 'retainKeys' };
  if (name.startsWith(deleteDirective)) {
    if (name[deleteDirective.length] !== '/') throw badRequest('invalid patch format of primitive list');
    return { kind: 'delete', field: name.slice(deleteDirective.length + 1) };
  }
  if (name.startsWith(orderDirective)) {
    if (name[orderDirective.length] !== '/') throw badRequest('invalid patch format of setElementOrder list');
    return { kind: 'order', field: name.slice(orderDirective.length + 1) };
  }
  return plain;
}

/** The 500 for a `$patch` with a value that is none. */
export function unknownPatchType(patch: Fields): Error {
  const value = patch[patchDirective];
  return patchFailed(`unknown patch type: ${typeof value === 'string' ? value : oddText(value)} in map: ${shortText(patch)}`);
}

/** How the server prints what should have been a string. */
export function oddText(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (typeof value === 'number') return `%!s(${Number.isInteger(value) ? 'int64' : 'float64'}=${value})`;
  if (typeof value === 'boolean') return `%!s(bool=${value})`;
  return shortText(value);
}

/** `$setElementOrder` lists and `$retainKeys` must be lists. */
export function orderListOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw patchFailed(`expected a []interface {}, but received a ${goTypeOf(value)}`);
}

function goTypeOf(value: unknown): string {
  if (value === null) return '%!s(<nil>)';
  if (isRecord(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** The fields of `target` that `$retainKeys` names. Throws a 400 when the patch sets a field that it does not name. */
export function retainKeys(target: Fields, patch: Fields): Fields {
  const list = patch[retainKeysDirective];
  if (list === undefined) return target;
  if (!Array.isArray(list)) throw badRequest('invalid patch format of retainKeys');
  const names = new Set<unknown>(list);
  for (const name of Object.keys(patch)) {
    if (!name.startsWith('$') && patch[name] !== null && !names.has(name)) throw badRequest('invalid patch format of retainKeys');
  }
  const kept = Object.keys(target).filter((name) => names.has(name));
  return kept.length === Object.keys(target).length ? target : pick(target, kept);
}

function pick(object: Fields, names: readonly string[]): Fields {
  const result: FieldsDraft = {};
  for (const name of names) setField(result, name, object[name]);
  return result;
}

/**
 * A part of a patch where there was nothing before: without nulls. A map or item that says with `$patch` what to do with an old one is
 * undefined, and goes; other directives stay and are unknown fields to the decoder.
 */
export function newValue(value: unknown): unknown {
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((item) => (isRecord(item) ? newValue(item) : item)).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, patchDirective) && value[patchDirective] !== null) return undefined;
  const result: FieldsDraft = {};
  for (const name of Object.keys(value)) {
    if (value[name] === null) continue;
    const inner = newValue(value[name]);
    if (inner !== undefined) setField(result, name, inner);
  }
  return result;
}

/** {@link newValue}, which yields in the midst of long values. */
export function* newValueWork(value: unknown, steps: Steps): Work<unknown> {
  if (!isLong(value)) return newValue(value);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const item of value as readonly unknown[]) {
      if (steps.due()) yield;
      const made = isRecord(item) ? (isLong(item) ? yield* newValueWork(item, steps) : newValue(item)) : item;
      if (made !== undefined) list.push(made);
    }
    return list;
  }
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, patchDirective) && value[patchDirective] !== null) return undefined;
  const result: FieldsDraft = {};
  for (const name of Object.keys(value)) {
    if (steps.due()) yield;
    const part = value[name];
    if (part === null) continue;
    const inner = typeof part === 'object' ? (isLong(part) ? yield* newValueWork(part, steps) : newValue(part)) : part;
    if (inner !== undefined) setField(result, name, inner);
  }
  return result;
}
