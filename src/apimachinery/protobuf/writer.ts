// Writes protobuf's wire format from the last byte to the first: the length of a message is known when its turn comes.
// https://protobuf.dev/programming-guides/encoding/

/** A text up to this length is written character by character, which beats a call into the runtime. */
const shortText = 24;

/** A buffer that grew beyond this is let go after use, in bytes. */
const mostKept = 1024 * 1024;

export class WireWriter {
  private buffer: Buffer = Buffer.allocUnsafeSlow(16 * 1024);
  /** Where what is written begins. */
  private at = this.buffer.length;

  /** How many bytes are written. */
  get length(): number {
    return this.buffer.length - this.at;
  }

  /** A copy of what is written; the writer is empty after. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(this.at));
    this.clear();
    return bytes;
  }

  /** Forgets what is written. */
  clear(): void {
    if (this.buffer.length > mostKept) this.buffer = Buffer.allocUnsafeSlow(16 * 1024);
    this.at = this.buffer.length;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.room(10);
    if (value < 0x80) {
      this.buffer[--this.at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    let at = (this.at -= size);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[at] = rest;
  }

  /** Any whole number of 64 bits; negative ones take ten bytes. */
  integer(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.varint(value);
    this.room(10);
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
    const bytes: number[] = [];
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    for (let index = bytes.length - 1; index >= 0; index--) this.buffer[--this.at] = bytes[index]!;
  }

  double(value: number): void {
    this.room(8);
    this.at -= 8;
    this.buffer.writeDoubleLE(value, this.at);
  }

  /** The bytes and, before them, their length. */
  bytes(bytes: Uint8Array): void {
    this.room(bytes.byteLength);
    this.at -= bytes.byteLength;
    this.buffer.set(bytes, this.at);
    this.varint(bytes.byteLength);
  }

  /** The text as UTF-8 and, before it, its length in bytes. */
  string(text: string): void {
    const { length } = text;
    if (length <= shortText && this.ascii(text, length)) return this.varint(length);
    const size = Buffer.byteLength(text);
    this.room(size);
    this.at -= size;
    this.buffer.write(text, this.at, size, 'utf8');
    this.varint(size);
  }

  private ascii(text: string, length: number): boolean {
    this.room(length);
    let at = this.at;
    for (let index = length - 1; index >= 0; index--) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      this.buffer[--at] = code;
    }
    this.at = at;
    return true;
  }

  private room(bytes: number): void {
    if (this.at >= bytes) return;
    const used = this.length;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, used + bytes + 1024));
    this.buffer.copy(larger, larger.length - used, this.at);
    this.buffer = larger;
    this.at = larger.length - used;
  }
}
