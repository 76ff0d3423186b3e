// Lays an applied configuration over the live object, and takes away what is applied no longer.
import { isRecord } from '../object.js';
import { deepEqual } from '../equality.js';
import { setField } from '../fields.js';
import { emptySet, isMember, type FieldSet } from './field-set.js';
import { indexItems, itemElement } from './list-items.js';
import type { Structure } from './structure.js';

type Fields = Readonly<Record<string, unknown>>;

/** `live` with `config` laid over it. Shares what `config` does not change; `live` itself when that is everything. */
export function mergeConfig(structure: Structure, live: unknown, config: unknown): unknown {
  if (live === undefined || live === config || config === undefined) return live ?? config;
  switch (structure.shape) {
    case 'struct':
    case 'map':
    case 'deduced':
      if (isRecord(config) && isRecord(live)) return mergeFields(structure, live, config);
      if (config === null && (structure.shape !== 'deduced' || isRecord(live))) return live;
      break;
    case 'set':
    case 'list':
      if (config === null) return live;
      if (Array.isArray(config) && Array.isArray(live)) return mergeItems(structure, live, config);
      break;
    default:
  }
  return deepEqual(live, config) ? live : config;
}

function mergeFields(structure: Structure, live: Fields, config: Fields): Fields {
  let result: Record<string, unknown> | undefined;
  for (const name of Object.keys(config)) {
    const below = structure.below(name);
    if (below === undefined) continue;
    const old = Object.hasOwn(live, name) ? live[name] : undefined;
    const value = old === undefined ? config[name] : mergeConfig(below, old, config[name]);
    if (value === old) continue;
    result ??= { ...live };
    setField(result, name, value);
  }
  return result ?? live;
}

/**
 * The items of both. Those of the configuration come in its order. An item only in the live list stays before the first item of both
 * lists that follows it there, and before items only in the configuration.
 */
function mergeItems(structure: Structure, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const old = indexItems(structure, live);
  const applied = indexItems(structure, config);
  const result: unknown[] = [];
  let i = 0;
  const pushLiveOnlyBefore = (next: string | undefined): void => {
    for (; i < old.order.length && old.order[i] !== next; i++) {
      const element = old.order[i]!;
      if (!applied.items.has(element)) pushAll(result, old.items.get(element), old.duplicates.has(element));
    }
  };
  const shared = applied.order.filter((element) => old.items.has(element));
  let next = 0;
  for (const element of applied.order) {
    pushLiveOnlyBefore(shared[next]);
    if (element === shared[next]) {
      if (old.order[i] === element) i++;
      next++;
    }
    const item = applied.items.get(element);
    const previous = old.duplicates.has(element) ? undefined : old.items.get(element);
    result.push(previous === undefined || structure.shape === 'set' ? (previous ?? item) : mergeConfig(structure.items, previous, item));
  }
  pushLiveOnlyBefore(undefined);
  return sameItems(result, live) ? live : result;
}

function pushAll(result: unknown[], item: unknown, several: boolean): void {
  if (several) result.push(...(item as readonly unknown[]));
  else result.push(item);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * `value` without what is in `last` and in `managed` no more. A field of a struct stays while anything below it is managed; a list's item
 * and a map's entry only while they are managed themselves: who owns a mere part of an item loses it with the item. Shares what stays.
 */
export function prune(structure: Structure, value: unknown, last: FieldSet, managed: FieldSet): unknown {
  if (isRecord(value)) return pruneFields(structure, value, last, managed);
  return Array.isArray(value) ? pruneItems(structure, value, last, managed) : value;
}

function pruneFields(structure: Structure, value: Fields, last: FieldSet, managed: FieldSet): Fields {
  let result: Record<string, unknown> | undefined;
  for (const element in last) {
    const name = element.slice(2);
    if (element === '.' || !Object.hasOwn(value, name)) continue;
    const below = structure.below(name);
    if (below === undefined || structure.place(name)?.untracked === true) continue;
    const kept = managed[element];
    if (isGone(structure, name, last[element]!, kept)) {
      result ??= { ...value };
      delete result[name];
      continue;
    }
    const left = prune(below, value[name], last[element]!, kept ?? emptySet);
    if (left === value[name]) continue;
    result ??= { ...value };
    setField(result, name, left);
  }
  return result ?? value;
}

/** Whether a field goes with all that is below it. */
export function isGone(structure: Structure, name: string, last: FieldSet, kept: FieldSet | undefined): boolean {
  const gone = structure.place(name) === undefined ? isMember(last) && (kept === undefined || !isMember(kept)) : kept === undefined;
  return gone && !(structure.isObject && name === 'metadata');
}

function pruneItems(structure: Structure, value: readonly unknown[], last: FieldSet, managed: FieldSet): readonly unknown[] {
  if (structure.shape === 'leaf') return value;
  let same = true;
  const result: unknown[] = [];
  for (const item of value) {
    const element = itemElement(structure, item);
    const before = element === undefined ? undefined : last[element];
    if (element === undefined || before === undefined) {
      result.push(item);
      continue;
    }
    const kept = managed[element];
    if (isMember(before) && (kept === undefined || !isMember(kept))) {
      same = false;
      continue;
    }
    const left = structure.shape === 'set' ? item : prune(structure.items, item, before, kept ?? emptySet);
    if (left !== item) same = false;
    result.push(left);
  }
  return same ? value : result;
}
