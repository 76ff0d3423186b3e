// Strategic merge patch: a merge patch that merges lists by the schema's patch strategies and keys.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import { badRequest } from '../errors/api-error.js';
import { isRecord } from '../object.js';
import type { SchemaField, SchemaNode } from '../schema/node.js';
import { directiveOf, newValue, orderListOf, patchDirective, retainKeys, unknownPatchType } from './directives.js';
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
  if (patch === null) return document;
  if (!isRecord(patch)) throw badRequest(`json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`);
  return mergeMap(node, isRecord(document) ? document : {}, patch);
}

/** `node` is undefined where the schema ends (unknown fields, free-form values). */
function mergeMap(node: SchemaNode | undefined, target: Fields, patch: Fields): Fields {
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
  for (const name of Object.keys(patch)) {
    const change = changeOf(node, before, patch, name);
    if (change === undefined || change.value === fieldOf(before, change.field)) continue;
    result ??= { ...before };
    if (change.value === undefined) delete result[change.field];
    else setField(result, change.field, change.value);
  }
  return result ?? before;
}

/** What one key of a patch does: the field's new value, undefined to remove it. Undefined: nothing. */
function changeOf(
  node: SchemaNode | undefined,
  target: Fields,
  patch: Fields,
  name: string,
): { field: string; value: unknown } | undefined {
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
      return first === name ? { field, value: listOf(node, target, patch, field) } : undefined;
    }
    default:
  }
  const value = patch[name];
  const order = Object.hasOwn(patch, `$setElementOrder/${name}`);
  if (order || Object.hasOwn(patch, `$deleteFromPrimitiveList/${name}`)) return { field: name, value: listOf(node, target, patch, name) };
  return { field: name, value: valueOf(node, fieldOf(target, name), value, name) };
}

function valueOf(node: SchemaNode | undefined, old: unknown, value: unknown, name: string): unknown {
  if (value === null) return undefined;
  const field = node?.fields.get(name);
  if (isRecord(value) && isRecord(old)) {
    return strategyOf(field).includes('replace') ? newValue(value) : mergeMap(field?.node ?? node?.additional, old, value);
  }
  if (Array.isArray(value) && Array.isArray(old) && strategyOf(field).includes('merge'))
    return mergeList(listMergeOf(field), old, value, undefined);
  if (Array.isArray(value) && Array.isArray(old)) return value;
  return value === old ? old : (newValue(value) ?? old);
}

function strategyOf(field: SchemaField | undefined): readonly string[] {
  return field === undefined || field.patchStrategy === '' ? [] : field.patchStrategy.split(',');
}

function listMergeOf(field: SchemaField | undefined): ListMerge {
  const items = field?.node.items;
  return { key: field?.patchMergeKey ?? '', mergeItem: (old, patch) => mergeMap(items, old, patch) };
}

/**
 * A list with `$setElementOrder` or `$deleteFromPrimitiveList` for it: merged, put in order, and then what is to be deleted goes. (The real
 * server takes `$deleteFromPrimitiveList` before or after the list itself by chance; kubectl sends no such patch.)
 */
function listOf(node: SchemaNode | undefined, target: Fields, patch: Fields, name: string): unknown {
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
  if (value !== undefined && !Array.isArray(value)) return newValue(value);
  const merge = listMergeOf(field);
  const merged = mergedList(merge, strategyOf(field).includes('merge'), old, value, order);
  return Array.isArray(deleted) && Array.isArray(merged) ? mergeList(merge, merged, deleted, undefined, true) : merged;
}

function mergedList(
  merge: ListMerge,
  merges: boolean,
  old: unknown,
  value: readonly unknown[] | undefined,
  order: readonly unknown[] | undefined,
): unknown {
  if (value === undefined) return Array.isArray(old) && order !== undefined ? orderAlone(merge, old, order) : old;
  if (Array.isArray(old) && merges) return mergeList(merge, old, value, order);
  if (order !== undefined) refuseOtherOrder(merge, value, order);
  return Array.isArray(old) ? value : newValue(value);
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
