// Lays the configuration of a mutating policy over an object, as server-side apply does, but without managers: it adds and replaces, and
// never takes away. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#patch-type-apply-configuration
import { setField } from '../fields.js';
import { isRecord } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { typeErrors } from './check-types.js';
import { mergeConfig } from './merge.js';
import { structureOf, type Structure } from './structure.js';

/** Why a configuration cannot be applied; the message is the real server's. */
export class ConfigurationError extends Error {}

/**
 * `object` with `config` laid over it; `object` itself when that changes nothing. Neither is changed. `checked` is what the types are
 * checked of, where `config` cannot say it (see NativeValue).
 * Throws ConfigurationError when the configuration does not fit the schema, or sets an atomic list, map or struct.
 */
export function applyConfiguration(node: SchemaNode, object: unknown, config: unknown, checked: unknown = config): unknown {
  refuse(typeErrors(node, checked));
  const structure = structureOf(node);
  const atomic: string[] = [];
  collectAtomic(structure, config, '', atomic);
  if (atomic.length > 0)
    throw new ConfigurationError(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`);
  return mergeConfig(structure, object, withoutEmptyLists(structure, config));
}

/** A list without items says nothing about sets and keyed lists, and null where there is no schema. */
function withoutEmptyLists(structure: Structure, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0) return structure.shape === 'deduced' ? null : undefined;
    if (structure.shape !== 'list') return value;
    const list = value.map((item: unknown) => withoutEmptyLists(structure.items, item));
    return list.every((item, index) => item === value[index]) ? value : list;
  }
  if (!isRecord(value)) return value;
  let result: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const below = structure.below(name);
    const inner = below === undefined ? value[name] : withoutEmptyLists(below, value[name]);
    if (inner === value[name]) continue;
    result ??= { ...value };
    if (inner === undefined) delete result[name];
    else setField(result, name, inner);
  }
  return result ?? value;
}

function refuse(errors: readonly string[]): void {
  if (errors.length === 0) return;
  throw new ConfigurationError(
    `failed to convert patch object to typed object: ${errors.length === 1 ? errors[0]! : `errors:\n${errors.map((error) => `  ${error}`).join('\n')}`}`,
  );
}

/** The paths of what is there and can only be set as a whole. The configuration fits the schema, so it is as deep as that and no deeper. */
function collectAtomic(structure: Structure, value: unknown, path: string, found: string[]): void {
  if (value === null || value === undefined) return;
  switch (structure.shape) {
    case 'leaf':
      if (Array.isArray(value)) found.push(path);
      if (!isRecord(value)) return;
      found.push(path);
      return collectFields(structure, value, path, found);
    case 'deduced':
      // Lists without a schema are atomic.
      if (Array.isArray(value)) found.push(path);
      if (isRecord(value)) collectFields(structure, value, path, found);
      return;
    case 'struct':
    case 'map':
      if (isRecord(value)) collectFields(structure, value, path, found);
      return;
    case 'list':
      if (Array.isArray(value)) value.forEach((item, index) => collectAtomic(structure.items, item, `${path}[${index}]`, found));
      return;
    case 'set':
      return;
  }
}

function collectFields(structure: Structure, value: Readonly<Record<string, unknown>>, path: string, found: string[]): void {
  for (const name of Object.keys(value)) {
    // What is free in the schema is not looked into.
    const below = structure.place(name)?.structure;
    if (below !== undefined) collectAtomic(below, value[name], `${path}.${name}`, found);
  }
}
