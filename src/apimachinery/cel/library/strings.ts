// The strings extension: `charAt`, `indexOf`, `split`, `replace` and others. https://kubernetes.io/docs/reference/using-api/cel/#cel-community-libraries

import type { Costs, Library, Overload } from './overload.js';
import { library, overload } from './overload.js';
import { one, zero, perCharacter, scaleCost, sizeAt, sizeLike, sizeOf, traversal, addCosts, multiplyCosts } from '../cost/costs.js';
import { failure } from '../evaluate/errors.js';
import { codePoints, hasSurrogates } from '../values/text.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, ListValue } from '../values/value.js';
import type { FormatStyle } from './format-text.js';
import { formatText } from './format-text.js';

const text = (value: CelValue | undefined): string => value as string;
const number = (value: CelValue | undefined): number => Number(value);

/** Uppercase and lowercase of ASCII letters alone. */
function asciiCase(from: RegExp, shift: number): (value: CelValue) => string {
  const whole = shift > 0 ? (one: string): string => one.toLowerCase() : (one: string): string => one.toUpperCase();
  // Letters alone are looked at, and a text without any is given back as it is. A text of ASCII has no others.
  return (value) => {
    const one = text(value);
    return ascii.test(one) ? whole(one) : one.replace(from, (letter) => String.fromCharCode(letter.charCodeAt(0) + shift));
  };
}

const ascii = /^[\0-\x7f]*$/;

function charAt(value: CelValue, at: CelValue): string {
  const characters = codePoints(text(value));
  const place = number(at);
  if (place < 0 || place > characters.length) throw failure(`index out of range: ${place}`);
  return characters[place] ?? '';
}

/** The place of `part` in characters, or -1, which is also Kubernetes' answer for a start beyond the end. `backward`: the last one. */
function find(style: FormatStyle, backward: boolean, value: CelValue, part: CelValue, from?: CelValue): bigint {
  const whole = text(value);
  const characters = codePoints(whole);
  const start = from === undefined ? (backward ? characters.length : 0) : number(from);
  if (start < 0) throw failure(`index out of range: ${start}`);
  if (start > characters.length) {
    if (style === 'kubernetes') return -1n;
    throw failure(`index out of range: ${start}`);
  }
  if (!hasSurrogates(whole)) return BigInt(backward ? whole.lastIndexOf(text(part), start) : whole.indexOf(text(part), start));
  const unit = characters.slice(0, start).join('').length;
  const found = backward ? whole.lastIndexOf(text(part), unit) : whole.indexOf(text(part), unit);
  return BigInt(found < 0 ? -1 : [...whole.slice(0, found)].length);
}

function substring(value: CelValue, from: CelValue, to?: CelValue): string {
  const characters = codePoints(text(value));
  const start = number(from);
  const end = to === undefined ? characters.length : number(to);
  if (start < 0 || start > characters.length) throw failure(`index out of range: ${start}`);
  if (end < 0 || end > characters.length) throw failure(`index out of range: ${end}`);
  if (start > end) throw failure(`invalid substring range. start: ${start}, end: ${end}`);
  return characters.slice(start, end).join('');
}

function replace(value: CelValue, old: CelValue, by: CelValue, limit: CelValue = -1n): string {
  const count = number(limit);
  if (count === 0) return text(value);
  const pieces = old === '' ? ['', ...codePoints(text(value)), ''] : text(value).split(text(old));
  if (count < 0 || count >= pieces.length - 1) return pieces.join(text(by));
  const glue = text(old);
  return [pieces.slice(0, count).join(text(by)), pieces.slice(count).join(glue)].join(text(by));
}

function split(value: CelValue, by: CelValue, limit: CelValue = -1n): ListValue {
  const count = number(limit);
  if (count === 0) return new ArrayList([]);
  if (count === 1) return new ArrayList([value]);
  const pieces = by === '' ? [...codePoints(text(value))] : text(value).split(text(by));
  if (count < 0 || count >= pieces.length) return new ArrayList(pieces);
  return new ArrayList([...pieces.slice(0, count - 1), pieces.slice(count - 1).join(text(by))]);
}

function join(list: CelValue, by: CelValue = ''): string {
  const texts: string[] = [];
  for (const item of (list as ListValue).items()) {
    if (typeof item !== 'string') throw failure('no such overload');
    texts.push(item);
  }
  return texts.join(text(by));
}

/** The characters that Unicode calls white space. JavaScript's `trim` leaves U+0085 and takes the byte order mark. */
const spaces: ReadonlySet<string> = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

function trim(value: CelValue): string {
  const whole = text(value);
  let start = 0;
  let end = whole.length;
  while (start < end && spaces.has(whole[start] ?? '')) start++;
  while (end > start && spaces.has(whole[end - 1] ?? '')) end--;
  return whole.slice(start, end);
}

/** Doubled quotes and escapes: a literal of CEL that gives the text back. */
function quote(value: CelValue): string {
  const escapes: Readonly<Record<string, string>> = {
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
    '"': '\\"',
  };
  let quoted = '';
  for (const character of text(value)) {
    const code = character.codePointAt(0) ?? 0;
    quoted += code >= 0xd800 && code < 0xe000 ? '\ufffd' : ((Object.hasOwn(escapes, character) ? escapes[character] : character) ?? '');
  }
  return `"${quoted}"`;
}

function reverse(value: CelValue): string {
  return [...codePoints(text(value))].reverse().join('');
}

const searching: Costs = traversal([0]);
const reading: Costs = traversal([0], sizeLike(0));

/** All texts of a list, and what stands between them. */
const joined: Costs = {
  cost: (args) => {
    const items = args[0] instanceof ListValue ? args[0].items() : [];
    const between = args[1] === undefined ? 0 : sizeOf(args[1]) * items.length;
    return Math.ceil((items.reduce((sum: number, item) => sum + sizeOf(item), 0) + between) * perCharacter);
  },
  estimate: (args) => {
    const items = multiplyCosts(sizeAt(args, 0), args[0]?.element?.size ?? zero);
    const between = args[1] === undefined ? zero : multiplyCosts(sizeAt(args, 0), args[1].size);
    const size = { min: 0, max: addCosts(items, between).max };
    return { cost: scaleCost(size, perCharacter), size };
  },
};

/** A quoted text may be twice as long as the text, and has its quotes. */
const quoting: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), perCharacter), size: { min: 2, max: 2 * sizeAt(args, 0).max + 2 } }),
};

/** `replace`: what comes out may be longer than what went in. */
const replacing: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * 2 * perCharacter),
  estimate: (args) => ({
    cost: scaleCost(sizeAt(args, 0), perCharacter),
    size: { min: 0, max: multiplyCosts(sizeAt(args, 0), addCosts(sizeAt(args, 2), one)).max },
  }),
};

/** With a limit the text is counted twice. */
const replacingSome: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * 2 * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), 2 * perCharacter), size: replacing.estimate?.(args).size ?? sizeAt(args, 0) }),
};

const splitting: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * 2 * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), 2 * perCharacter), size: { min: 0, max: sizeAt(args, 0).max } }),
};

function formatting(style: FormatStyle): (readonly [string, Overload])[] {
  return [
    overload('string.format(list(dyn)): string', (pattern, args) => formatText(text(pattern), args as ListValue, style), traversal([0])),
  ];
}

/** The functions that Kubernetes has. `style`: how `format` writes numbers and what is in lists, and what a search beyond the end gives. */
export function stringsLibrary(style: FormatStyle): Library {
  return library([
    overload('string.charAt(int): string', charAt),
    overload('string.indexOf(string): int', (value, part) => find(style, false, value, part), searching),
    overload('string.indexOf(string, int): int', (value, part, from) => find(style, false, value, part, from), searching),
    overload('string.lastIndexOf(string): int', (value, part) => find(style, true, value, part), searching),
    overload('string.lastIndexOf(string, int): int', (value, part, from) => find(style, true, value, part, from), searching),
    overload('string.lowerAscii(): string', asciiCase(/[A-Z]/g, 32), reading),
    overload('string.upperAscii(): string', asciiCase(/[a-z]/g, -32), reading),
    overload('string.replace(string, string): string', replace, replacing),
    overload('string.replace(string, string, int): string', replace, replacingSome),
    overload('string.split(string): list(string)', split, splitting),
    overload('string.split(string, int): list(string)', split, splitting),
    overload('string.substring(int): string', substring, reading),
    overload('string.substring(int, int): string', substring, reading),
    overload('string.trim(): string', trim, reading),
    overload('list(string).join(): string', (list) => join(list), joined),
    overload('list(string).join(string): string', (list, by) => join(list, by), joined),
    overload('!strings.quote(string): string', quote, quoting),
    ...formatting(style),
  ]);
}

/** What the extension has gained since the version that Kubernetes takes. */
export function laterStringsLibrary(): Library {
  return library([overload('string.reverse(): string', reverse, reading)]);
}
