// Scalars that are written in a row of characters: plain, in single and in double quotes.
// https://yaml.org/spec/1.1/#id903915
import { chars, end, isBlank, isBreak, isGap, type Source } from './source.js';

/** A scalar as it was read; `lines`: whether it ended after a line's end. */
export interface ScannedScalar {
  readonly value: string;
  readonly plain: boolean;
  readonly lines: boolean;
}

/** Lines of a scalar put together: one line's end becomes a space, more of them one less. */
function folded(breaks: string): string {
  if (breaks === '') return '';
  if (!breaks.startsWith('\n')) return breaks;
  return breaks.length === 1 ? ' ' : breaks.slice(1);
}

/** `indent`: the least column of lines after the first, in block context. */
export function scanPlain(source: Source, inFlow: boolean, indent: number): ScannedScalar {
  let value = '';
  // Of the words in a row: they and the blanks between them are taken together, since a line may have a million of them.
  let rowStart = source.at;
  let rowEnd = source.at;
  let breaks = '';
  for (;;) {
    if (source.isDocumentMark()) break;
    if (source.code() === chars.hash) break;
    const start = source.at;
    passPlain(source, inFlow);
    if (source.at > start) {
      if (breaks !== '') {
        value += source.text.slice(rowStart, rowEnd) + folded(breaks);
        rowStart = start;
        breaks = '';
      }
      rowEnd = source.at;
    }
    if (!isBlank(source.code()) && !isBreak(source.code())) break;
    for (let code = source.code(); isBlank(code) || isBreak(code); code = source.code()) {
      if (isBreak(code)) breaks += source.takeBreak();
      else {
        if (breaks !== '' && source.column < indent && code === chars.tab)
          throw source.problem('found a tab character that violates indentation');
        source.at++;
      }
    }
    if (!inFlow && source.column < indent) break;
  }
  value += source.text.slice(rowStart, rowEnd);
  return { value, plain: true, lines: breaks !== '' };
}

/** Passes over what belongs to one word of a plain scalar. */
function passPlain(source: Source, inFlow: boolean): void {
  const { text } = source;
  for (; source.at < text.length; source.at++) {
    const code = text.charCodeAt(source.at);
    if (isGap(code)) return;
    if (code === chars.colon && isGap(source.code(1))) return;
    if (inFlow && flowIndicators.has(code)) return;
  }
}

/** What ends a plain scalar inside brackets. */
const flowIndicators: ReadonlySet<number> = new Set([
  chars.comma,
  chars.question,
  chars.openList,
  chars.closeList,
  chars.openMap,
  chars.closeMap,
]);

export function scanQuoted(source: Source, quote: number): ScannedScalar {
  source.at++;
  let value = '';
  for (;;) {
    if (source.isDocumentMark()) throw source.problem('found unexpected document indicator');
    if (source.code() === end) throw source.problem('found unexpected end of stream');
    const { text, escapedBreak } = quotedWord(source, quote);
    value += text;
    if (source.code() === quote) {
      source.at++;
      return { value, plain: false, lines: false };
    }
    value += gap(source, escapedBreak);
  }
}

/** Up to the next blank, line's end or quote. */
function quotedWord(source: Source, quote: number): { text: string; escapedBreak: boolean } {
  let text = '';
  let start = source.at;
  const flush = (): void => void (text += source.text.slice(start, source.at));
  for (let code = source.code(); !isGap(code); code = source.code()) {
    if (code === quote) {
      if (quote !== chars.quote || source.code(1) !== chars.quote) break;
      source.at++;
      flush();
      source.at++;
      start = source.at;
    } else if (code === chars.backslash && quote === chars.doubleQuote) {
      flush();
      if (isBreak(source.code(1))) {
        source.at++;
        source.takeBreak();
        return { text, escapedBreak: true };
      }
      text += escape(source);
      start = source.at;
    } else source.at++;
  }
  flush();
  return { text, escapedBreak: false };
}

/** Blanks and line ends inside quotes. After an escaped line's end blanks are passed over. */
function gap(source: Source, escapedBreak: boolean): string {
  let blanks = '';
  let breaks = '';
  let leading = escapedBreak;
  for (let code = source.code(); isBlank(code) || isBreak(code); code = source.code()) {
    if (isBreak(code)) {
      breaks += source.takeBreak();
      leading = true;
    } else {
      if (!leading) blanks += String.fromCharCode(code);
      source.at++;
    }
  }
  if (!leading) return blanks;
  return escapedBreak ? breaks : folded(breaks);
}

const escapes: ReadonlyMap<number, string> = new Map(
  Object.entries({
    '0': '\0',
    a: '\x07',
    b: '\b',
    t: '\t',
    '\t': '\t',
    n: '\n',
    v: '\v',
    f: '\f',
    r: '\r',
    e: '\x1b',
    ' ': ' ',
    '"': '"',
    "'": "'",
    '\\': '\\',
    N: '\x85',
    _: '\xa0',
    L: '\u2028',
    P: '\u2029',
  }).map(([name, value]) => [name.charCodeAt(0), value]),
);

/** How many hexadecimal digits follow. */
const digits: ReadonlyMap<number, number> = new Map([
  [0x78, 2],
  [0x75, 4],
  [0x55, 8],
]);

function escape(source: Source): string {
  const code = source.code(1);
  const known = escapes.get(code);
  if (known !== undefined) {
    source.at += 2;
    return known;
  }
  const count = digits.get(code);
  if (count === undefined) throw source.problem('found unknown escape character');
  source.at += 2;
  const text = source.text.slice(source.at, source.at + count);
  if (text.length < count || !/^[0-9a-fA-F]+$/.test(text)) throw source.problem('did not find expected hexdecimal number');
  const value = parseInt(text, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) throw source.problem('found invalid Unicode character escape code');
  source.at += count;
  return String.fromCodePoint(value);
}
