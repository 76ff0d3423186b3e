// An exchange with what the server adds to every answer and counts of every request.
import type { ServerResponse, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { auditDocument } from '../audit/document.js';
import type { RequestAudit } from '../audit/request-audit.js';
import { ClientGone, type BodySink, type Exchange, type ResponseHeaders, type ResponseStream } from '../http/exchange.js';
import type { Waiter } from '../../clock/slices.js';
import type { Ticket } from '../flowcontrol/ticket.js';
import type { RequestSeries } from '../metrics/request-metrics.js';
import { warningHeaders } from '../encoding/warning-headers.js';
import type { Lifecycle } from './lifecycle.js';
import type { Timed } from './deadlines.js';

const timedOut = Buffer.from(
  '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}\n',
);

export class ServedExchange implements Exchange, Timed, Waiter {
  /** On every answer. */
  readonly common: Record<string, string | readonly string[]>;
  deadline = Infinity;
  /** What the request is counted as, once that is known. */
  series: RequestSeries | undefined;
  /** Whether who asks may: only then it counts. */
  counted = false;
  ticket: Ticket | undefined;
  watch = false;
  /** Whether it is among the requests in flight that change something. */
  inFlight: 'mutating' | 'readOnly' | undefined;
  /** Milliseconds that it waited for its turn. */
  waited = 0;
  /** Told of the answer, when the request is audited. */
  audit: RequestAudit | undefined;
  #answered = false;
  /** Of whom asks, whatever is answered. */
  #warnings: readonly string[] | undefined;
  /** Ends the wait for a body that comes too late: nobody is served with it any more. */
  #abandonBody: (() => void) | undefined;
  #closed = false;
  /** Whether somebody wants to know of {@link gone}. */
  #watched = false;
  /** Its answer is written by others (Express) and not yet whole. */
  #handedOver = false;

  constructor(
    private readonly inner: Exchange,
    private readonly lifecycle: Lifecycle,
    auditId: string,
    /** Milliseconds of the monotonic clock. */
    readonly arrived: number,
  ) {
    this.common = { 'Audit-Id': auditId, 'Cache-Control': 'no-cache, private' };
  }

  get method(): string {
    return this.inner.method;
  }

  get path(): string {
    return this.inner.path;
  }

  get query(): string {
    return this.inner.query;
  }

  get httpVersion(): '1.1' | '2' {
    return this.inner.httpVersion;
  }

  get headers(): Readonly<Record<string, string | readonly string[] | undefined>> {
    return this.inner.headers;
  }

  get connection(): object {
    return this.inner.connection;
  }

  get socket(): TLSSocket | undefined {
    return this.inner.socket;
  }

  get upgrade(): { readonly socket: Duplex; readonly head: Buffer } | undefined {
    return this.inner.upgrade;
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** Whether there is nobody to answer any more, or the answer has been given: the time was over. Asked by long work alone, between its slices. */
  get gone(): boolean {
    if (!this.#watched) {
      this.#watched = true;
      this.inner.onClose(() => (this.#closed = true));
    }
    return this.#answered || this.#closed;
  }

  header(name: string): string | undefined {
    return this.inner.header(name);
  }

  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>> {
    return this.inner.distinctHeaders();
  }

  /** Warns the client of something, whatever the answer is. */
  warn(text: string): void {
    this.#warnings = [...(this.#warnings ?? []), ...warningHeaders([text])];
  }

  /** The headers of the answer. */
  #all(headers: ResponseHeaders): ResponseHeaders {
    const all = Object.assign(this.common, headers);
    if (this.#warnings !== undefined) all['Warning'] = [...this.#warnings, ...[headers['Warning'] ?? []].flat()];
    return all;
  }

  readBody(limit: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#abandonBody = () => reject(new ClientGone());
      this.inner.readBody(limit).then((body) => {
        this.#abandonBody = undefined;
        this.series?.body?.observe(body.byteLength);
        resolve(body);
      }, reject);
    });
  }

  streamBody(sink: BodySink): void {
    this.inner.streamBody(sink);
  }

  respond(status: number, headers: ResponseHeaders, body: readonly Uint8Array[]): void {
    if (this.#answered) return;
    this.#answered = true;
    let bytes = 0;
    for (const chunk of body) bytes += chunk.byteLength;
    const write = (): void => {
      this.inner.respond(status, this.#all(headers), body);
      this.lifecycle.answered(this, status, bytes);
    };
    const audited = this.audit?.responded(status, String(headers['Content-Type'] ?? ''), body);
    if (audited === undefined) write();
    else void audited.then(write);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#answered = true;
    const { longRunning } = this.series ?? {};
    longRunning?.add(1);
    this.audit?.started(status);
    this.inner.onClose(() => {
      void this.audit?.completed(status);
      longRunning?.add(-1);
      this.lifecycle.answered(this, status, undefined);
    });
    return this.inner.stream(status, this.#all(headers));
  }

  abort(): void {
    this.#answered = true;
    this.lifecycle.answered(this, undefined, undefined);
    void this.audit?.completed(200);
    this.inner.abort();
  }

  onClose(run: () => void): void {
    this.inner.onClose(run);
  }

  nodeObjects(): { readonly request: IncomingMessage; readonly response: ServerResponse } {
    this.#answered = true;
    this.#handedOver = true;
    const objects = this.inner.nodeObjects();
    const { response } = objects;
    const all = this.#all({});
    for (const name in all) response.setHeader(name, all[name]!);
    // A watch goes on over a WebSocket.
    if (this.watch) this.audit?.started(101);
    else if (this.audit !== undefined) auditDocument(this.audit, this.inner, response);
    this.inner.onClose(() => {
      this.#handedOver = false;
      void this.audit?.completed(response.statusCode);
      const length = response.getHeader('content-length');
      this.lifecycle.answered(this, response.statusCode, length === undefined ? undefined : Number(length));
      this.lifecycle.release(this);
    });
    return objects;
  }

  /** Whoever serves it is done: its seats are free, unless others still write the answer. */
  served(): void {
    if (!this.#handedOver) this.lifecycle.release(this);
  }

  expire(): void {
    if (this.#answered) return;
    delete this.common['X-Kubernetes-Pf-Flowschema-Uid'];
    delete this.common['X-Kubernetes-Pf-Prioritylevel-Uid'];
    this.series?.terminated(504).add();
    this.audit?.broken('context deadline exceeded');
    this.respond(504, { 'Content-Type': 'text/plain; charset=utf-8' }, [timedOut]);
    this.#abandonBody?.();
  }
}
