// Writes header fields (HPACK), without a table of its own: answers have few fields, and what is constant in them is short.
// https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2
import type { ResponseHeaders } from '../exchange.js';
import { staticNames, staticTable } from './static-table.js';

const status = 8;
const knownStatus = new Map(
  staticTable.flatMap(({ name, value }, index) => (name === ':status' ? [[Number(value), index + 1] as const] : [])),
);

/** The most bytes that the fields of an answer can take. */
export function headersSize(headers: ResponseHeaders): number {
  // The status, its length and the date beside them.
  let size = 64;
  for (const name in headers) {
    const value = headers[name]!;
    if (typeof value === 'string') size += name.length + value.length + 12;
    else for (const one of value) size += name.length + one.length + 12;
  }
  return size;
}

/** Writes the status at `at` and returns the place after it. */
export function writeStatusField(out: Buffer, at: number, code: number): number {
  const known = knownStatus.get(code);
  if (known !== undefined) {
    out[at] = 0x80 | known;
    return at + 1;
  }
  out[at] = status;
  return writeString(out, at + 1, String(code));
}

/** Writes all fields of an answer; those that only HTTP/1.1 has are left out. */
export function writeFields(out: Buffer, at: number, headers: ResponseHeaders): number {
  for (const name in headers) {
    const value = headers[name]!;
    if (name === 'Connection') continue;
    const lower = name.toLowerCase();
    if (typeof value === 'string') at = writeField(out, at, lower, value);
    else for (const one of value) at = writeField(out, at, lower, one);
  }
  return at;
}

/** Writes one field, never to be kept in the client's table. `name` is in lower case. */
export function writeField(out: Buffer, at: number, name: string, value: string): number {
  const index = staticNames.get(name);
  if (index === undefined) {
    out[at] = 0;
    at = writeString(out, at + 1, name);
  } else if (index < 15) out[at++] = index;
  else {
    out[at++] = 15;
    out[at++] = index - 15;
  }
  return writeString(out, at, value);
}

function writeString(out: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length < 127) out[at++] = length;
  else {
    out[at++] = 127;
    let rest = length - 127;
    while (rest >= 128) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  }
  return at + out.write(text, at, length, 'latin1');
}
