// Sends anything to the server and takes whatever comes back.
import { Agent, request, type RequestOptions } from 'node:https';
import type { Target } from '../kubeconfig.js';

export interface Answer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  readonly text: string;
}

export interface Message {
  /** An object is sent as JSON. */
  readonly body?: unknown;
  /** Of the body; application/json when absent. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export type Ask = (method: string, path: string, message?: Message) => Promise<Answer>;

/** Who asks: the certificate of the target, another one, or none. */
export type Credentials = Pick<Target, 'cert' | 'key'>;

/** So much of an answer is kept; what is longer is read to its end all the same. */
const kept = 4_000_000;
/** An answer that takes longer than this is given up, in milliseconds. */
const patience = 60_000;

/** Connections are kept between requests unless `fresh`. */
export function senderOf({ url, ca }: Target, credentials: Credentials, fresh = false): { readonly ask: Ask; close(): void } {
  const agent = new Agent({ keepAlive: !fresh, maxSockets: 32, ca, ...credentials, maxCachedSessions: fresh ? 0 : 100 });
  return { ask: (method, path, message) => send(`${url}${path}`, { method, agent }, message), close: () => agent.destroy() };
}

function send(url: string, options: RequestOptions, { body, type = 'application/json', headers = {} }: Message = {}): Promise<Answer> {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const about = bytes === undefined ? {} : { 'content-type': type, 'content-length': String(bytes.length) };
  return new Promise((done) => {
    const asking = request(url, { ...options, headers: { accept: 'application/json', ...about, ...(headers as Record<string, string>) } });
    asking.setTimeout(patience, () => asking.destroy());
    asking.on('error', () => done({ status: 0, text: '' }));
    asking.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length) <= kept && chunks.push(chunk));
      response.on('error', () => done({ status: 0, text: '' }));
      response.on('end', () => done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    asking.end(bytes);
  });
}
