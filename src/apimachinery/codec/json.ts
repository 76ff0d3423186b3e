// JSON text to values and back, safe against hostile keys and depth.
import { deepest, readJson, SyntaxProblem } from './json-reader.js';
import { scanJson, type Scan } from './scan.js';

export { SyntaxProblem } from './json-reader.js';

export interface ParsedJson {
  readonly value: unknown;
  readonly scan: Scan;
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
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The careful reader words the problem.
    readJson(bytes, { literals: false });
    throw new SyntaxProblem(String(error));
  }
  const scan = scanJson(text);
  if (scan.depth > deepest || (text.includes('\\u') && /\\u[dD][89a-fA-F]/.test(text))) value = readJson(bytes, { literals: false }).value;
  return { value, scan };
}

/** The value as JSON in UTF-8, without spaces. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
