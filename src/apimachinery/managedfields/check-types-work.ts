// Whether a long configuration fits the schema, in slices: what is long is gone through part by part, all else is checked at once.
import { Steps, type Work } from '../../clock/slices.js';
import { isRecord } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { isLong } from '../schema/weigh.js';
import { sorted } from '../sort-work.js';
import { check, checkElement, typeErrors } from './check-types.js';
import { structureOf, type Structure } from './structure.js';

/** How many parts are checked at a time. */
const batch = 256;

/** {@link typeErrors}, which yields in the midst of a long configuration. */
export function* typeErrorsWork(node: SchemaNode, config: unknown): Work<readonly string[]> {
  if (!isLong(config)) return typeErrors(node, config);
  const errors: string[] = [];
  yield* checkParts(structureOf(node), config, '', errors, 0, new Steps(batch));
  return errors;
}

function* checkParts(structure: Structure, value: unknown, path: string, errors: string[], depth: number, steps: Steps): Work<void> {
  const { type } = structure.node;
  // Deeper than that little is long: what is nested too deeply is told of by who checks at once.
  if (depth < deepest && isLong(value)) {
    if (isRecord(value) && type === 'map') return yield* checkValues(structure, value, path, errors, depth, steps);
    if (isRecord(value) && type === 'object') return yield* checkFields(structure, value, path, errors, depth, steps);
    if (Array.isArray(value) && type === 'array' && structure.shape !== 'leaf')
      return yield* checkItems(structure, value, path, errors, depth, steps);
  }
  check(structure, value, path, errors, depth);
}

const deepest = 100;

type Fields = Readonly<Record<string, unknown>>;

function* checkValues(structure: Structure, value: Fields, path: string, errors: string[], depth: number, steps: Steps): Work<void> {
  for (const name of yield* sorted(Object.keys(value))) {
    if (steps.due()) yield;
    const one = value[name];
    if (isLong(one)) yield* checkParts(structure.values, one, `${path}.${name}`, errors, depth + 1, steps);
    else check(structure.values, one, `${path}.${name}`, errors, depth + 1);
  }
}

function* checkFields(structure: Structure, value: Fields, path: string, errors: string[], depth: number, steps: Steps): Work<void> {
  let unknown: string | undefined;
  for (const name of yield* sorted(Object.keys(value))) {
    if (steps.due()) yield;
    const below = structure.below(name);
    if (below === undefined) unknown ??= name;
    else yield* checkParts(below, value[name], `${path}.${name}`, errors, depth + 1, steps);
  }
  if (unknown !== undefined) errors.push(`${path}.${unknown}: field not declared in schema`);
}

function* checkItems(
  structure: Structure,
  value: readonly unknown[],
  path: string,
  errors: string[],
  depth: number,
  steps: Steps,
): Work<void> {
  const found = new Map<string, number>();
  for (let index = 0; index < value.length; index++) {
    if (steps.due()) yield;
    const item = value[index];
    const at = checkElement(structure, item, index, path, found, errors);
    if (at === undefined) continue;
    if (isLong(item)) yield* checkParts(structure.items, item, `${path}${at}`, errors, depth + 1, steps);
    else check(structure.items, item, `${path}${at}`, errors, depth + 1);
  }
}
