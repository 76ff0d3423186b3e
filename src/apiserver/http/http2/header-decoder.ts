// Reads compressed header fields (HPACK). https://www.rfc-editor.org/rfc/rfc7541
import { ConnectionError, errorCodes } from './constants.js';
import type { HuffmanDecoder } from './huffman.js';
import { staticTable } from './static-table.js';

/** What the table of one connection may hold, in the RFC's count: 32 bytes a field beside its name and value. */
const tableSize = 4096;
const fieldOverhead = 32;

/** The state of one connection: every block must pass through it, in order. */
export class HeaderDecoder {
  /** Newest last; those before `#first` have been evicted. */
  #names: string[] = [];
  #values: string[] = [];
  #first = 0;
  #size = 0;
  #largest = tableSize;
  #at = 0;

  constructor(
    private readonly huffman: HuffmanDecoder,
    private readonly largestList: number,
  ) {}

  /**
   * The fields of a whole block: name, value, name, value. Undefined when they exceed the largest list, in the RFC's count; the block has
   * been taken in all the same. Throws a ConnectionError for what is no block.
   */
  decode(block: Buffer): string[] | undefined {
    const fields: string[] = [];
    let size = 0;
    let began = false;
    this.#at = 0;
    while (this.#at < block.length) {
      const first = block[this.#at]!;
      if (first >= 0x80) {
        const index = this.#integer(block, 7);
        const name = this.#nameAt(index);
        const value = index <= staticTable.length ? staticTable[index - 1]!.value : this.#values[this.#place(index)]!;
        size += name.length + value.length + fieldOverhead;
        if (size <= this.largestList) fields.push(name, value);
        began = true;
        continue;
      }
      if (first >= 0x20 && first < 0x40) {
        const largest = this.#integer(block, 5);
        // Only at the beginning, and within what we allowed.
        if (began || largest > tableSize) throw wrong('the size of the header table was changed wrongly');
        this.#largest = largest;
        this.#evict(0);
        continue;
      }
      const indexed = first >= 0x40;
      const index = this.#integer(block, indexed ? 6 : 4);
      const name = index === 0 ? this.#string(block) : this.#nameAt(index);
      const value = this.#string(block);
      if (indexed) this.#keep(name, value);
      size += name.length + value.length + fieldOverhead;
      if (size <= this.largestList) fields.push(name, value);
      began = true;
    }
    return size <= this.largestList ? fields : undefined;
  }

  #nameAt(index: number): string {
    if (index === 0) throw wrong('a header field has no index 0');
    return index <= staticTable.length ? staticTable[index - 1]!.name : this.#names[this.#place(index)]!;
  }

  #place(index: number): number {
    const place = this.#names.length - (index - staticTable.length);
    if (place < this.#first) throw wrong('a header field is not in the table');
    return place;
  }

  #keep(name: string, value: string): void {
    const size = name.length + value.length + fieldOverhead;
    this.#evict(size);
    if (size > this.#largest) return;
    this.#names.push(name);
    this.#values.push(value);
    this.#size += size;
  }

  /** Makes room for `size`, dropping the oldest. */
  #evict(size: number): void {
    while (this.#first < this.#names.length && this.#size + size > this.#largest) {
      this.#size -= this.#names[this.#first]!.length + this.#values[this.#first]!.length + fieldOverhead;
      this.#first++;
    }
    if (this.#first > 256) {
      this.#names = this.#names.slice(this.#first);
      this.#values = this.#values.slice(this.#first);
      this.#first = 0;
    }
  }

  #integer(block: Buffer, bits: number): number {
    const most = (1 << bits) - 1;
    let value = block[this.#at++]! & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = block[this.#at++];
      if (byte === undefined) throw wrong('a header block ends in the middle of a number');
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw wrong('a number in a header block is too large');
  }

  #string(block: Buffer): string {
    const first = block[this.#at];
    if (first === undefined) throw wrong('a header block ends in the middle of a field');
    const length = this.#integer(block, 7);
    const start = this.#at;
    const end = start + length;
    if (end > block.length) throw wrong('a header block ends in the middle of a string');
    this.#at = end;
    return first >= 0x80 ? this.huffman.decode(block, start, end) : block.toString('latin1', start, end);
  }
}

function wrong(message: string): ConnectionError {
  return new ConnectionError(errorCodes.compression, message);
}
