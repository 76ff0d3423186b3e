// Whether an applied configuration fits the schema, with the real server's words for where it does not.
import { isRecord } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { NativeValue, shortText, typedText } from './go-text.js';
import { itemElement, KeylessItem, keylessProblem } from './list-items.js';
import { elementText } from './path-element.js';
import { structureOf, type Structure } from './structure.js';

/** As deep as the JSON reader lets a body be. */
const deepest = 1000;

/** Everything that does not fit, as `<path>: <why>`; empty for a configuration that fits. */
export function typeErrors(node: SchemaNode, config: unknown): readonly string[] {
  const errors: string[] = [];
  check(structureOf(node), config, '', errors, 0);
  return errors;
}

export function check(structure: Structure, value: unknown, path: string, errors: string[], depth: number): void {
  if (value === null || value === undefined) return;
  if (depth > deepest) {
    errors.push(`${path}: nested too deeply`);
    return;
  }
  const { type } = structure.node;
  if (type === 'any') return structure.shape === 'deduced' ? checkDeduced(value, path, errors, depth) : undefined;
  if (type === 'object' || type === 'map') {
    if (!isRecord(value) || value instanceof NativeValue) errors.push(`${path}: expected map, got &{${shortText(value)}}`);
    else if (type === 'map') checkValues(structure, value, path, errors, depth);
    else checkFields(structure, value, path, errors, depth);
  } else if (type === 'array') {
    if (Array.isArray(value)) checkItems(structure, value, path, errors, depth);
    else errors.push(`${path}: expected list, got &{${shortText(value)}}`);
  } else {
    const why = scalarError(structure.node, value);
    if (why !== undefined) errors.push(`${path}: ${why}`);
  }
}

function checkValues(structure: Structure, value: Readonly<Record<string, unknown>>, path: string, errors: string[], depth: number): void {
  for (const name of Object.keys(value).sort()) check(structure.values, value[name], `${path}.${name}`, errors, depth + 1);
}

/** Declared fields by name; then the first that is not declared. */
function checkFields(structure: Structure, value: Readonly<Record<string, unknown>>, path: string, errors: string[], depth: number): void {
  let unknown: string | undefined;
  for (const name of Object.keys(value).sort()) {
    const below = structure.below(name);
    if (below === undefined) unknown ??= name;
    else check(below, value[name], `${path}.${name}`, errors, depth + 1);
  }
  if (unknown !== undefined) errors.push(`${path}.${unknown}: field not declared in schema`);
}

/** Without a schema everything fits that JSON could have. */
function checkDeduced(value: unknown, path: string, errors: string[], depth: number): void {
  if (depth > deepest) {
    errors.push(`${path}: nested too deeply`);
  } else if (value instanceof NativeValue) {
    errors.push(`${path}: expected map, got &{${shortText(value)}}`);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => checkDeduced(item, `${path}[${index}]`, errors, depth + 1));
  } else if (isRecord(value)) {
    for (const name of Object.keys(value).sort()) checkDeduced(value[name], `${path}.${name}`, errors, depth + 1);
  }
}

function checkItems(structure: Structure, value: readonly unknown[], path: string, errors: string[], depth: number): void {
  if (structure.shape === 'leaf') {
    value.forEach((item, index) => check(structure.items, item, `${path}[${index}]`, errors, depth + 1));
    return;
  }
  const found = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const at = checkElement(structure, item, index, path, found, errors);
    if (at !== undefined) check(structure.items, item, `${path}${at}`, errors, depth + 1);
  }
}

/** Checks what tells an item of a set or keyed list from others, of which `found` counts those before; returns its place, undefined when it has none. */
export function checkElement(
  structure: Structure,
  item: unknown,
  index: number,
  path: string,
  found: Map<string, number>,
  errors: string[],
): string | undefined {
  const element = elementOrProblem(structure, item);
  if (typeof element !== 'string') {
    errors.push(`${path}: element ${index}: ${element.problem}`);
    return undefined;
  }
  const times = (found.get(element) ?? 0) + 1;
  found.set(element, times);
  const at = element === nativeElement ? `[=${element}]` : elementText(element);
  if (times >= 2 && element !== nativeElement) errors.push(`${path}: duplicate entries for key ${at}`);
  return at;
}

/** Of an item of a set whose value cannot be told. */
const nativeElement = '{{undefined}}';

function elementOrProblem(structure: Structure, item: unknown): string | { readonly problem: string } {
  try {
    const keyed = structure.shape === 'list';
    if (!keyed && Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
    if (item instanceof NativeValue) return keyed ? { problem: itemProblem(true, item) } : nativeElement;
    return itemElement(structure, item) ?? { problem: itemProblem(keyed, item) };
  } catch (error) {
    if (error instanceof KeylessItem) return { problem: keylessProblem(structure) };
    throw error;
  }
}

function itemProblem(keyed: boolean, item: unknown): string {
  if (!keyed) return "associative list without keys has an element that's an explicit null";
  return item === null
    ? 'associative list with keys may not have a null element'
    : 'associative list with keys may not have non-map elements';
}

function scalarError({ type, format }: SchemaNode, value: unknown): string | undefined {
  const container = typeof value === 'object';
  // Times of custom resources are strings with a format, and as loosely compared as those of built-in kinds.
  if (type === 'string' && format === 'date-time') return container ? `expected any scalar, got &{${shortText(value)}}` : undefined;
  switch (type) {
    case 'intOrString':
      return undefined;
    case 'quantity':
    case 'time':
    case 'microTime':
      return container ? `expected any scalar, got &{${shortText(value)}}` : undefined;
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? undefined : `expected numeric (int or float), got ${kindText(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${shortText(value)}}`;
    default:
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${typedText(value)}}`;
  }
}

function kindText(value: unknown): string {
  if (value instanceof NativeValue) return value.type;
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
