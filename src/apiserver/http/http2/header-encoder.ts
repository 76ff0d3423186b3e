// Writes header fields (HPACK). What every answer of a connection repeats is kept in the client's table, so that it is one byte from then on.
// https://www.rfc-editor.org/rfc/rfc7541#section-6
import type { ResponseHeaders } from '../exchange.js';
import { staticNames, staticTable } from './static-table.js';

const status = 8;
const knownStatus = new Map(
  staticTable.flatMap(({ name, value }, index) => (name === ':status' ? [[Number(value), index + 1] as const] : [])),
);

/** The most bytes that the fields of an answer can take. */
export function headersSize(headers: ResponseHeaders): number {
  // The status, the length and the date beside them.
  let size = 96;
  for (const name in headers) {
    const value = headers[name]!;
    if (typeof value === 'string') size += name.length + value.length + 12;
    else for (const one of value) size += name.length + one.length + 12;
  }
  return size;
}

/** Fields whose values repeat from answer to answer. Of `audit-id` only the name does. */
const repeated = new Set([
  'cache-control',
  'content-type',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
  'x-content-type-options',
  'audit-id',
]);

/** What clients keep unless they say otherwise, in bytes: https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
const tableSize = 4096;
/** So much is put into the table; nothing ever falls out of it. */
const mostSize = 2048;
const mostEntries = 24;
/** The index of the newest field of the client's table. */
const newest = staticTable.length + 1;

interface Name {
  /** In lower case; '' for what HTTP/2 does not have. */
  readonly text: string;
  /** Its index in the table that both sides know from the start. */
  readonly index: number | undefined;
  readonly repeats: boolean;
  /** By value: which field of the client's table it was, counted from the first. */
  readonly entries: Map<string, number>;
}

/** The writer's side of one connection. */
export class HeaderEncoder {
  /** By the name as it is given, in its own case. Only names that repeat and those of the code are here, which are few. */
  readonly #names = new Map<string, Name>();
  #entries = 0;
  #size = 0;
  #keeps = true;
  /** What the client must be told before the next fields: that its table is not used. */
  #empties = false;

  /** The client keeps so many bytes of fields. */
  limit(size: number): void {
    if (size >= tableSize || !this.#keeps) return;
    this.#keeps = false;
    this.#empties = true;
    this.#names.clear();
  }

  /** Writes the status at `at` and returns the place after it. */
  status(out: Buffer, at: number, code: number): number {
    if (this.#empties) {
      this.#empties = false;
      out[at++] = 0x20;
    }
    const known = knownStatus.get(code);
    if (known !== undefined) {
      out[at] = 0x80 | known;
      return at + 1;
    }
    out[at] = status;
    return writeString(out, at + 1, String(code));
  }

  /** Writes all fields of an answer; those that only HTTP/1.1 has are left out. */
  fields(out: Buffer, at: number, headers: ResponseHeaders): number {
    for (const given in headers) {
      const value = headers[given]!;
      const name = this.#names.get(given) ?? this.#nameOf(given);
      if (name.text === '') continue;
      if (typeof value === 'string') at = this.#field(out, at, name, value);
      else for (const one of value) at = this.#field(out, at, name, one);
    }
    return at;
  }

  /** Writes one field. */
  field(out: Buffer, at: number, name: string, value: string): number {
    return this.#field(out, at, this.#names.get(name) ?? this.#nameOf(name), value);
  }

  #field(out: Buffer, at: number, name: Name, value: string): number {
    if (name.repeats && this.#keeps) {
      const entry = name.entries.get(value);
      if (entry !== undefined) {
        out[at] = 0x80 | this.#indexOf(entry);
        return at + 1;
      }
      const size = name.text.length + value.length + 32;
      // Of names with ever new values the first is enough: it brings the name.
      if ((name.text !== 'audit-id' || name.entries.size === 0) && this.#entries < mostEntries && this.#size + size <= mostSize) {
        at = name.index === undefined ? writeString(out, begin(out, at, 0x40), name.text) : begin(out, at, 0x40 | name.index);
        name.entries.set(value, this.#entries++);
        this.#size += size;
        return writeString(out, at, value);
      }
    }
    return writeString(out, this.#name(out, at, name), value);
  }

  /** A name whose value is not to be kept. */
  #name(out: Buffer, at: number, name: Name): number {
    let { index } = name;
    if (index === undefined && name.entries.size > 0) index = this.#indexOf(name.entries.values().next().value!);
    if (index === undefined) return writeString(out, begin(out, at, 0), name.text);
    if (index < 15) return begin(out, at, index);
    out[at++] = 15;
    return begin(out, at, index - 15);
  }

  #indexOf(entry: number): number {
    return newest + this.#entries - 1 - entry;
  }

  #nameOf(given: string): Name {
    const text = given === 'Connection' ? '' : given.toLowerCase();
    const name: Name = { text, index: staticNames.get(text), repeats: repeated.has(text), entries: this.#entriesOf(text) };
    if (this.#keeps && this.#names.size < 64) this.#names.set(given, name);
    return name;
  }

  /** What is known of a name that was given in another case. */
  #entriesOf(text: string): Map<string, number> {
    for (const name of this.#names.values()) if (name.text === text) return name.entries;
    return new Map<string, number>();
  }
}

function begin(out: Buffer, at: number, byte: number): number {
  out[at] = byte;
  return at + 1;
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
