// One request of an HTTP/2 connection and its answer: https://www.rfc-editor.org/rfc/rfc9113#section-5
import { BodyTooLarge, ClientGone, type BodySink, type ResponseHeaders, type ResponseStream } from '../exchange.js';
import { defaultFrameSize, errorCodes, StreamError } from './constants.js';
import type { RequestHead } from './request-headers.js';

/** What a stream needs of its connection. */
export interface StreamTransport {
  headers(stream: Stream, status: number, headers: ResponseHeaders, endStream: boolean, length?: number): void;
  /** Sends as much of what waits as may be sent now. */
  send(stream: Stream): void;
  /** The same at the end of this turn of the event loop. */
  sendSoon(stream: Stream): void;
  reset(stream: Stream, code: number): void;
  /** Says that `bytes` of a body have been taken, so that the client may send more. */
  consumed(stream: Stream, bytes: number): void;
  closed(stream: Stream): void;
}

const none = new Uint8Array(0);

interface BodyReader {
  readonly limit: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class Stream implements ResponseStream {
  /** Bytes of an answer that the client still allows. */
  window: number;
  /** Bytes taken of the body that the client has not been told of. */
  untold = 0;
  /** Whether the transport remembers to send. */
  listed = false;

  /** What waits to be sent: from `#piece` on, without the first `#offset` bytes of it. */
  #pieces: Uint8Array[] = [];
  #piece = 0;
  #offset = 0;
  #waiting = 0;
  #ending = false;
  #headersSent = false;
  #endSent = false;

  #body: Buffer[] = [];
  #bodyLength = 0;
  /** Bytes of the body that came before anyone asked for it. */
  #held = 0;
  #reader: BodyReader | undefined;
  #sink: BodySink | undefined;
  #discarding = false;
  #remoteEnded = false;
  #closed = false;
  #onClose: (() => void)[] = [];
  #onDrain: (() => void) | undefined;

  constructor(
    readonly id: number,
    private readonly transport: StreamTransport,
    readonly head: RequestHead,
    window: number,
  ) {
    this.window = window;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get remoteEnded(): boolean {
    return this.#remoteEnded;
  }

  // The request's body.

  /** Takes a part of the body. Throws a StreamError when more comes than was announced. */
  receive(bytes: Buffer): void {
    this.#bodyLength += bytes.length;
    const { contentLength } = this.head;
    if (contentLength !== undefined && this.#bodyLength > contentLength) throw lengthError();
    if (this.#discarding) return this.transport.consumed(this, bytes.length);
    if (this.#sink !== undefined) return this.#sink.piece(bytes, () => this.transport.consumed(this, bytes.length));
    if (this.#reader !== undefined && this.#bodyLength > this.#reader.limit) {
      this.#refuse(this.#reader);
      return this.transport.consumed(this, bytes.length);
    }
    this.#body.push(bytes);
    if (this.#reader === undefined) this.#held += bytes.length;
    else this.transport.consumed(this, bytes.length);
  }

  /** The body is complete. Throws a StreamError when less came than was announced. */
  receiveEnd(): void {
    this.#remoteEnded = true;
    const { contentLength } = this.head;
    if (contentLength !== undefined && this.#bodyLength !== contentLength) throw lengthError();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(this.#takeBody());
    this.#sink?.end();
    this.#closeIfDone();
  }

  readBody(limit: number): Promise<Uint8Array> {
    if (this.#remoteEnded && this.#bodyLength <= limit) return Promise.resolve(this.#takeBody());
    return new Promise((resolve, reject) => {
      const reader: BodyReader = { limit, resolve, reject };
      if (this.#closed) reject(new ClientGone());
      else if (this.#bodyLength > limit || (this.head.contentLength ?? 0) > limit) this.#refuse(reader);
      else {
        this.#reader = reader;
        this.#release();
      }
    });
  }

  /** Gives the body to `sink` from now on; the client is let send more as pieces are taken. */
  streamBody(sink: BodySink): void {
    if (this.#closed) return sink.gone();
    this.#sink = sink;
    const pieces = this.#body;
    this.#body = [];
    this.#held = 0;
    for (const piece of pieces) sink.piece(piece, () => this.transport.consumed(this, piece.length));
    if (this.#remoteEnded) sink.end();
  }

  #takeBody(): Uint8Array {
    const chunks = this.#body;
    this.#body = [];
    this.#release();
    // Single pieces are parts of what came over the connection at once, which they would keep alive as long as themselves.
    return chunks.length === 0 ? none : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#bodyLength);
  }

  #refuse(reader: BodyReader): void {
    this.#reader = undefined;
    this.discard();
    reader.reject(new BodyTooLarge(reader.limit));
  }

  /** What came and what still comes of the body is thrown away. */
  discard(): void {
    this.#discarding = true;
    this.#body = [];
    this.#release();
  }

  #release(): void {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    this.transport.consumed(this, held);
  }

  // The answer.

  get headersSent(): boolean {
    return this.#headersSent;
  }

  /** `length` of the whole answer in bytes, where it is known. */
  respondHeaders(status: number, headers: ResponseHeaders, endStream: boolean, length?: number): void {
    this.#headersSent = true;
    if (endStream) this.#endSent = true;
    this.transport.headers(this, status, headers, endStream, length);
    if (endStream) this.#finish();
  }

  write(chunk: Uint8Array): void {
    if (this.#closed || this.#ending || chunk.byteLength === 0) return;
    this.#pieces.push(chunk);
    this.#waiting += chunk.byteLength;
    this.transport.sendSoon(this);
  }

  /** Writes the last pieces and ends. */
  endWith(pieces: readonly Uint8Array[]): void {
    if (this.#closed || this.#ending) return;
    for (const piece of pieces) {
      if (piece.byteLength === 0) continue;
      this.#pieces.push(piece);
      this.#waiting += piece.byteLength;
    }
    this.end();
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.transport.send(this);
  }

  abort(): void {
    if (!this.#closed) this.transport.reset(this, errorCodes.cancel);
  }

  buffered(): number {
    return this.#waiting;
  }

  onDrain(run: () => void): void {
    this.#onDrain = run;
  }

  /** Whether something waits to be sent, be it only the end. */
  get hasMore(): boolean {
    return !this.#endSent && (this.#waiting > 0 || this.#ending);
  }

  /** The next data frame of at most `most` bytes, given to `frame`; returns its length. Call it only while {@link hasMore}. */
  nextFrame(
    most: number,
    frame: (endStream: boolean, length: number, pieces: readonly Uint8Array[], piece: number, offset: number) => void,
  ): number {
    const length = Math.min(this.#waiting, most, defaultFrameSize);
    this.#waiting -= length;
    const last = this.#ending && this.#waiting === 0;
    frame(last, length, this.#pieces, this.#piece, this.#offset);
    let left = length;
    while (left > 0) {
      const rest = this.#pieces[this.#piece]!.byteLength - this.#offset;
      if (left < rest) {
        this.#offset += left;
        break;
      }
      left -= rest;
      this.#offset = 0;
      this.#piece++;
    }
    if (this.#waiting === 0) {
      this.#pieces = [];
      this.#piece = 0;
    }
    if (last) {
      this.#endSent = true;
      this.#finish();
    }
    return length;
  }

  /** Tells who waits that what was written has been taken. */
  drained(): void {
    const run = this.#onDrain;
    if (run === undefined || this.#waiting > 0) return;
    this.#onDrain = undefined;
    run();
  }

  // The end.

  onClose(run: () => void): void {
    if (this.#closed) run();
    else this.#onClose.push(run);
  }

  /** The whole answer is out: what is still to come of the request is not wanted. */
  #finish(): void {
    if (this.#remoteEnded) this.#closeIfDone();
    else this.transport.reset(this, errorCodes.noError);
  }

  #closeIfDone(): void {
    if (this.#remoteEnded && this.#endSent) this.close();
  }

  /** Forgets everything and tells who wants to know. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces = [];
    this.#waiting = 0;
    this.#onDrain = undefined;
    this.discard();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(new ClientGone());
    if (!this.#remoteEnded) this.#sink?.gone();
    this.#sink = undefined;
    this.transport.closed(this);
    const listeners = this.#onClose;
    this.#onClose = [];
    for (const run of listeners) run();
  }
}

function lengthError(): StreamError {
  return new StreamError(errorCodes.protocol, 'the body has another length than announced');
}
