// Puts the frames of one turn of the event loop together, so that they go out in one write.
import { defaultFrameSize, flags, frameHeadLength, frameTypes } from './constants.js';

/** The most that is gathered before it is written, in bytes. */
const largest = 256 * 1024;
const bufferSize = largest + 2 * (defaultFrameSize + frameHeadLength);
/** What is less is copied out of the buffer, which stays. */
const copied = 32 * 1024;

/** Buffers that all connections of a server gather their frames in; a long answer needs the same few again and again. */
export class FrameBuffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferSize);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < 4) this.#free.push(buffer);
  }
}

export class FrameWriter {
  #out: Buffer | undefined;
  #length = 0;
  #scheduled = false;
  /** Writes that the network has not taken yet. */
  #writing = 0;

  /** `write` hands bytes to the network and says when it has taken them: they are not needed any more then. */
  constructor(
    private readonly buffers: FrameBuffers,
    private readonly write: (bytes: Buffer, done: () => void) => void,
  ) {}

  /** Bytes that are gathered and not yet written. */
  get pending(): number {
    return this.#length;
  }

  frame(type: number, flag: number, stream: number, payload: Uint8Array): void {
    const at = this.#begin(payload.length);
    const out = this.#out!;
    head(out, at, payload.length, type, flag, stream);
    out.set(payload, at + frameHeadLength);
    this.#advance(frameHeadLength + payload.length);
  }

  /** The frames of a header block: one, or more when it is long. `fill` writes at most `size` bytes and returns the place after them. */
  headers(stream: number, endStream: boolean, size: number, fill: (out: Buffer, at: number) => number): void {
    const flag = endStream ? flags.endStream : 0;
    if (size <= defaultFrameSize) {
      const at = this.#begin(size);
      const out = this.#out!;
      const end = fill(out, at + frameHeadLength);
      const length = end - at - frameHeadLength;
      head(out, at, length, frameTypes.headers, flag | flags.endHeaders, stream);
      return this.#advance(frameHeadLength + length);
    }
    const whole = Buffer.allocUnsafe(size);
    const length = fill(whole, 0);
    for (let from = 0; from < length; from += defaultFrameSize) {
      const to = Math.min(from + defaultFrameSize, length);
      const last = to === length ? flags.endHeaders : 0;
      this.frame(
        from === 0 ? frameTypes.headers : frameTypes.continuation,
        from === 0 ? flag | last : last,
        stream,
        whole.subarray(from, to),
      );
    }
  }

  /** A data frame of `length` bytes, taken from `pieces` from `piece` and `offset` on. */
  data(stream: number, endStream: boolean, length: number, pieces: readonly Uint8Array[], piece: number, offset: number): void {
    const begin = this.#begin(length);
    const out = this.#out!;
    head(out, begin, length, frameTypes.data, endStream ? flags.endStream : 0, stream);
    let at = begin + frameHeadLength;
    const end = at + length;
    while (at < end) {
      const bytes = pieces[piece]!;
      const take = Math.min(bytes.length - offset, end - at);
      out.set(take === bytes.length ? bytes : bytes.subarray(offset, offset + take), at);
      at += take;
      piece++;
      offset = 0;
    }
    this.#advance(frameHeadLength + length);
  }

  /** Writes what is gathered, once what was written before has been taken: so one write after another takes all that came meanwhile. */
  send(): void {
    if (this.#writing === 0) this.flush();
  }

  /** Writes what is gathered now. */
  flush(): void {
    const length = this.#length;
    if (length === 0) return;
    const out = this.#out!;
    this.#length = 0;
    this.#out = undefined;
    this.#writing++;
    if (length <= copied) {
      this.write(Buffer.from(out.subarray(0, length)), () => this.#taken());
      this.buffers.give(out);
    } else {
      this.write(out.subarray(0, length), () => {
        this.buffers.give(out);
        this.#taken();
      });
    }
  }

  #taken(): void {
    this.#writing--;
    this.send();
  }

  #begin(payload: number): number {
    // A frame is never larger than what is left: what is full is written.
    if (this.#length + frameHeadLength + payload > bufferSize) this.flush();
    this.#out ??= this.buffers.take();
    this.#schedule();
    return this.#length;
  }

  /** Writes at the end of this turn, after all that it still has to say: callbacks of promises come first. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.send();
    });
  }

  #advance(bytes: number): void {
    this.#length += bytes;
    if (this.#length >= largest) this.flush();
  }
}

function head(out: Buffer, at: number, length: number, type: number, flag: number, stream: number): void {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flag;
  out[at + 5] = stream >>> 24;
  out[at + 6] = stream >>> 16;
  out[at + 7] = stream >>> 8;
  out[at + 8] = stream;
}
