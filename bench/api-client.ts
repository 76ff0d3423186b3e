// A small HTTP/2 client of the Kubernetes API. Windows and streams are as Go's client has them, so that neither load waits where the other does not.
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Target } from './kubeconfig.js';

const unzip = promisify(gunzip);

/** Bytes that a server may send ahead, for one stream and for the connection. */
const streamWindow = 4 * 1024 * 1024;
const connectionWindow = 1024 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  /** As the server means it: decompressed. */
  readonly body: Buffer;
}

export interface Asked {
  readonly body?: unknown;
  /** Of the body; `application/json` when absent. */
  readonly contentType?: string;
}

export class ApiClient {
  readonly #session: ClientHttp2Session;
  readonly #headers: OutgoingHttpHeaders;
  #broken: Error | undefined;

  /** Connects at the first request. */
  constructor(target: Target) {
    this.#session = connect(target.url, {
      ca: target.ca,
      cert: target.cert,
      key: target.key,
      rejectUnauthorized: !target.insecure,
      settings: { initialWindowSize: streamWindow, enablePush: false },
    });
    this.#session.on('connect', () => this.#session.setLocalWindowSize(connectionWindow));
    this.#session.on('error', (error: Error) => (this.#broken = error));
    this.#headers = {
      accept: 'application/json',
      'user-agent': 'kubedouble-bench',
      ...(target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }),
    };
  }

  /** Rejects when the connection fails or the answer is an error (status 400 or above); the message has what the server said. */
  request(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    return this.#ask(method, path, asked, true);
  }

  /** Gets what is long and lets go of it as it comes; resolves to the length of the body, decompressed. Rejects as `request` does. */
  async length(path: string): Promise<number> {
    return (await this.#ask('GET', path, {}, false)).length;
  }

  /** As `request`, with the answer read as JSON; the caller says what it is. */
  async json<T>(method: string, path: string, asked?: Asked): Promise<T> {
    return JSON.parse((await this.request(method, path, asked)).body.toString()) as T;
  }

  /** Opens a watch and calls `onLine` with each event as it comes. Resolves, once the server has answered, to what closes it. */
  async watch(path: string, onLine: (line: string) => void): Promise<() => void> {
    const stream = this.#open('GET', path, {}, true);
    await new Promise<void>((done, fail) => {
      stream.once('response', (headers) => (headers[':status'] === 200 ? done() : fail(new Error(`GET ${path}: ${headers[':status']}`))));
      stream.once('error', fail);
    });
    stream.on('error', () => stream.close());
    stream.setEncoding('utf8');
    let rest = '';
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      lines.forEach(onLine);
    });
    return () => stream.close();
  }

  close(): void {
    this.#session.destroy();
  }

  /** `keep`: the body is wanted. */
  async #ask(method: string, path: string, { body, contentType = 'application/json' }: Asked, keep: boolean): Promise<Collected> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const stream = this.#open(
      method,
      path,
      { 'accept-encoding': 'gzip', ...(payload === undefined ? {} : { 'content-type': contentType }) },
      payload === undefined,
    );
    if (payload !== undefined) stream.end(payload);
    const answer = await collect(stream, () => this.#broken, keep);
    if (answer.status < 400) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  }

  #open(method: string, path: string, headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    return this.#session.request({ ':method': method, ':path': path, ...this.#headers, ...headers }, { endStream });
  }
}

interface Collected extends Answer {
  readonly length: number;
}

/** `keep`: the body is wanted. What is compressed or an error is kept in any case, to be read. */
function collect(stream: ClientHttp2Stream, broken: () => Error | undefined, keep: boolean): Promise<Collected> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let status = 0;
    let zipped = false;
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
      zipped = headers['content-encoding'] === 'gzip';
    });
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (keep || zipped || status >= 400) chunks.push(chunk);
    });
    stream.on('error', (error) => fail(broken() ?? error));
    stream.on('end', () => {
      if (status === 0) return fail(broken() ?? new Error('the connection was closed without an answer'));
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      if (zipped) unzip(body).then((plain) => done({ status, body: plain, length: plain.length }), fail);
      else done({ status, body, length });
    });
  });
}
