// One HTTP/2 connection: its frames, its windows, its streams. https://www.rfc-editor.org/rfc/rfc9113
import type { TLSSocket } from 'node:tls';
import type { ResponseHeaders } from '../exchange.js';
import {
  ConnectionError,
  defaultFrameSize,
  defaultWindow,
  errorCodes,
  flags,
  frameTypes,
  largestWindow,
  settings,
  StreamError,
} from './constants.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter, type FrameBuffers } from './frame-writer.js';
import { HeaderBlocks } from './header-blocks.js';
import type { HuffmanDecoder } from './huffman.js';
import { Outflow } from './outflow.js';
import { Patience } from './patience.js';
import { checkTrailers, readRequestHead, type RequestHead } from './request-headers.js';
import { Stream, type StreamTransport } from './stream.js';

export interface ConnectionOptions {
  readonly huffman: HuffmanDecoder;
  readonly buffers: FrameBuffers;
  /** Now, in milliseconds. */
  now(): number;
  /** The `date` of an answer. */
  date(): string;
  /** Serves one request. */
  serve(stream: Stream, connection: Connection): void;
}

/** What the real server announces. */
const maxConcurrentStreams = 100;
const maxHeaderList = 1_048_896;

/** How much of bodies a client may send before it is told that they were taken, in bytes. */
const streamWindow = 1 << 20;
const connectionWindow = 4 << 20;

/** What may wait for a client who does not read, answers to pings and settings among it, in bytes. Streams stop long before. */
const mostWaiting = 1024 * 1024;

export class Connection implements StreamTransport {
  readonly #streams = new Map<number, Stream>();
  /** Streams that this side has ended lately, for which frames may still be under way. */
  readonly #reset = new Set<number>();
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #outflow: Outflow;
  readonly #blocks: HeaderBlocks;
  readonly #patience: Patience;
  #highest = 0;
  #streamWindow = defaultWindow;
  /** Bytes of bodies that may still come, and those taken that the client has not been told of. */
  #receivable = connectionWindow;
  #untold = 0;
  #settled = false;
  #closing = false;

  constructor(
    readonly socket: TLSSocket,
    private readonly options: ConnectionOptions,
  ) {
    this.#reader = new FrameReader((type, flag, id, payload) => this.#take(type, flag, id, payload));
    this.#writer = new FrameWriter(options.buffers, (bytes, done) => void (socket.destroyed || socket.write(bytes, done)));
    this.#outflow = new Outflow(this.#writer, socket, () => options.date());
    this.#blocks = new HeaderBlocks(options.huffman, maxHeaderList);
    this.#patience = new Patience(() => options.now());
    this.#sendSettings();
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#outflow.sendBlocked());
    socket.on('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#closeStreams());
  }

  /** Since when the client has owed the rest of something that it began, in milliseconds; undefined when it owes nothing. */
  get owingSince(): number | undefined {
    return this.#closing || !this.#reader.greeted || this.#blocks.open ? this.#patience.since : undefined;
  }

  /** Says that there will be no more and ends. */
  close(code: number = errorCodes.noError, message = ''): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#patience.begin();
    const payload = Buffer.alloc(8 + message.length);
    payload.writeUInt32BE(this.#highest, 0);
    payload.writeUInt32BE(code, 4);
    payload.write(message, 8, 'latin1');
    this.#writer.frame(frameTypes.goAway, 0, 0, payload);
    this.#writer.flush();
    this.#closeStreams();
    this.socket.end();
  }

  #closeStreams(): void {
    this.#closing = true;
    for (const stream of [...this.#streams.values()]) stream.close();
  }

  #sendSettings(): void {
    const announced = [
      [settings.maxConcurrentStreams, maxConcurrentStreams],
      [settings.initialWindowSize, streamWindow],
      [settings.maxHeaderListSize, maxHeaderList],
    ] as const;
    const payload = Buffer.alloc(announced.length * 6);
    announced.forEach(([name, value], index) => {
      payload.writeUInt16BE(name, index * 6);
      payload.writeUInt32BE(value, index * 6 + 2);
    });
    this.#writer.frame(frameTypes.settings, 0, 0, payload);
    this.#sendWindowUpdate(0, connectionWindow - defaultWindow);
  }

  // What comes.

  #receive(chunk: Buffer): void {
    if (this.#closing) return;
    try {
      this.#reader.take(chunk);
      if (this.#outflow.waiting > mostWaiting) {
        throw new ConnectionError(errorCodes.enhanceYourCalm, 'answers are not read');
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Who does not speak HTTP/2 would not understand a farewell in it.
      if (this.#reader.greeted) this.close(error.code, error.message);
      else this.socket.destroy();
    }
  }

  #take(type: number, flag: number, id: number, payload: Buffer): void {
    if (this.#closing) return;
    if (!this.#settled && type !== frameTypes.settings) throw wrong('the first frame must be SETTINGS');
    if (this.#blocks.open && (type !== frameTypes.continuation || id !== this.#blocks.stream))
      throw wrong('a header block was interrupted');
    try {
      this.#takeFrame(type, flag, id, payload);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#patience.strain();
      this.#resetById(id, error.code);
    }
  }

  #takeFrame(type: number, flag: number, id: number, payload: Buffer): void {
    switch (type) {
      case frameTypes.data:
        return this.#takeData(flag, id, payload);
      case frameTypes.headers:
        this.#checkHeaders(id);
        this.#patience.begin();
        return this.#takeBlock(this.#blocks.begin(flag, id, payload));
      case frameTypes.continuation:
        return this.#takeBlock(this.#blocks.go(flag, id, payload));
      case frameTypes.priority:
        if (id === 0) throw wrong('PRIORITY without a stream');
        if (payload.length !== 5) throw new StreamError(errorCodes.frameSize, 'PRIORITY has another length');
        if ((payload.readUInt32BE(0) & 0x7fffffff) === id) throw new StreamError(errorCodes.protocol, 'a stream depends on itself');
        return;
      case frameTypes.resetStream:
        return this.#takeReset(id, payload);
      case frameTypes.settings:
        return this.#takeSettings(flag, id, payload);
      case frameTypes.pushPromise:
        throw wrong('a client pushes nothing');
      case frameTypes.ping:
        if (id !== 0) throw wrong('PING on a stream');
        if (payload.length !== 8) throw sizeError('PING');
        if ((flag & flags.acknowledge) === 0) this.#writer.frame(frameTypes.ping, flags.acknowledge, 0, payload);
        return;
      case frameTypes.goAway:
        if (id !== 0) throw wrong('GOAWAY on a stream');
        if (payload.length < 8) throw sizeError('GOAWAY');
        return;
      case frameTypes.windowUpdate:
        return this.#takeWindowUpdate(id, payload);
      default:
      // Frames of extensions are passed over.
    }
  }

  #takeData(flag: number, id: number, payload: Buffer): void {
    if (id === 0) throw wrong('DATA without a stream');
    this.#receivable -= payload.length;
    if (this.#receivable < 0) throw new ConnectionError(errorCodes.flowControl, 'more data than the window allows');
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.remoteEnded) {
      if (id > this.#highest) throw wrong('DATA on an idle stream');
      this.#consume(payload.length);
      if (this.#reset.has(id)) return;
      throw new StreamError(errorCodes.streamClosed, 'DATA on a closed stream');
    }
    if (payload.length === 0 && (flag & flags.endStream) === 0) this.#patience.strain();
    const data = unpadded(flag, payload);
    // Padding counts for the windows too.
    this.consumed(stream, payload.length - data.length);
    stream.receive(data);
    if ((flag & flags.endStream) !== 0 && !stream.closed) stream.receiveEnd();
  }

  #checkHeaders(id: number): void {
    if (id === 0 || id % 2 === 0) throw wrong('HEADERS on no stream of the client');
    const stream = this.#streams.get(id);
    if (stream !== undefined) {
      if (stream.remoteEnded) throw new ConnectionError(errorCodes.streamClosed, 'HEADERS on a closed stream');
      return;
    }
    if (id <= this.#highest && !this.#reset.has(id)) throw new ConnectionError(errorCodes.streamClosed, 'HEADERS on a closed stream');
  }

  #takeBlock(block: ReturnType<HeaderBlocks['begin']>): void {
    if (block === undefined) return;
    const { stream: id, endStream, fields, ownParent } = block;
    const known = this.#streams.get(id);
    if (known !== undefined) {
      if (!endStream) throw new StreamError(errorCodes.protocol, 'trailers that do not end the stream');
      if (fields !== undefined) checkTrailers(fields);
      return known.receiveEnd();
    }
    // Ended by this side before its end came.
    if (id <= this.#highest) return;
    this.#highest = id;
    if (ownParent) throw new StreamError(errorCodes.protocol, 'a stream depends on itself');
    if (this.#streams.size >= maxConcurrentStreams) throw new StreamError(errorCodes.refusedStream, 'too many streams');
    if (fields === undefined) return this.#refuseHeaders(id, endStream);
    this.#open(id, endStream, readRequestHead(fields));
  }

  #open(id: number, endStream: boolean, head: RequestHead): void {
    const stream = new Stream(id, this, head, this.#streamWindow);
    this.#streams.set(id, stream);
    if (endStream) stream.receiveEnd();
    this.options.serve(stream, this);
  }

  /** Headers beyond what was announced: answered without looking at them, as the real server does. */
  #refuseHeaders(id: number, endStream: boolean): void {
    const stream = new Stream(id, this, { method: 'GET', target: '/', headers: {}, contentLength: undefined }, this.#streamWindow);
    this.#streams.set(id, stream);
    if (endStream) stream.receiveEnd();
    stream.discard();
    stream.respondHeaders(431, { 'Content-Type': 'text/html; charset=utf-8' }, false);
    stream.endWith([headersTooLarge]);
  }

  #takeReset(id: number, payload: Buffer): void {
    if (id === 0) throw wrong('RST_STREAM without a stream');
    if (payload.length !== 4) throw sizeError('RST_STREAM');
    if (id > this.#highest) throw wrong('RST_STREAM on an idle stream');
    // To open streams and to end them at once is work for the server and none for the client.
    this.#patience.strain();
    this.#streams.get(id)?.close();
  }

  #takeSettings(flag: number, id: number, payload: Buffer): void {
    if (id !== 0) throw wrong('SETTINGS on a stream');
    if ((flag & flags.acknowledge) !== 0) {
      if (!this.#settled) throw wrong('the first frame must be SETTINGS');
      if (payload.length > 0) throw sizeError('SETTINGS');
      return;
    }
    if (payload.length % 6 !== 0) throw sizeError('SETTINGS');
    this.#settled = true;
    for (let at = 0; at < payload.length; at += 6) this.#takeSetting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    this.#patience.strain();
    this.#writer.frame(frameTypes.settings, flags.acknowledge, 0, nothing);
    this.#outflow.sendBlocked();
  }

  #takeSetting(name: number, value: number): void {
    if (name === settings.enablePush && value > 1) throw wrong('SETTINGS_ENABLE_PUSH');
    if (name === settings.maxFrameSize && (value < defaultFrameSize || value > 0xffffff)) throw wrong('SETTINGS_MAX_FRAME_SIZE');
    if (name === settings.headerTableSize) this.#outflow.encoder.limit(value);
    if (name !== settings.initialWindowSize) return;
    if (value > largestWindow) throw new ConnectionError(errorCodes.flowControl, 'SETTINGS_INITIAL_WINDOW_SIZE');
    const change = value - this.#streamWindow;
    this.#streamWindow = value;
    for (const stream of this.#streams.values()) {
      stream.window += change;
      if (stream.window > largestWindow) throw new ConnectionError(errorCodes.flowControl, 'a window is too large');
    }
  }

  #takeWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw sizeError('WINDOW_UPDATE');
    if (id > this.#highest) throw wrong('WINDOW_UPDATE on an idle stream');
    const increment = payload.readUInt32BE(0) & 0x7fffffff;
    if (id === 0) {
      if (increment === 0) throw wrong('a window grows by nothing');
      return this.#outflow.grow(increment);
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (increment === 0) throw new StreamError(errorCodes.protocol, 'a window grows by nothing');
    stream.window += increment;
    if (stream.window > largestWindow) throw new StreamError(errorCodes.flowControl, 'the window is too large');
    if (stream.hasMore) this.send(stream);
  }

  // What goes.

  headers(stream: Stream, status: number, headers: ResponseHeaders, endStream: boolean, length?: number): void {
    this.#outflow.headers(stream, status, headers, endStream, length);
  }

  send(stream: Stream): void {
    this.#outflow.send(stream);
  }

  sendSoon(stream: Stream): void {
    this.#outflow.sendSoon(stream);
  }

  consumed(stream: Stream, bytes: number): void {
    if (bytes === 0) return;
    this.#consume(bytes);
    if (stream.closed || stream.remoteEnded) return;
    stream.untold += bytes;
    if (stream.untold < streamWindow / 2) return;
    this.#sendWindowUpdate(stream.id, stream.untold);
    stream.untold = 0;
  }

  #consume(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold < connectionWindow / 2 || this.#closing) return;
    this.#sendWindowUpdate(0, this.#untold);
    this.#receivable += this.#untold;
    this.#untold = 0;
  }

  #sendWindowUpdate(id: number, bytes: number): void {
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32BE(bytes, 0);
    this.#writer.frame(frameTypes.windowUpdate, 0, id, payload);
  }

  reset(stream: Stream, code: number): void {
    this.#resetById(stream.id, code);
  }

  #resetById(id: number, code: number): void {
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32BE(code, 0);
    if (!this.#closing) this.#writer.frame(frameTypes.resetStream, 0, id, payload);
    this.#reset.add(id);
    // Only the latest: what has come after a hundred others is late by more than the wire.
    if (this.#reset.size > maxConcurrentStreams) this.#reset.delete(this.#reset.values().next().value!);
    this.#streams.get(id)?.close();
  }

  closed(stream: Stream): void {
    this.#streams.delete(stream.id);
    this.#outflow.forget(stream);
  }
}

const nothing = Buffer.alloc(0);
const headersTooLarge = Buffer.from('<h1>HTTP Error 431</h1><p>Request Header Field(s) Too Large</p>');

function unpadded(flag: number, payload: Buffer): Buffer {
  if ((flag & flags.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined || padding >= payload.length) throw wrong('more padding than frame');
  return payload.subarray(1, payload.length - padding);
}

function wrong(message: string): ConnectionError {
  return new ConnectionError(errorCodes.protocol, message);
}

function sizeError(name: string): ConnectionError {
  return new ConnectionError(errorCodes.frameSize, `${name} has another length`);
}
