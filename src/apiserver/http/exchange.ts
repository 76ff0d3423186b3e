// One HTTP request and its answer, whatever the protocol's version: the only thing the handler knows of a transport.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** An answer that goes on: a watch or a log. */
export interface ResponseStream {
  write(chunk: Uint8Array): void;
  /** Bytes accepted and not yet taken by the network. */
  buffered(): number;
  /** Calls once when what is buffered has been taken. */
  onDrain(run: () => void): void;
  end(): void;
  /** Ends at once, as a broken connection. */
  abort(): void;
}

/** Gets a request's body as it comes. Each piece must be taken before much more of the body comes. */
export interface BodySink {
  /** `taken`: call it once when there is room for more. */
  piece(bytes: Uint8Array, taken: () => void): void;
  /** The body is complete. */
  end(): void;
  /** The client has gone before its end. */
  gone(): void;
}

export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the question mark; '' for none. */
  readonly query: string;
  readonly httpVersion: '1.1' | '2';
  /** A request header by its lower-case name; repeated headers are joined with a comma. */
  header(name: string): string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * All request headers by lower-case name, each with its values as they were sent, in UTF-8: a name with a comma in it is one name. Costs more than
   * {@link headers}; without a prototype.
   */
  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>>;
  /** What is the same for all requests of one connection: a key for what is remembered of it. */
  readonly connection: object;
  /** For client certificates. Undefined on a plain connection. */
  readonly socket: TLSSocket | undefined;
  /** The whole body. Rejects with {@link BodyTooLarge} past `limit` bytes. */
  readBody(limit: number): Promise<Uint8Array>;
  /** The body piece by piece, in place of {@link readBody}. */
  streamBody(sink: BodySink): void;
  respond(status: number, headers: ResponseHeaders, body: readonly Uint8Array[]): void;
  stream(status: number, headers: ResponseHeaders): ResponseStream;
  /** Ends at once, as a broken connection: there is no answer that could be written. */
  abort(): void;
  /** Calls once when the client has gone or the answer is complete. */
  onClose(run: () => void): void;
  /** The request and response as Node's own objects, for Express. The exchange is theirs from then on. */
  nodeObjects(): { readonly request: IncomingMessage; readonly response: ServerResponse };
  /** For protocol upgrades over HTTP/1.1: the raw connection and the first bytes. */
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
}

/** The body is larger than the server takes. */
export class BodyTooLarge extends Error {
  constructor(readonly limit: number) {
    super('http: request body too large');
    this.name = 'BodyTooLarge';
  }
}

/** The client closed the connection before the whole request had come: there is nobody to answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection before the whole request had come');
    this.name = 'ClientGone';
  }
}

/** Splits a request target, which may be a whole URL; the query is '' when there is none. */
export function splitTarget(whole: string): { path: string; query: string } {
  const target = whole.startsWith('/') ? whole : whole.replace(/^https?:\/\/[^/?]*/, '');
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Text that came as the bytes of a header, which Node reads one by one. */
export function headerText(value: string): string {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 0x7f) return Buffer.from(value, 'latin1').toString('utf8');
  return value;
}
