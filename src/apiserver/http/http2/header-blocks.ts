// Puts header blocks together that come in several frames. https://www.rfc-editor.org/rfc/rfc9113#section-4.3
import { ConnectionError, errorCodes, flags } from './constants.js';
import { HeaderDecoder } from './header-decoder.js';
import type { HuffmanDecoder } from './huffman.js';

/** A block in more frames than this is meant to keep the server busy. */
const mostFrames = 200;

export interface HeaderBlock {
  readonly stream: number;
  readonly endStream: boolean;
  /** The stream is said to depend on itself. */
  readonly ownParent: boolean;
  /** Name, value, name, value; undefined when there is more than allowed. */
  readonly fields: readonly string[] | undefined;
}

export class HeaderBlocks {
  readonly #decoder: HeaderDecoder;
  #stream = 0;
  #endStream = false;
  #ownParent = false;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(
    huffman: HuffmanDecoder,
    private readonly largest: number,
  ) {
    this.#decoder = new HeaderDecoder(huffman, largest);
  }

  /** Whether the rest of a block is still to come. */
  get open(): boolean {
    return this.#stream !== 0;
  }

  get stream(): number {
    return this.#stream;
  }

  /** Takes a HEADERS frame; returns the block when it is whole. Throws a ConnectionError for what is no block. */
  begin(flag: number, stream: number, payload: Buffer): HeaderBlock | undefined {
    let start = 0;
    let end = payload.length;
    if ((flag & flags.padded) !== 0) {
      end -= payload[0] ?? 0;
      start = 1;
    }
    let ownParent = false;
    if ((flag & flags.priority) !== 0) {
      if (payload.length >= start + 4) ownParent = (payload.readUInt32BE(start) & 0x7fffffff) === stream;
      start += 5;
    }
    if (start > end) throw new ConnectionError(errorCodes.protocol, 'more padding than frame');
    const endStream = (flag & flags.endStream) !== 0;
    const part = payload.subarray(start, end);
    if ((flag & flags.endHeaders) !== 0) return { stream, endStream, ownParent, fields: this.#decoder.decode(part) };
    this.#stream = stream;
    this.#endStream = endStream;
    this.#ownParent = ownParent;
    this.#parts = [part];
    this.#length = part.length;
    return undefined;
  }

  /** Takes a CONTINUATION frame. */
  go(flag: number, stream: number, payload: Buffer): HeaderBlock | undefined {
    if (!this.open || stream !== this.#stream) throw new ConnectionError(errorCodes.protocol, 'CONTINUATION of nothing');
    this.#parts.push(payload);
    this.#length += payload.length;
    if (this.#length > 2 * this.largest || this.#parts.length > mostFrames) {
      throw new ConnectionError(errorCodes.enhanceYourCalm, 'a header block without an end');
    }
    if ((flag & flags.endHeaders) === 0) return undefined;
    const block = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#stream = 0;
    return { stream, endStream: this.#endStream, ownParent: this.#ownParent, fields: this.#decoder.decode(block) };
  }
}
