// Reads protobuf's wire format within bounds, with the real server's words for what is wrong.
// https://protobuf.dev/programming-guides/encoding/
import { NumberLiteral } from '../schema/problems.js';

/** The bytes are no such message. The message is what the real server says of them. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

export const unexpectedEnd = 'unexpected EOF';

export const varintWire = 0;
export const fixed64Wire = 1;
export const lengthWire = 2;
const startGroupWire = 3;
const endGroupWire = 4;
const fixed32Wire = 5;

/** A place in a buffer; `end` is where the message that is being read ends. */
export class WireReader {
  at = 0;
  end: number;
  private readonly buffer: Buffer;
  /** The varint read last, in two unsigned halves. */
  private low = 0;
  private high = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  /** Field number and wire type of the next field, as `number * 8 + type`; the message's name is for errors. */
  tag(message: string): number {
    this.varint();
    const type = this.low & 7;
    const number = ((this.high & 7) << 29) | (this.low >>> 3);
    if (type === endGroupWire) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${type})`);
    return number * 8 + type;
  }

  bool(): boolean {
    this.varint();
    return this.low !== 0 || this.high !== 0;
  }

  int32(): number {
    this.varint();
    return this.low | 0;
  }

  /** What does not fit a double keeps its digits. */
  int64(): number | NumberLiteral {
    this.varint();
    const value = (this.high | 0) * 0x1_0000_0000 + this.low;
    if (Number.isSafeInteger(value)) return value;
    return new NumberLiteral(String((BigInt(this.high | 0) << 32n) | BigInt(this.low)));
  }

  double(): number {
    if (this.at + 8 > this.end) throw new ProtobufError(unexpectedEnd);
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** Reads a length and returns where what it measures ends. */
  lengthEnd(): number {
    this.varint();
    if (this.high >= 0x8000_0000) throw new ProtobufError('proto: negative length found during unmarshaling');
    const end = this.at + this.low;
    if (this.high !== 0 || end > this.end) throw new ProtobufError(unexpectedEnd);
    return end;
  }

  string(): string {
    const end = this.lengthEnd();
    const text = this.buffer.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const end = this.lengthEnd();
    const bytes = this.buffer.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  /** Passes over a field that nobody knows, groups included. */
  skip(wireType: number): void {
    let groups = 0;
    for (let type = wireType; ;) {
      switch (type) {
        case varintWire:
          this.varint();
          break;
        case fixed64Wire:
          this.pass(8);
          break;
        case lengthWire:
          this.at = this.lengthEnd();
          break;
        case startGroupWire:
          groups++;
          break;
        case endGroupWire:
          if (groups === 0) throw new ProtobufError('proto: unexpected end of group');
          groups--;
          break;
        case fixed32Wire:
          this.pass(4);
          break;
        default:
          throw new ProtobufError(`proto: illegal wireType ${type}`);
      }
      if (groups === 0) return;
      this.varint();
      type = this.low & 7;
    }
  }

  private pass(bytes: number): void {
    if (this.at + bytes > this.end) throw new ProtobufError(unexpectedEnd);
    this.at += bytes;
  }

  private varint(): void {
    const { buffer, end } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift >= 64) throw new ProtobufError('proto: integer overflow');
      if (this.at >= end) throw new ProtobufError(unexpectedEnd);
      const byte = buffer[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }
}
