// What the text of a literal stands for.

import type { LiteralValue } from './expression.js';
import type { Token } from './lexer.js';

const greatestInt = 2n ** 63n - 1n;
const leastInt = -(2n ** 63n);
const greatestUint = 2n ** 64n - 1n;

/** The literal that a token stands for, or what is wrong with it. */
export function literalOf(token: Token, negative: boolean): LiteralValue | string {
  const { text } = token;
  if (token.kind === 'int') {
    const value = negative ? -BigInt(text) : BigInt(text);
    return value < leastInt || value > greatestInt ? 'invalid int literal' : { kind: 'int', value };
  }
  if (token.kind === 'uint') {
    const value = BigInt(text.slice(0, -1));
    return value > greatestUint ? 'invalid uint literal' : { kind: 'uint', value };
  }
  if (token.kind === 'double') {
    const value = Number(negative ? `-${text}` : text);
    return Number.isFinite(value) ? { kind: 'double', value } : 'invalid double literal';
  }
  return token.kind === 'bytes' ? bytesLiteral(text) : stringLiteral(text);
}

/** The text between the quotes, and whether escape sequences count. */
function unquote(text: string): { readonly body: string; readonly raw: boolean } {
  const raw = text[0] === 'r' || text[0] === 'R';
  const quoted = raw ? text.slice(1) : text;
  const length = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''")) ? 3 : 1;
  return { body: quoted.slice(length, -length).replaceAll('\r\n', '\n').replaceAll('\r', '\n'), raw };
}

function stringLiteral(text: string): LiteralValue | string {
  const { body, raw } = unquote(text);
  if (raw || !body.includes('\\')) return { kind: 'string', value: body };
  const parts: string[] = [];
  for (const part of split(body)) {
    if (typeof part === 'string') parts.push(part);
    else if (part.code > 0x10ffff || (part.code >= 0xd800 && part.code <= 0xdfff)) return 'invalid unicode code point';
    else parts.push(String.fromCodePoint(part.code));
  }
  return { kind: 'string', value: parts.join('') };
}

function bytesLiteral(text: string): LiteralValue | string {
  const { body, raw } = unquote(text.slice(1));
  if (raw || !body.includes('\\')) return { kind: 'bytes', value: new Uint8Array(Buffer.from(body, 'utf8')) };
  const parts: Uint8Array[] = [];
  for (const part of split(body)) {
    if (typeof part === 'string') parts.push(Buffer.from(part, 'utf8'));
    else if (part.unicode) return 'unable to unescape string';
    else parts.push(Uint8Array.of(part.code));
  }
  return { kind: 'bytes', value: new Uint8Array(Buffer.concat(parts)) };
}

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);

/** Runs of plain text, and the codes of escape sequences. The lexer has checked their form. */
function* split(body: string): Generator<string | { readonly code: number; readonly unicode: boolean }> {
  let at = 0;
  for (;;) {
    const backslash = body.indexOf('\\', at);
    if (backslash < 0) break;
    if (backslash > at) yield body.slice(at, backslash);
    const letter = body[backslash + 1] ?? '';
    const digits = letter === 'x' || letter === 'X' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
    if (digits > 0) {
      yield { code: parseInt(body.slice(backslash + 2, backslash + 2 + digits), 16), unicode: digits > 2 };
      at = backslash + 2 + digits;
    } else if (letter >= '0' && letter <= '3') {
      yield { code: parseInt(body.slice(backslash + 1, backslash + 4), 8), unicode: false };
      at = backslash + 4;
    } else {
      yield { code: simpleEscapes.get(letter) ?? letter.charCodeAt(0), unicode: false };
      at = backslash + 2;
    }
  }
  if (at < body.length) yield body.slice(at);
}
