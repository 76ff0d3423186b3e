// What the attacks work with: a small cluster, and connections on which any bytes can be sent.
import { connect as http2Connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { resources, startCluster, type Cluster, type ClusterOptions, type Logger } from '../../src/index.js';
import { targetOf } from '../support/kubeconfig.js';
import type { KubeObject } from '../../src/apimachinery/object.js';
import type { Target } from '../parity/exchange.js';

/** How long any answer may take, in milliseconds; tests fail then. */
export const patience = 45_000;

export interface Answer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer;
  /** The content type of the body; application/json when absent. */
  readonly type?: string;
  /** Whether the client shows the admin's certificate; true when absent. */
  readonly certificate?: boolean;
}

/** A cluster under attack. Whatever its server logs as an error of its own is kept. */
export class Victim {
  readonly bugs: string[] = [];
  #cluster: Cluster | undefined;
  #target: Target | undefined;
  readonly #open = new Set<{ destroy(): unknown }>();
  readonly #contexts = new Map<boolean, SecureContext>();

  async start(options: ClusterOptions = { nodes: 0, components: ['apiserver'] }): Promise<void> {
    const logger: Logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (message, fields) => void this.bugs.push(`${message} ${JSON.stringify(fields)}`),
    };
    this.#cluster = await startCluster({ logger, freeze: true, ...options });
    this.#target = targetOf(this.#cluster.kubeconfig);
    await this.cluster.client.create(resources.NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'attack' } });
    if (options.components?.includes('controllers') === false) {
      await this.cluster.client.create(resources.SERVICE_ACCOUNTS, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: 'attack' },
      });
    }
  }

  async stop(): Promise<void> {
    for (const one of this.#open) one.destroy();
    await this.#cluster?.stop();
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster runs in tests and hooks only');
    return this.#cluster;
  }

  /** What is stored, as names with revisions: what an attack must leave as it was. The server itself renews a lease meanwhile. */
  async revision(): Promise<string> {
    const { CONFIG_MAPS, NAMESPACES, PODS, SECRETS, SERVICES, SERVICE_ACCOUNTS, DEPLOYMENTS } = resources;
    const kinds = [CONFIG_MAPS, NAMESPACES, PODS, SECRETS, SERVICES, SERVICE_ACCOUNTS, DEPLOYMENTS];
    const lists = await Promise.all(kinds.map((kind) => this.cluster.client.list<KubeObject>(kind)));
    return lists
      .flatMap(({ items }) => items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}@${metadata.resourceVersion}`))
      .join(' ');
  }

  /** A TLS connection for HTTP/1.1, handshake done; `over` is the connection below, which can be reset. */
  async connect(certificate = true, over: Socket = netConnect(this.cluster.port, '127.0.0.1')): Promise<TLSSocket> {
    over.on('error', ignore);
    const socket = tlsConnect({
      socket: over,
      host: '127.0.0.1',
      secureContext: this.#context(certificate),
      ALPNProtocols: ['http/1.1'],
    });
    this.#keep(socket);
    socket.on('error', ignore);
    await new Promise((resolve, reject) =>
      socket.once('secureConnect', () => resolve(undefined)).once('close', () => reject(new Error('no connection'))),
    );
    return socket;
  }

  /** An HTTP/2 connection. */
  async session(settings: Record<string, number> = {}): Promise<ClientHttp2Session> {
    const session = http2Connect(this.cluster.url, { secureContext: this.#context(true), settings, maxSessionMemory: 256 });
    this.#keep(session);
    session.on('error', ignore);
    await new Promise((resolve, reject) =>
      session.once('remoteSettings', () => resolve(undefined)).once('close', () => reject(new Error('no session'))),
    );
    return session;
  }

  /** Sends one request over HTTP/1.1 on a connection of its own. */
  async ask(
    method: string,
    path: string,
    { headers = {}, body, type = 'application/json', certificate = true }: Ask = {},
  ): Promise<Answer> {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const all: Record<string, string | undefined> = {
      Host: 'kubernetes',
      Accept: 'application/json',
      'User-Agent': 'attack/1.0',
      ...(bytes === undefined ? {} : { 'Content-Length': String(bytes.length), 'Content-Type': type }),
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
    return this.send([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes ?? Buffer.alloc(0)], certificate);
  }

  /** Sends these bytes and reads one answer. */
  async send(bytes: string | readonly Buffer[], certificate = true): Promise<Answer> {
    const socket = await this.connect(certificate);
    const answer = answerOn(socket);
    socket.write(typeof bytes === 'string' ? bytes : Buffer.concat(bytes));
    try {
      return await answer;
    } finally {
      socket.destroy();
    }
  }

  /** The admin's certificate and key. */
  identity(): { cert?: string; key?: string } {
    return this.#identity(true);
  }

  #identity(certificate: boolean): { cert?: string; key?: string } {
    return certificate ? { cert: this.#target!.cert, key: this.#target!.key } : {};
  }

  /** Keys and certificates, read once: to read them costs more than a handshake. */
  #context(certificate: boolean): SecureContext {
    let context = this.#contexts.get(certificate);
    if (context === undefined) {
      context = createSecureContext({ ca: this.#target!.ca, ...this.#identity(certificate) });
      this.#contexts.set(certificate, context);
    }
    return context;
  }

  #keep(one: TLSSocket | ClientHttp2Session): void {
    this.#open.add(one);
    one.once('close', () => this.#open.delete(one));
  }
}

export function ignore(): void {}

/** The next answer on a connection, or one with status 0 when it is closed before. Rejects after {@link patience}. */
export function answerOn(socket: TLSSocket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(
      () => reject(new Error(`no answer; there was ${JSON.stringify(bytes.toString('latin1').slice(0, 500))}`)),
      patience,
    );
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      socket.off('data', take).off('close', close);
      resolve(answer);
    };
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const { answer, whole } = parsed(bytes);
      if (whole) finish(answer);
    };
    const close = (): void => finish(parsed(bytes).answer);
    socket.on('data', take).once('close', close);
  });
}

function parsed(bytes: Buffer): { answer: Answer; whole: boolean } {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { answer: { status: 0, headers: {}, text: bytes.toString('latin1') }, whole: false };
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const body = bytes.subarray(end + 4);
  const length = headers['content-length'];
  const whole =
    length !== undefined ? body.length >= Number(length) : headers['transfer-encoding'] === 'chunked' && body.includes('\r\n0\r\n\r\n');
  return { answer: { status: Number(first.split(' ')[1]), headers, text: body.toString() }, whole };
}

/** One request on an HTTP/2 connection. */
export function askOn(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let status = 0;
    let text = '';
    const found: Record<string, string> = {};
    const timer = setTimeout(() => reject(new Error(`no answer to ${String(headers[':path'])}`)), patience);
    stream.setEncoding('utf8');
    stream.on('response', (answer) => {
      status = Number(answer[':status']);
      for (const [name, value] of Object.entries(answer)) if (typeof value === 'string') found[name] = value;
    });
    stream.on('data', (chunk: string) => (text += chunk));
    stream.on('error', ignore);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve({ status, headers: found, text });
    });
    if (body !== undefined) stream.end(body);
  });
}

/** Resolves when a condition holds; rejects after {@link patience}. For what no event tells: sockets, memory. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Fails unless an answer is one that the real server could give to a bad request: never an error of ours, never a trace of our code. */
export function expectRefusal(what: string, { status, text }: Answer): void {
  const shown = `${what}: ${status} ${text.slice(0, 300)}`;
  if (status < 400 || status >= 500) throw new Error(`should have been refused: ${shown}`);
  expectNoTrace(what, text);
}

export function expectNoTrace(what: string, text: string): void {
  if (/\.(ts|js):\d+|node_modules|\bat \w+ \(|its log has it|\[object Object\]|undefined/.test(text))
    throw new Error(`shows the inside: ${what}: ${text.slice(0, 500)}`);
}
