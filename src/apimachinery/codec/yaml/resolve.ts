// What a scalar without quotes is: a number, a truth, nothing, or text. As the real server reads YAML, in the main as YAML 1.1 has it.
// https://yaml.org/type/
import { nearestNumber } from '../../schema/nearest-number.js';
import { NumberLiteral } from '../../schema/problems.js';
import { YamlProblem } from './source.js';

/** A float, whatever its value: NaN and the infinities are refused only where they become JSON. */
export type Scalar = string | number | boolean | null | NumberLiteral;

const words: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
]);

const longestWord = 5;

const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;

/** A plain scalar without a tag. `literals`: integers that a double would change keep their digits. */
export function resolvePlain(text: string, literals: boolean): Scalar {
  if (text.length <= longestWord) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  const first = text.charCodeAt(0);
  // A digit, a sign or a point.
  if (!((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e)) return text;
  return numberOf(text, literals) ?? text;
}

function numberOf(text: string, literals: boolean): number | NumberLiteral | undefined {
  if (text.length > longestNumber) return undefined;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const match = integer.exec(plain);
  if (match !== null) {
    const [, sign, hex, binary, octal, decimal] = match;
    const digits = hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : decimal!;
    const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
    if (BigInt.asIntN(64, value) === value || (sign !== '-' && BigInt.asUintN(64, value) === value)) {
      return literals && BigInt(Number(value)) !== value ? new NumberLiteral(String(value)) : nearestNumber(String(value));
    }
  }
  const value = float.test(plain) ? Number(plain) : Infinity;
  return Number.isFinite(value) ? value : undefined;
}

/** Whether a number is written as an integer. */
export function isInteger(text: string): boolean {
  return integer.test(text.replaceAll('_', ''));
}

/** Longer texts are no numbers: reading them would take time that grows with their square. */
const longestNumber = 1000;

const prefix = 'tag:yaml.org,2002:';

const timestamp = /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]| +)\d\d?:\d\d?:\d\d?(?:\.\d+)?(?: *(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/;

/** A scalar with a tag; one that nobody knows says that it is text. */
export function resolveTagged(text: string, tag: string, literals: boolean): Scalar {
  switch (tag) {
    case `${prefix}binary`:
      return fromBase64(text);
    case `${prefix}int`:
    case `${prefix}float`:
    case `${prefix}bool`:
    case `${prefix}null`:
      return typed(text, tag.slice(prefix.length), literals);
    case `${prefix}timestamp`:
      if (timestamp.test(text)) return text;
      throw new YamlProblem(`yaml: cannot decode !!str \`${text}\` as a !!timestamp`);
    default:
      return text;
  }
}

function typed(text: string, wanted: string, literals: boolean): Scalar {
  const value = resolvePlain(text, literals);
  const found = typeOf(value);
  if (found === wanted || (found === 'int' && wanted === 'float')) return value;
  throw new YamlProblem(`yaml: cannot decode !!${found} \`${text}\` as a !!${wanted}`);
}

function typeOf(value: Scalar): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return value instanceof NumberLiteral || Number.isInteger(value) ? 'int' : 'float';
}

function fromBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new YamlProblem('yaml: !!binary value contains invalid base64 data');
  }
  return Buffer.from(compact, 'base64').toString('utf8');
}
