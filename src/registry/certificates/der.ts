// The binary form of certificate requests, as far as their rules need it. The texts of errors are those that clients of a real server see.
// https://www.rfc-editor.org/rfc/rfc2986#section-4
export class DerError extends Error {}

/** One value: where it starts, and what it holds. */
export interface DerValue {
  readonly tag: number;
  /** With the header. */
  readonly raw: Buffer;
  readonly content: Buffer;
}

export const sequence = 0x30;
export const bitString = 0x03;
export const objectIdentifier = 0x06;

const parameters =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';

/** Reads one value after the other out of what a value holds. */
export class DerReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The next value. Throws DerError when there is none, or not all of it. */
  next(): DerValue {
    return this.#read(undefined, '');
  }

  /** The next value, which must be a sequence; `name` is what the error calls it. */
  sequence(name: string): DerValue {
    return this.#read(sequence, name);
  }

  #read(expected: number | undefined, name: string): DerValue {
    const { bytes } = this;
    const start = this.#at;
    if (start >= bytes.length) throw new DerError('asn1: syntax error: sequence truncated');
    const tag = bytes[start]!;
    const { length, content } = this.#length(start + 1);
    if (expected !== undefined && tag !== expected) {
      const seen = `{class:${tag >> 6} tag:${tag & 0x1f} length:${length} isCompound:${(tag & 0x20) !== 0}}`;
      throw new DerError(`asn1: structure error: tags don't match (${expected & 0x1f} vs ${seen}) ${parameters} ${name} @${content}`);
    }
    if (content + length > bytes.length) throw new DerError('asn1: syntax error: data truncated');
    this.#at = content + length;
    return { tag, raw: bytes.subarray(start, this.#at), content: bytes.subarray(content, this.#at) };
  }

  /** The length at this place, and where the content begins. */
  #length(at: number): { readonly length: number; readonly content: number } {
    const { bytes } = this;
    const truncated = 'asn1: syntax error: truncated tag or length';
    if (at >= bytes.length) throw new DerError(truncated);
    const first = bytes[at]!;
    if (first < 0x80) return { length: first, content: at + 1 };
    const count = first & 0x7f;
    if (count === 0) throw new DerError('asn1: syntax error: indefinite length found (not DER)');
    if (count > 4) throw new DerError('asn1: structure error: length too large');
    if (at + count >= bytes.length) throw new DerError(truncated);
    return { length: bytes.readUIntBE(at + 1, count), content: at + 1 + count };
  }
}

/** `1.2.840.10045.4.3.2` */
export function oidText(content: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (parts.length === 0) parts.push(Math.min(Math.floor(value / 40), 2), value - Math.min(Math.floor(value / 40), 2) * 40);
    else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}
