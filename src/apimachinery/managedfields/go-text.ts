// How the real server writes values in messages of types that do not fit. Clients compare these texts.
import { isRecord } from '../object.js';

/** A value that no JSON has, as a policy's expression makes it: a time, bytes, an explicit null. */
export class NativeValue {
  /**
   * @param short as in `shortText`
   * @param typed as in `typedText`
   * @param type the name of its type
   */
  constructor(
    readonly short: string,
    readonly typed: string,
    readonly type: string,
  ) {}
}

/** A value in short: `x`, `1`, `[a b]`, `map[a:b]`, `<nil>`. */
export function shortText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof NativeValue) return value.short;
  if (Array.isArray(value)) return `[${value.map(shortText).join(' ')}]`;
  if (!isRecord(value)) return typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((name) => `${name}:${shortText(value[name])}`).join(' ')}]`;
}

/** A value with its types: `"x"`, `1`, `[]interface {}{"a"}`, `map[string]interface {}{"a":"b"}`. */
export function typedText(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (value instanceof NativeValue) return value.typed;
  if (Array.isArray(value)) return `[]interface {}{${value.map(typedText).join(', ')}}`;
  if (typeof value === 'number') return numberText(value);
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `map[string]interface {}{${fields.map((name) => `${JSON.stringify(name)}:${typedText(value[name])}`).join(', ')}}`;
}

/** Whole numbers in full, fractions and huge numbers with an exponent of two digits (`1e+30`). */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  return value.toString().replace(/e([+-])(\d)$/, 'e$10$2');
}
