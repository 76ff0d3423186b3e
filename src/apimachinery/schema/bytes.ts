// Decodes base64 (`format: byte`) to its canonical text.
import { NumberLiteral, type Walk } from './problems.js';

/** Base64 with padding as it should be; line breaks and stray bits in the last character are tidied, as the real server does. A list of bytes is taken as well. */
export function decodeBytes(value: unknown, walk: Walk, depth: number): string | undefined {
  if (typeof value === 'string') {
    const wrong = illegalAt(value);
    if (wrong !== undefined) return walk.remember(`illegal base64 data at input byte ${wrong}`);
    return isCanonical(value) ? value : Buffer.from(value, 'base64').toString('base64');
  }
  if (Array.isArray(value)) return decodeList(value, walk, depth);
  walk.firstError ??= walk.typeError(value, '[]uint8', depth);
  return undefined;
}

function decodeList(list: readonly unknown[], walk: Walk, depth: number): string | undefined {
  const bytes: number[] = [];
  for (const one of list) {
    const byte = one instanceof NumberLiteral ? NaN : (one ?? 0);
    if (typeof byte === 'number' && Number.isInteger(byte) && byte >= 0 && byte < 256) bytes.push(byte);
    else walk.firstError ??= walk.typeError(one, 'uint8', depth, true);
  }
  return walk.firstError === undefined ? Buffer.from(bytes).toString('base64') : undefined;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const [newline, carriageReturn, equals] = [10, 13, 61];
const values = new Int8Array(128).fill(-1);
for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index;

function valueOf(code: number): number {
  return code < 128 ? values[code]! : -1;
}

/** Whether the text has no line breaks, and no bits set that belong to no byte. */
function isCanonical(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  if (text.includes('\n') || text.includes('\r')) return false;
  if (text.endsWith('==')) return (valueOf(text.charCodeAt(text.length - 3)) & 15) === 0;
  if (text.endsWith('=')) return (valueOf(text.charCodeAt(text.length - 2)) & 3) === 0;
  return true;
}

/** The offset in bytes of what is wrong; undefined when nothing is. A group of four that is cut short is wrong at its start. */
function illegalAt(text: string): number | undefined {
  let filled = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === newline || code === carriageReturn) continue;
    if (code === equals) return filled < 2 ? byteOffset(text, at) : padding(text, at, filled);
    if (valueOf(code) < 0) return byteOffset(text, at);
    filled = (filled + 1) % 4;
  }
  return filled === 0 ? undefined : at - filled;
}

/** What may follow the first `=`: a second one after two characters, then only line breaks. */
function padding(text: string, first: number, filled: number): number | undefined {
  let missing = filled === 2 ? 1 : 0;
  let at = first + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === newline || code === carriageReturn) continue;
    if (missing === 0 || code !== equals) return byteOffset(text, at);
    missing--;
  }
  return missing === 0 ? undefined : at;
}

function byteOffset(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index));
}
