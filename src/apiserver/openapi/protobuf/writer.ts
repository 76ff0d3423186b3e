// Writes protobuf's wire format into one growing buffer. https://protobuf.dev/programming-guides/encoding/

/** Appends fields; nested messages are written in place, their length put before them afterwards. */
export class WireWriter {
  private buffer: Buffer = Buffer.allocUnsafe(64 * 1024);
  private length = 0;

  /** The bytes written so far; the writer must not be used after. */
  finish(): Uint8Array {
    return new Uint8Array(this.buffer.buffer, this.buffer.byteOffset, this.length).slice();
  }

  bool(field: number, value: boolean): void {
    this.varint(field * 8);
    this.varint(value ? 1 : 0);
  }

  /** A whole number from 0 up to 2^53. */
  integer(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.room(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  string(field: number, value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(field * 8 + 2);
    this.varint(size);
    this.room(size);
    this.length += this.buffer.write(value, this.length, size, 'utf8');
  }

  /** A field that holds what `write` writes. */
  message(field: number, write: () => void): void {
    const end = this.begin(field);
    write();
    end();
  }

  /** A field that holds all that is written until the function is called. */
  begin(field: number): () => void {
    this.varint(field * 8 + 2);
    // Two bytes hold most lengths; where they do not, the message is moved.
    const guess = 2;
    this.room(guess);
    const lengthAt = this.length;
    this.length += guess;
    return () => this.end(lengthAt, guess);
  }

  private end(lengthAt: number, guess: number): void {
    const size = this.length - lengthAt - guess;
    const needed = varintSize(size);
    if (needed !== guess) {
      this.room(needed);
      this.buffer.copyWithin(lengthAt + needed, lengthAt + guess, this.length);
    }
    this.length = lengthAt;
    this.varint(size);
    this.length += size;
  }

  private varint(value: number): void {
    this.room(10);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
