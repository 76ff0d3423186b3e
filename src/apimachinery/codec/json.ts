// JSON text to values and back, safe against hostile keys and depth.
import type { Work } from '../../clock/slices.js';
import { deepest, readJson, readJsonWork, SyntaxProblem } from './json-reader.js';
import { countKeys, countParts, scanJson, type Scan } from './scan.js';

export { SyntaxProblem } from './json-reader.js';

export interface ParsedJson {
  readonly value: unknown;
  readonly scan: Scan;
  /** How many different keys all objects together have, where that is known already. */
  readonly keys?: number;
}

/**
 * Parses one JSON value in UTF-8; invalid bytes and lone surrogates become U+FFFD. A `__proto__` key becomes a plain own property, never a
 * prototype. Throws SyntaxProblem, also for more than 1,000 levels of nesting.
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseAndScan(bytes).value;
}

/** {@link parseJson}, with what there is to know about the text. */
export function parseAndScan(bytes: Uint8Array): ParsedJson {
  const scan = scanJson(bytes);
  // JSON.parse would go to the end of it, however deep that is.
  if (scan.depth > deepest) return { value: readJson(bytes, { literals: false }).value, scan };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The careful reader words the problem.
    readJson(bytes, { literals: false });
    throw new SyntaxProblem(String(error));
  }
  if (text.includes('\\u') && /\\u[dD][89a-fA-F]/.test(text)) value = readJson(bytes, { literals: false }).value;
  return { value, scan };
}

/** Shorter texts are read at once, in bytes. */
export const longText = 128 * 1024;

/** A text with more parts is not for JSON.parse, which does not let others have their turn: it takes a millisecond for each thousand. */
const mostParts = 24_000;

/** {@link parseAndScan}, which yields in the midst of a long text. */
export function* parseAndScanWork(bytes: Uint8Array): Work<ParsedJson> {
  if (bytes.byteLength < longText) return parseAndScan(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  yield;
  if (countParts(text) <= mostParts) {
    yield;
    return parseAndScan(bytes);
  }
  yield;
  const { value, keys } = yield* readJsonWork(bytes, { literals: false });
  yield;
  return { value, scan: scanJson(bytes), keys };
}

/** Whether the text has numbers that JSON.parse may make others of than the real server does: the careful reader tells. */
export function needsCare({ fractions, longNumbers }: Scan): boolean {
  return fractions || longNumbers;
}

/** Whether a key comes twice in an object of the text. */
export function hasDuplicates({ value, scan, keys }: ParsedJson): boolean {
  return scan.keys !== (keys ?? countKeys(value));
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * The value as the real server writes JSON: strings are safe inside HTML and scripts. `pretty`: indented.
 * Five searches for what is rarely there cost a tenth of what one regular expression over the text does.
 */
export function jsonText(value: unknown, pretty = false): string {
  return safeText(pretty ? JSON.stringify(value, null, 2) : JSON.stringify(value));
}

/** A JSON text as the real server writes it: safe inside HTML and scripts. */
export function safeText(text: string): string {
  if (!text.includes('<') && !text.includes('>') && !text.includes('&') && !text.includes('\u2028') && !text.includes('\u2029'))
    return text;
  return text.replace(/[<>&\u2028\u2029]/g, (character) => escapes[character]!);
}

/** {@link jsonText} in UTF-8 with the line's end that every compact answer of the real server has. */
export function jsonLine(value: unknown): Buffer {
  return Buffer.from(`${jsonText(value)}\n`);
}
