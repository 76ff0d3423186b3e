// Quantities of resources: exact decimal numbers with suffixes.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact number in billionths (the finest that Kubernetes keeps), and the family of suffixes to write it in. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** The text is no quantity; the message is the real server's. */
export class QuantityError extends Error {}

const wrongForm = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

/** Powers of ten by suffix. */
const decimal: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const decimalSuffixes: ReadonlyMap<number, string> = new Map([...decimal].map(([suffix, power]) => [power, suffix]));
/** Powers of 1024 by suffix. */
const binary: ReadonlyMap<string, number> = new Map(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, index + 1]));
const binarySuffixes = ['', ...binary.keys()];

/** Bounds the arithmetic that a short hostile text can cause: longer exponents are refused. */
const longestExponent = 4;
/** More digits before the point are refused; the real server takes minutes for some hundred thousand, and answers 504. */
const mostDigits = 2000;
/** Of the digits after the point so many decide what a number is rounded to, with room for every suffix. */
const mostFraction = 100;
const tooLong = `a quantity has at most ${mostDigits} digits`;
const largestInt64 = 2n ** 63n - 1n;
const billion = 1_000_000_000n;
const farAbove = 10n ** 60n;
/** As many thousands as are divided by at once at first. */
const longestExponentStep = 2048;

/** A text in its parts: sign and digits, the digits after the point, and the suffix. */
interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSuffixLetter(code: number): boolean {
  return 'eEinumkKMGTP'.includes(String.fromCharCode(code));
}

function split(text: string): Parts {
  if (text === '') throw new QuantityError(wrongForm);
  let at = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const digits = (): string => {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    return text.slice(start, at);
  };
  const whole = digits();
  let fraction = '';
  if (text[at] === '.') {
    at++;
    fraction = digits();
  }
  const start = at;
  while (at < text.length && isSuffixLetter(text.charCodeAt(at))) at++;
  if (text[at] === '-' || text[at] === '+') at++;
  digits();
  if (at !== text.length) throw new QuantityError(wrongForm);
  return { negative: text.startsWith('-'), whole, fraction, suffix: text.slice(start) };
}

/** What a suffix stands for: `numerator` over one, times ten to the `power`. */
function scaleOf(suffix: string): { readonly format: QuantityFormat; readonly numerator: bigint; readonly power: number } {
  const power = decimal.get(suffix);
  if (power !== undefined) return { format: 'DecimalSI', numerator: 1n, power };
  const level = binary.get(suffix);
  if (level !== undefined) return { format: 'BinarySI', numerator: 1024n ** BigInt(level), power: 0 };
  if (/^[eE][-+]?\d+$/.test(suffix) && suffix.length <= longestExponent + 2) {
    return { format: 'DecimalExponent', numerator: 1n, power: Number(suffix.slice(1)) };
  }
  throw new QuantityError(wrongSuffix);
}

/** Parses `100m`, `1.5Gi`, `1e3`, `12E`, or a number of a JSON body. Finer than a billionth rounds up, away from zero. Throws QuantityError. */
export function parseQuantity(text: string | number): Quantity {
  const key = String(text);
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const quantity = parseText(key.trim());
  if (parsed.size >= mostParsed) parsed.clear();
  if (key.length <= longestKept) parsed.set(key, quantity);
  return quantity;
}

/** A cluster names the same few quantities again and again. Results are immutable, so that they can be shared. */
const parsed = new Map<string, Quantity>();
const mostParsed = 2000;
const longestKept = 20;

function parseText(text: string): Quantity {
  const { negative, whole, fraction: written, suffix } = split(text);
  const { format, numerator, power } = scaleOf(suffix);
  const fraction = written.length > mostFraction ? shortened(written, mostFraction + Math.max(0, power)) : written;
  const digits = whole.length > mostDigits ? withoutZeros(whole) : whole;
  if (digits.length > mostDigits) throw new QuantityError(tooLong);
  const mantissa = BigInt(`${digits}${fraction}` || '0') * numerator;
  const exponent = power - fraction.length + 9;
  let nano = exponent >= 0 ? mantissa * powerOfTen(exponent) : divideUp(mantissa, powerOfTen(-exponent));
  // The real server holds binary quantities in 64 bits.
  if (format === 'BinarySI' && nano > largestInt64 * billion) nano = largestInt64 * billion;
  return { nano: negative ? -nano : nano, format };
}

function withoutZeros(whole: string): string {
  let at = 0;
  while (whole[at] === '0') at++;
  return whole.slice(at);
}

/** The first so many digits after the point, and whether there is anything beyond them: that is rounded up. */
function shortened(fraction: string, most: number): string {
  if (fraction.length <= most) return fraction;
  for (let at = most; at < fraction.length; at++) if (fraction[at] !== '0') return `${fraction.slice(0, most)}1`;
  return fraction.slice(0, most);
}

/** Powers of ten up to 99, and those of its hundredth power: made when they are first needed, since a large one takes long. */
const small: bigint[] = [];
const hundreds: bigint[] = [];

function powerOfTen(exponent: number): bigint {
  const low = exponent % 100;
  const power = (small[low] ??= 10n ** BigInt(low));
  if (exponent < 100) return power;
  const high = (exponent - low) / 100;
  return power * (hundreds[high] ??= 10n ** BigInt(high * 100));
}

/** Rounds away from zero. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** The canonical text: no fraction, the largest suffix that allows that. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  if (format === 'BinarySI' && nano % billion === 0n) {
    const units = nano / billion;
    if (units >= 1024n || units <= -1024n) return formatBinary(units);
  }
  let mantissa = nano;
  let power = -9;
  // Halves the steps for numbers with very many zeros: to divide those by a thousand each time takes long.
  let step = mantissa > farAbove || mantissa < -farAbove ? longestExponentStep : 1;
  for (; step >= 1; step /= 2) {
    const divisor = powerOfTen(3 * step);
    while (mantissa % divisor === 0n) {
      mantissa /= divisor;
      power += 3 * step;
    }
  }
  if (format === 'DecimalExponent') return power === 0 ? String(mantissa) : `${mantissa}e${power}`;
  return `${mantissa}${decimalSuffixes.get(power) ?? ''}`;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let level = 0;
  while (mantissa % 1024n === 0n && level < binarySuffixes.length - 1) {
    mantissa /= 1024n;
    level++;
  }
  return `${mantissa}${binarySuffixes[level]!}`;
}

/**
 * The text as the server keeps it: canonical, but a text that needs no other mantissa and suffix stays as it was written (`+1`, `1E3`).
 * Quick for such texts, which most are. Throws QuantityError.
 */
export function canonicalQuantity(text: string | number): string {
  const trimmed = String(text).trim();
  return stays(trimmed) ? trimmed : formatQuantity(parseQuantity(trimmed));
}

/** Whether a text of the form `[+-]123[.][suffix]` has a mantissa that goes into no larger suffix. */
function stays(text: string): boolean {
  let at = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const start = at;
  let mantissa = 0;
  for (; isDigit(text.charCodeAt(at)); at++) mantissa = mantissa * 10 + text.charCodeAt(at) - 48;
  if (at === start || at - start > 15 || mantissa === 0) return false;
  if (text[at] === '.') at++;
  const suffix = text.slice(at);
  if (suffix === '' || decimal.has(suffix)) return mantissa % 1000 !== 0;
  if (binary.has(suffix)) return mantissa % 1024 !== 0 && suffix !== 'Pi' && suffix !== 'Ei';
  if (mantissa % 1000 === 0 || suffix.length > longestExponent + 2 || !/^[eE][-+]?\d+$/.test(suffix)) return false;
  const power = Number(suffix.slice(1));
  return power % 3 === 0 && power >= -9;
}

/** Below, at or above zero as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The sum, in the format of `a` (of `b` when `a` is zero). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The difference, in the format of `a` (of `b` when `a` is zero). */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** In thousandths, rounded up (away from zero), as a number: exact up to 2^53. For CPU. Throws QuantityError. */
export function milliValue(quantity: string | number | Quantity): number {
  return Number(divideUp(nanoOf(quantity), 1_000_000n));
}

/** In whole units, rounded up (away from zero), as a number: exact up to 2^53. For bytes and counts. Throws QuantityError. */
export function quantityValue(quantity: string | number | Quantity): number {
  return Number(divideUp(nanoOf(quantity), billion));
}

function nanoOf(quantity: string | number | Quantity): bigint {
  return typeof quantity === 'object' ? quantity.nano : parseQuantity(quantity).nano;
}
