// Cuts what comes over a connection into frames.
import { ConnectionError, defaultFrameSize, errorCodes, frameHeadLength, preface } from './constants.js';

/** Takes one frame; `payload` is valid during the call only when its bytes are copied or done with. */
export type FrameHandler = (type: number, flags: number, stream: number, payload: Buffer) => void;

export class FrameReader {
  /** The beginning of a frame whose end has not come, as it came: a frame in a thousand pieces is put together once. */
  #parts: Buffer[] = [];
  #have = 0;
  #need = preface.length;
  #greeted = false;

  constructor(private readonly handle: FrameHandler) {}

  /** Whether the client has said that it speaks HTTP/2. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Takes the next bytes. Throws a ConnectionError for what is no HTTP/2. */
  take(chunk: Buffer): void {
    const bytes = this.#joined(chunk);
    if (bytes === undefined) return;
    let at = 0;
    if (!this.#greeted) {
      const length = Math.min(bytes.length, preface.length);
      if (bytes.compare(preface, 0, length, 0, length) !== 0) throw new ConnectionError(errorCodes.protocol, 'no preface of HTTP/2');
      if (bytes.length < preface.length) return this.#wait(bytes, preface.length);
      this.#greeted = true;
      at = preface.length;
    }
    let need = frameHeadLength;
    while (bytes.length - at >= frameHeadLength) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (length > defaultFrameSize) throw new ConnectionError(errorCodes.frameSize, 'a frame is larger than allowed');
      const end = at + frameHeadLength + length;
      if (end > bytes.length) {
        need = end - at;
        break;
      }
      const stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
      this.handle(bytes[at + 3]!, bytes[at + 4]!, stream, bytes.subarray(at + frameHeadLength, end));
      at = end;
    }
    this.#wait(at === 0 ? bytes : bytes.subarray(at), need);
  }

  #wait(rest: Buffer, need: number): void {
    if (rest.length > 0) this.#parts.push(rest);
    this.#have = rest.length;
    this.#need = need;
  }

  /** All that is not yet read, once it is enough for a step. */
  #joined(chunk: Buffer): Buffer | undefined {
    if (this.#parts.length === 0) return chunk;
    this.#parts.push(chunk);
    this.#have += chunk.length;
    // The preface is compared as it comes, so that who speaks something else is told at once.
    if (this.#have < this.#need && this.#greeted) return undefined;
    const bytes = Buffer.concat(this.#parts, this.#have);
    this.#parts = [];
    return bytes;
  }
}
