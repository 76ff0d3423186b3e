// Writes a stream's chunks as fast as the client takes them, and gives up on a client that does not.
import type { ResponseStream } from './exchange.js';

/** How much is handed to the network at a time, in bytes. */
const portion = 256 * 1024;

/** How much may wait for a slow client beyond what it was sent at the start, in bytes and in chunks. */
const mostWaiting = 32 * 1024 * 1024;
const mostChunks = 20_000;

export class Pump {
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  #blocked = false;
  #ending = false;
  /** How much may wait; whatever it is before {@link limit}. */
  #mostBytes = Infinity;
  #mostChunks = Infinity;

  /** `onOverrun` is called once when the client is too slow; nothing is sent after. */
  constructor(
    private readonly stream: ResponseStream,
    private readonly onOverrun: () => void,
  ) {}

  push(chunk: Uint8Array): void {
    if (this.#ending) return;
    if (!this.#blocked && this.#waiting.length === 0 && this.stream.buffered() <= portion) return this.stream.write(chunk);
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes > this.#mostBytes || this.#waiting.length > this.#mostChunks) {
      this.#ending = true;
      this.#waiting = [];
      this.onOverrun();
      return;
    }
    this.#schedule();
  }

  /** From now on the client may not fall behind; what was pushed before (a first list) does not count, until it has been taken. */
  limit(): void {
    this.#mostBytes = mostWaiting + this.#waitingBytes;
    this.#mostChunks = mostChunks + this.#waiting.length;
  }

  /** Ends the stream after all that was pushed. */
  end(): void {
    this.#ending = true;
    this.#schedule();
  }

  /** What waits and comes in one turn of the event loop goes out together. */
  #schedule(): void {
    if (this.#scheduled || this.#blocked) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      if (this.stream.buffered() > portion) {
        this.#blocked = true;
        this.stream.onDrain(() => {
          this.#blocked = false;
          this.#flush();
        });
        return;
      }
      let bytes = 0;
      let count = 0;
      while (count < this.#waiting.length && bytes < portion) bytes += this.#waiting[count++]!.byteLength;
      const chunks = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
      this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count);
      this.#waitingBytes -= bytes;
      this.stream.write(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
    }
    if (this.#mostBytes !== Infinity) this.limit();
    if (this.#ending) this.stream.end();
  }
}
