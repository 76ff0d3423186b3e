// YAML text to values, as kubectl and the API server read it: YAML 1.1, the first document only.
import { finish, Steps, type Work } from '../../clock/slices.js';
import { setField } from '../fields.js';
import { NumberLiteral } from '../schema/problems.js';
import { markLong, surelyLong } from '../schema/weigh.js';
import { deepest } from './json-reader.js';
import { Composer } from './yaml/composer.js';
import { decodeText } from './yaml/encoding.js';
import { Scanner } from './yaml/scanner.js';
import { Source, YamlProblem } from './yaml/source.js';

export { YamlProblem } from './yaml/source.js';

export interface ParsedYaml {
  readonly value: unknown;
  /** `line 3: key "a" already set in map`, in the order of the text. The last value counts. */
  readonly duplicates: readonly string[];
}

/**
 * Parses the first document of a YAML text; none is null. Integers that a double cannot hold are rounded, or become NumberLiteral with
 * `literals`. Throws YamlProblem.
 */
export function parseYaml(bytes: Uint8Array, literals = false): ParsedYaml {
  return finish(parseYamlWork(bytes, literals));
}

/** {@link parseYaml}, which yields every now and then. */
export function* parseYamlWork(bytes: Uint8Array, literals = false): Work<ParsedYaml> {
  const composer = new Composer(new Scanner(new Source(decodeText(bytes))), literals);
  const value = yield* composer.document();
  return { value: yield* asJson(value, 0, new Steps(batch)), duplicates: composer.duplicates };
}

/** How many nodes are written out at a time. */
const batch = 1024;

/** What JSON has as it is. */
function isWhole(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}

/** Writes out what aliases share, and refuses what JSON does not have. */
function* asJson(value: unknown, depth: number, steps: Steps): Work<unknown> {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new YamlProblem(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  }
  if (typeof value !== 'object' || value === null || value instanceof NumberLiteral) return value;
  if (depth > deepest) throw new YamlProblem('yaml: exceeded max depth');
  if (steps.due()) yield;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const one of value as readonly unknown[]) {
      if (steps.due()) yield;
      list.push(isWhole(one) ? one : yield* asJson(one, depth + 1, steps));
    }
    return list;
  }
  const input = value as Readonly<Record<string, unknown>>;
  const output: Record<string, unknown> = {};
  const keys = Object.keys(input);
  if (keys.length >= surelyLong) markLong(output);
  for (const key of keys) {
    if (steps.due()) yield;
    const given = input[key];
    const one = isWhole(given) ? given : yield* asJson(given, depth + 1, steps);
    setField(output, key, one);
  }
  return output;
}
