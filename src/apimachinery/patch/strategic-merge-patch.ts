// Strategic merge patch: a merge patch that merges lists by the schema's patch strategies and keys.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import { finish, Steps, type Work } from '../../clock/slices.js';
import { badRequest } from '../errors/api-error.js';
import { isRecord } from '../object.js';
import type { SchemaField, SchemaNode } from '../schema/node.js';
import { markLong, surelyLong } from '../schema/weigh.js';
import { directiveOf, newValueWork, orderListOf, patchDirective, retainKeys, unknownPatchType } from './directives.js';
import { fieldOf, setField, type Fields, type FieldsDraft } from '../fields.js';
import { mergeList, orderAlone, refuseOtherOrder, type ListMerge } from './list-merge.js';
import { jsonTypeOf, patchFailed } from './patch-errors.js';

/**
 * Applies the strategic merge patch `patch` (the parsed request body) to `document`, an object of the kind `node`, and returns the
 * result; `document` is not changed, and the result shares every part with it that the patch does not change. A patch that changes
 * nothing returns `document` itself. Custom resources do not take this patch: answer 415 before.
 * Throws an ApiError: 400 `BadRequest` for a patch of the wrong shape, 500 for what the real server answers 500 for (a list's item
 * without its merge key, an unknown directive).
 */
export function applyStrategicMergePatch(node: SchemaNode, document: unknown, patch: unknown): unknown {
  return finish(applyStrategicMergePatchWork(node, document, patch));
}

/** How many fields and items are merged at a time. */
const batch = 256;

/** {@link applyStrategicMergePatch}, which yields in the midst of long maps and lists. */
export function* applyStrategicMergePatchWork(node: SchemaNode, document: unknown, patch: unknown): Work<unknown> {
  if (patch === null) return document;
  if (!isRecord(patch)) throw badRequest(`json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`);
  return yield* mergeMap(node, isRecord(document) ? document : {}, patch, new Steps(batch));
}

/** `node` is undefined where the schema ends (unknown fields, free-form values). */
function* mergeMap(node: SchemaNode | undefined, target: Fields, patch: Fields, steps: Steps): Work<Fields> {
  if (Object.hasOwn(patch, patchDirective)) {
    if (patch[patchDirective] === 'delete') return {};
    if (patch[patchDirective] === 'replace') {
      const { [patchDirective]: _, ...rest } = patch;
      return rest;
    }
    throw unknownPatchType(patch);
  }
  const before = retainKeys(target, patch);
  let result: FieldsDraft | undefined;
  let set = 0;
  for (const name of Object.keys(patch)) {
    if (steps.due()) yield;
    const change = yield* changeOf(node, before, patch, name, steps);
    if (change === undefined || change.value === fieldOf(before, change.field)) continue;
    result ??= { ...before };
    if (change.value === undefined) delete result[change.field];
    else {
      setField(result, change.field, change.value);
      set++;
    }
  }
  if (result !== undefined && set >= surelyLong) markLong(result);
  return result ?? before;
}

/** What one key of a patch does: the field's new value, undefined to remove it. Undefined: nothing. */
function* changeOf(
  node: SchemaNode | undefined,
  target: Fields,
  patch: Fields,
  name: string,
  steps: Steps,
): Work<{ field: string; value: unknown } | undefined> {
  const directive = directiveOf(name);
  switch (directive.kind) {
    case 'patch':
    case 'retainKeys':
      return undefined;
    case 'order':
    case 'delete': {
      // With other directives for the same list, the first of them does it all.
      const { field } = directive;
      const first = [field, `$setElementOrder/${field}`, `$deleteFromPrimitiveList/${field}`].find((one) => Object.hasOwn(patch, one));
      return first === name ? { field, value: yield* listOf(node, target, patch, field, steps) } : undefined;
    }
    default:
  }
  const value = patch[name];
  const order = Object.hasOwn(patch, `$setElementOrder/${name}`);
  if (order || Object.hasOwn(patch, `$deleteFromPrimitiveList/${name}`))
    return { field: name, value: yield* listOf(node, target, patch, name, steps) };
  const old = fieldOf(target, name);
  if (typeof value === 'object' && value !== null) return { field: name, value: yield* containerOf(node, old, value, name, steps) };
  return { field: name, value: value === null ? undefined : (value ?? old) };
}

function* containerOf(node: SchemaNode | undefined, old: unknown, value: object, name: string, steps: Steps): Work<unknown> {
  const field = node?.fields.get(name);
  if (isRecord(value) && isRecord(old)) {
    return strategyOf(field).includes('replace')
      ? yield* newValueWork(value, steps)
      : yield* mergeMap(field?.node ?? node?.additional, old, value, steps);
  }
  if (Array.isArray(value) && Array.isArray(old) && strategyOf(field).includes('merge'))
    return yield* mergeList(listMergeOf(field), old, value, undefined, steps);
  if (Array.isArray(value) && Array.isArray(old)) return value as readonly unknown[];
  return value === old ? old : ((yield* newValueWork(value, steps)) ?? old);
}

function strategyOf(field: SchemaField | undefined): readonly string[] {
  return field === undefined || field.patchStrategy === '' ? [] : field.patchStrategy.split(',');
}

function listMergeOf(field: SchemaField | undefined): ListMerge {
  const items = field?.node.items;
  return { key: field?.patchMergeKey ?? '', mergeItem: (old, patch, steps) => mergeMap(items, old, patch, steps) };
}

/**
 * A list with `$setElementOrder` or `$deleteFromPrimitiveList` for it: merged, put in order, and then what is to be deleted goes. (The real
 * server takes `$deleteFromPrimitiveList` before or after the list itself by chance; kubectl sends no such patch.)
 */
function* listOf(node: SchemaNode | undefined, target: Fields, patch: Fields, name: string, steps: Steps): Work<unknown> {
  const old = fieldOf(target, name);
  const value = fieldOf(patch, name);
  const deleted = fieldOf(patch, `$deleteFromPrimitiveList/${name}`);
  const orderValue = fieldOf(patch, `$setElementOrder/${name}`);
  const order = orderValue === undefined ? undefined : orderListOf(orderValue);
  const field = node?.fields.get(name);
  if (order !== undefined) {
    refuseOrderOf(node, field, name, old);
    if (value === null) orderListOf(null);
  }
  if (deleted === null || value === null) return undefined;
  if (value !== undefined && !Array.isArray(value)) return yield* newValueWork(value, steps);
  const merge = listMergeOf(field);
  const merged = yield* mergedList(merge, strategyOf(field).includes('merge'), old, value, order, steps);
  return Array.isArray(deleted) && Array.isArray(merged) ? yield* mergeList(merge, merged, deleted, undefined, steps, true) : merged;
}

function* mergedList(
  merge: ListMerge,
  merges: boolean,
  old: unknown,
  value: readonly unknown[] | undefined,
  order: readonly unknown[] | undefined,
  steps: Steps,
): Work<unknown> {
  if (value === undefined) return Array.isArray(old) && order !== undefined ? yield* orderAlone(merge, old, order, steps) : old;
  if (Array.isArray(old) && merges) return yield* mergeList(merge, old, value, order, steps);
  if (order !== undefined) yield* refuseOtherOrder(merge, value, order, steps);
  return Array.isArray(old) ? value : yield* newValueWork(value, steps);
}

function refuseOrderOf(node: SchemaNode | undefined, field: SchemaField | undefined, name: string, old: unknown): void {
  if (old !== undefined) orderListOf(old);
  if (field === undefined) {
    if (node?.type === 'map') throw patchFailed('merging an object in json but data type is not struct, instead is: map');
    const type = node === undefined ? '' : node.name.slice(node.name.lastIndexOf('.') + 1);
    throw patchFailed(`unable to find api field in struct ${type} for the json field ${JSON.stringify(name)}`);
  }
  if (field.node.type !== 'array') throw patchFailed('expected slice or array type, but got: struct');
}
