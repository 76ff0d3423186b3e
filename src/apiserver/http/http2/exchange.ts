// An exchange over one HTTP/2 stream.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { headerText, splitTarget, type BodySink, type Exchange, type ResponseHeaders, type ResponseStream } from '../exchange.js';
import type { Connection } from './connection.js';
import { nodeObjectsOf } from './node-objects.js';
import type { Stream } from './stream.js';

export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly httpVersion = '2';
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly requestStream: Stream,
    readonly connection: Connection,
  ) {
    const { method, target, headers } = requestStream.head;
    const { path, query } = splitTarget(target);
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = headers;
  }

  get socket(): TLSSocket {
    return this.connection.socket;
  }

  header(name: string): string | undefined {
    return this.headers[name];
  }

  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>> {
    const { repeated } = this.requestStream.head;
    const out = Object.create(null) as Record<string, readonly string[] | undefined>;
    for (const name of Object.keys(this.headers)) out[name] = (repeated?.get(name) ?? [this.headers[name]!]).map(headerText);
    return out;
  }

  readBody(limit: number): Promise<Uint8Array> {
    return this.requestStream.readBody(limit);
  }

  streamBody(sink: BodySink): void {
    this.requestStream.streamBody(sink);
  }

  respond(status: number, headers: ResponseHeaders, body: readonly Uint8Array[]): void {
    const stream = this.requestStream;
    if (stream.closed || stream.headersSent) return;
    let length = 0;
    for (const piece of body) length += piece.byteLength;
    const empty = length === 0 || this.method === 'HEAD';
    stream.respondHeaders(status, headers, empty, length);
    if (!empty) stream.endWith(body);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    const stream = this.requestStream;
    if (!stream.closed && !stream.headersSent) stream.respondHeaders(status, headers, false);
    return stream;
  }

  abort(): void {
    this.requestStream.abort();
  }

  onClose(run: () => void): void {
    this.requestStream.onClose(run);
  }

  nodeObjects(): { readonly request: IncomingMessage; readonly response: ServerResponse } {
    return nodeObjectsOf(this);
  }
}
