// Pairs of a YAML mapping as a JSON object: keys as text and in their order, merge keys followed.
// https://yaml.org/type/merge.html
import { Steps, type Work } from '../../../clock/slices.js';
import { setField } from '../../fields.js';
import { sorted } from '../../sort-work.js';
import { NumberLiteral, quote } from '../../schema/problems.js';
import { YamlProblem } from './source.js';

export interface Entry {
  readonly key: unknown;
  readonly value: unknown;
  /** Where the key stands, from zero. */
  readonly line: number;
  /** `<<` without quotes. */
  readonly isMerge: boolean;
  /** Whether the key is a number that is written with a point or an exponent. */
  readonly isFloat: boolean;
}

type Pair = Pick<Entry, 'key' | 'value'>;

/** A mapping's pairs by what their keys are: `1`, `1.0` and `"1"` are three until they become JSON. */
type Pairs = ReadonlyMap<unknown, Pair>;

/** A mapping that is being read. What comes later counts: also a merge after a key. */
export class Mapping {
  private readonly pairs = new Map<unknown, Pair>();

  /** `twice` hears of each key that was there already. */
  constructor(private readonly twice: (key: unknown, line: number) => void) {}

  /** Throws YamlProblem for a key that JSON cannot have. */
  add(entry: Entry): void {
    if (entry.isMerge) merge(entry.value, (pair) => this.set(pair.key, pair, entry.line));
    else this.set(identity(entry), entry, entry.line);
  }

  /** Throws YamlProblem for a key that is nothing. */
  *object(): Work<Record<string, unknown>> {
    return yield* objectOf(this.pairs);
  }

  private set(known: unknown, pair: Pair, line: number): void {
    if (this.pairs.has(known)) this.twice(pair.key, line);
    this.pairs.set(known, pair);
  }
}

/** Keys that are the same in a mapping. */
function identity({ key, isFloat }: Entry): unknown {
  // No text begins so.
  if (isFloat) return `\0float ${String(key)}`;
  if (key instanceof NumberLiteral) return Number(key.text);
  if (typeof key === 'object' && key !== null) throw new YamlProblem(`yaml: invalid map key: ${shown(key)}`);
  return key;
}

/** Gives all pairs of a merge's sources to `set`; an earlier source goes before a later one, and so comes last. */
function merge(value: unknown, set: (pair: Pair) => void): void {
  const sources: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]).toReversed() : [value];
  for (const source of sources) {
    if (typeof source !== 'object' || source === null || Array.isArray(source) || source instanceof NumberLiteral) {
      throw new YamlProblem('yaml: map merge requires map or sequence of maps as the value');
    }
    for (const [key, one] of Object.entries(source)) set({ key, value: one });
  }
}

/** How many pairs are put in order at a time. */
const batch = 512;

/** In the order of the alphabet: the real server goes through a JSON form that has it. */
function* objectOf(pairs: Pairs): Work<Record<string, unknown>> {
  const steps = new Steps(batch);
  let list: [string, unknown][] = [];
  let isSorted = true;
  for (const { key, value } of pairs.values()) {
    if (steps.due()) yield;
    const text = typeof key === 'string' ? key : keyText(key, value);
    if (isSorted && list.length > 0 && text < list[list.length - 1]![0]) isSorted = false;
    list.push([text, value]);
  }
  if (!isSorted) list = yield* sorted(list, ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const output: Record<string, unknown> = {};
  for (const [key, value] of list) {
    if (steps.due()) yield;
    setField(output, key, value);
  }
  return output;
}

function keyText(key: unknown, value: unknown): string {
  if (key === null) throw new YamlProblem(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown(value)}`);
  return scalarText(key);
}

/** A number or truth as text. */
export function scalarText(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return '<nil>';
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
}

/** A value as the real server's language writes it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof NumberLiteral) return value.text;
  if (Array.isArray(value)) return `[]interface {}{${value.map(shown).join(', ')}}`;
  if (typeof value !== 'object' || value === null) return scalarText(value);
  return `map[interface {}]interface {}{${Object.entries(value)
    .map(([key, one]) => `${quote(key)}:${shown(one)}`)
    .join(', ')}}`;
}
