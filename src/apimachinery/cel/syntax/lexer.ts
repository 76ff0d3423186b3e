// From text to tokens. https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax

import type { Problem } from './problems.js';

export type TokenKind = 'punctuation' | 'keyword' | 'identifier' | 'escaped' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; `<EOF>` at the end. */
  readonly text: string;
  readonly position: number;
}

const keywords: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const twoCharacters: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const oneCharacter = '<>[]{}().,-!?:+*/%';

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

function isOctal(code: number): boolean {
  return code >= 48 && code <= 55;
}

function isNameStart(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

function isName(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

function skip(text: string, from: number, test: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && test(text.charCodeAt(at))) at++;
  return at;
}

/** Where a number that starts at `at` ends, and its kind. The longest that is a number: `1e` is `1` and then a name. */
function scanNumber(text: string, at: number): { readonly end: number; readonly kind: TokenKind } {
  const next = text.charCodeAt(at + 1);
  if (text[at] === '0' && next === 120 && isHex(text.charCodeAt(at + 2))) {
    const end = skip(text, at + 2, isHex);
    return isUnsigned(text[end]) ? { end: end + 1, kind: 'uint' } : { end, kind: 'int' };
  }
  let end = skip(text, at, isDigit);
  let kind: TokenKind = 'int';
  if (text[end] === '.' && isDigit(text.charCodeAt(end + 1))) {
    end = skip(text, end + 1, isDigit);
    kind = 'double';
  }
  if (text[end] === 'e' || text[end] === 'E') {
    const sign = text[end + 1] === '+' || text[end + 1] === '-' ? 1 : 0;
    if (isDigit(text.charCodeAt(end + 1 + sign))) return { end: skip(text, end + 1 + sign, isDigit), kind: 'double' };
  }
  if (kind === 'int' && isUnsigned(text[end])) return { end: end + 1, kind: 'uint' };
  return { end, kind };
}

function isUnsigned(character: string | undefined): boolean {
  return character === 'u' || character === 'U';
}

/** Where an escape sequence ends that starts with the backslash at `at`; negative: where it goes wrong. */
function scanEscape(text: string, at: number): number {
  const code = text[at + 1] ?? '';
  const digits = code === 'x' || code === 'X' ? 2 : code === 'u' ? 4 : code === 'U' ? 8 : 0;
  if (digits > 0) {
    for (let index = 0; index < digits; index++) if (!isHex(text.charCodeAt(at + 2 + index))) return -(at + 2 + index);
    return at + 2 + digits;
  }
  if (code >= '0' && code <= '3') {
    for (let index = 2; index < 4; index++) if (!isOctal(text.charCodeAt(at + index))) return -(at + index);
    return at + 4;
  }
  return code !== '' && 'abfnrtv"\'\\?`'.includes(code) ? at + 2 : -(at + 1);
}

/** Where a string ends whose opening quote is at `at`; negative: where it goes wrong, one further than its last good character. */
function scanString(text: string, at: number, raw: boolean): number {
  const quote = text[at] ?? '';
  const triple = text.startsWith(quote.repeat(3), at);
  if (triple) {
    const end = scanBody(text, at + 3, quote.repeat(3), raw, true);
    return end < 0 ? at + 2 : end;
  }
  return scanBody(text, at + 1, quote, raw, false);
}

function scanBody(text: string, from: number, closing: string, raw: boolean, lines: boolean): number {
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === closing[0] && text.startsWith(closing, at)) return at + closing.length;
    if (character === '\\' && !raw) {
      const end = scanEscape(text, at);
      if (end < 0) return end;
      at = end;
    } else if (!lines && (character === '\n' || character === '\r')) return -at;
    else at++;
  }
  return -at;
}

/** Where the opening quote of a string with a prefix (`r`, `b`, `br`) is, or undefined. */
function prefixedString(text: string, at: number): { readonly quote: number; readonly raw: boolean; readonly bytes: boolean } | undefined {
  let quote = at;
  const bytes = text[quote] === 'b' || text[quote] === 'B';
  if (bytes) quote++;
  const raw = text[quote] === 'r' || text[quote] === 'R';
  if (raw) quote++;
  return text[quote] === '"' || text[quote] === "'" ? { quote, raw, bytes } : undefined;
}

/** Splits `text` into tokens, the last of which is `end`. What is no token is a problem and is left out. */
export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly problems: readonly Problem[] } {
  const tokens: Token[] = [];
  const problems: Problem[] = [];
  let at = 0;
  const push = (kind: TokenKind, end: number): void => {
    tokens.push({ kind, text: text.slice(at, end), position: at });
    at = end;
  };
  /** `last` is the character that does not fit: it is part of what is refused. */
  const refuse = (last: number): void => {
    const end = Math.min(last + ((text.codePointAt(last) ?? 0) > 0xffff ? 2 : 1), text.length);
    const shown = text.slice(at, end).replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
    problems.push({ position: at, message: `Syntax error: token recognition error at: '${shown}'` });
    at = Math.max(end, at + 1);
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const character = text[at] ?? '';
    if (code === 32 || code === 9 || code === 10 || code === 13 || code === 12) at++;
    else if (character === '/' && text[at + 1] === '/') {
      const newline = text.indexOf('\n', at);
      at = newline < 0 ? text.length : newline;
    } else if (isDigit(code) || (character === '.' && isDigit(text.charCodeAt(at + 1)))) {
      const { end, kind } = scanNumber(text, at);
      push(kind, end);
    } else if (character === '"' || character === "'" || isNameStart(code)) {
      const string = prefixedString(text, at);
      const end = string === undefined ? -1 : scanString(text, string.quote, string.raw);
      if (string !== undefined && end > 0) push(string.bytes ? 'bytes' : 'string', end);
      else if (isNameStart(code)) {
        const name = skip(text, at, isName);
        push(keywords.has(text.slice(at, name)) ? 'keyword' : 'identifier', name);
      } else refuse(-end);
    } else if (character === '`') {
      const end = skip(text, at + 1, (one) => isName(one) || one === 46 || one === 45 || one === 47 || one === 32);
      if (end > at + 1 && text[end] === '`') push('escaped', end + 1);
      else refuse(end);
    } else if (twoCharacters.has(text.slice(at, at + 2))) push('punctuation', at + 2);
    else if (oneCharacter.includes(character)) push('punctuation', at + 1);
    else refuse(character === '=' || character === '&' || character === '|' ? at + 1 : at);
  }
  tokens.push({ kind: 'end', text: '<EOF>', position: text.length });
  return { tokens, problems };
}
