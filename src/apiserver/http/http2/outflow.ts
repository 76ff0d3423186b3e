// What one connection sends: the answers of its streams, in turns, within what the client and the network take.
// https://www.rfc-editor.org/rfc/rfc9113#section-5.2
import type { ResponseHeaders } from '../exchange.js';
import { ConnectionError, defaultWindow, errorCodes, largestWindow } from './constants.js';
import type { FrameWriter } from './frame-writer.js';
import { HeaderEncoder, headersSize } from './header-encoder.js';
import type { Stream } from './stream.js';

/** What may wait in the socket before streams wait themselves, in bytes. */
const mostInSocket = 512 * 1024;
/** What each stream may send before it is another's turn, in bytes. */
const turn = 64 * 1024;

export class Outflow {
  readonly encoder = new HeaderEncoder();
  /** Bytes of data that the client still allows on all streams together. */
  #window = defaultWindow;
  /** Streams that have more to send than they may. A set keeps the order, for turns. */
  readonly #blocked = new Set<Stream>();
  /** Streams that have written in this turn: their pieces go out in one frame. */
  #written: Stream[] = [];

  /** `date` gives the date of an answer. */
  constructor(
    private readonly writer: FrameWriter,
    private readonly socket: { readonly writableLength: number },
    private readonly date: () => string,
  ) {}

  /** Bytes that the network has not taken yet. */
  get waiting(): number {
    return this.writer.pending + this.socket.writableLength;
  }

  /** The client allows more. Throws a ConnectionError when it is more than there can be. */
  grow(bytes: number): void {
    this.#window += bytes;
    if (this.#window > largestWindow) throw new ConnectionError(errorCodes.flowControl, 'the window is too large');
    this.sendBlocked();
  }

  headers(stream: Stream, status: number, headers: ResponseHeaders, endStream: boolean, length?: number): void {
    this.writer.headers(stream.id, endStream, headersSize(headers), (out, at) => {
      at = this.encoder.status(out, at, status);
      at = this.encoder.fields(out, at, headers);
      if (length !== undefined) at = this.encoder.field(out, at, 'content-length', String(length));
      return this.encoder.field(out, at, 'date', this.date());
    });
  }

  /**
   * Sends once all that came with this turn of the event loop has been answered: who waits for an answer goes before those who watch what it did,
   * and what several writes of one turn did goes out together.
   */
  sendSoon(stream: Stream): void {
    if (stream.listed) return;
    stream.listed = true;
    if (this.#written.push(stream) === 1) setImmediate(() => this.#sendWritten());
  }

  #sendWritten(): void {
    // Who has been waiting for this writes again meanwhile, and is sent in the next turn.
    const written = this.#written;
    this.#written = [];
    for (const stream of written) {
      stream.listed = false;
      if (!stream.closed) this.send(stream);
    }
    this.writer.send();
  }

  /** Sends as much of what a stream has as may be sent now; the rest waits for {@link sendBlocked}. */
  send(stream: Stream): void {
    let sent = 0;
    while (stream.hasMore) {
      const allowed = Math.min(stream.window, this.#window);
      // An end without data needs no window.
      if ((allowed <= 0 && stream.buffered() > 0) || this.waiting > mostInSocket || (sent >= turn && this.#blocked.size > 0)) {
        this.#blocked.delete(stream);
        this.#blocked.add(stream);
        return;
      }
      const length = stream.nextFrame(Math.max(allowed, 0), (last, size, pieces, piece, offset) =>
        this.writer.data(stream.id, last, size, pieces, piece, offset),
      );
      stream.window -= length;
      this.#window -= length;
      sent += length;
    }
    this.#blocked.delete(stream);
    stream.drained();
  }

  /** Gives those that wait their turns, as long as there is room. */
  sendBlocked(): void {
    let progress = true;
    while (progress && this.#blocked.size > 0 && this.waiting <= mostInSocket && this.#window > 0) {
      progress = false;
      for (const stream of [...this.#blocked]) {
        const before = stream.buffered();
        if (stream.window > 0 || before === 0) this.send(stream);
        if (stream.buffered() < before || before === 0) progress = true;
      }
    }
  }

  forget(stream: Stream): void {
    this.#blocked.delete(stream);
  }
}
