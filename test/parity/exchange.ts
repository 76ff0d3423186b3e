// One question to a server and its answer, over HTTPS, as the parity cases write them.
import { Agent, request as httpsRequest } from 'node:https';
import { parse } from 'yaml';

/** One entry of a case file. `{ns}` stands for the file's own namespace, `{name}` for what an earlier step saved under that name. */
export interface Step {
  /** `POST /api/v1/namespaces/{ns}/configmaps` */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The content type of the body; application/json when absent. */
  readonly type?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  /** Sent as these bytes, in base64, instead of `body`: what is no text. */
  readonly rawBase64?: string;
  /** The body is compared as the text that it is: spaces, order, escapes and the last line's end. Bytes that are no text are shown as `\x0a`. */
  readonly exact?: boolean;
  /** The path goes out as it is written: with empty segments and dots. */
  readonly plainPath?: boolean;
  /** Headers that are compared beside the usual ones, in lower case. */
  readonly alsoHeaders?: readonly string[];
  /** A watch that is left after so many events: it need not be waited for to its end. */
  readonly events?: number;
  /** Names to remember parts of the answer by: `{uid: metadata.uid}`. */
  readonly save?: Readonly<Record<string, string>>;
  /** Only what a case needs to be set up: asked, not compared. */
  readonly setup?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON or YAML, a list of JSON lines (watches), or text. */
  readonly body: unknown;
}

export interface Target {
  readonly url: string;
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** Headers that clients act on. */
const compared = ['content-type', 'warning', 'retry-after', 'allow', 'location'];

const newline = 10;

/** How long a server may take, in milliseconds. */
const patience = 60_000;

const agents = new WeakMap<Target, Agent>();

/** The connections to a server live on for the next question: a handshake costs many times what an answer costs. */
function agentOf(target: Target): Agent {
  let agent = agents.get(target);
  if (agent === undefined) {
    const { cert, key, ca } = target;
    agent = new Agent({ keepAlive: true, cert, key, ca, rejectUnauthorized: ca !== undefined });
    agents.set(target, agent);
  }
  return agent;
}

export function send(target: Target, step: Step, fill: (text: string) => string): Promise<Answer> {
  const [method = 'GET', ...rest] = fill(step.request).split(' ');
  const sent = bytesOf(step, fill);
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'parity/1.0', ...step.headers };
  if (sent !== undefined) {
    headers['content-type'] ??= step.type ?? 'application/json';
    // Node leaves it out of a DELETE.
    headers['content-length'] = String(sent.length);
  }
  return new Promise((resolve, reject) => {
    const asking = httpsRequest(
      new URL(step.plainPath === true ? '/' : rest.join(' '), target.url),
      {
        method,
        ...(step.plainPath === true ? { path: rest.join(' ') } : {}),
        headers,
        agent: agentOf(target),
        timeout: patience,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let lines = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if (step.events === undefined) return;
          for (const byte of chunk) if (byte === newline) lines++;
          if (lines < step.events) return;
          done();
          response.destroy();
        });
        response.on('error', reject);
        const done = (): void => {
          const kept: Record<string, string> = {};
          for (const name of [...compared, ...(step.alsoHeaders ?? [])]) {
            const value = response.headers[name];
            if (value !== undefined) kept[name] = String(value);
          }
          resolve({
            status: response.statusCode ?? 0,
            headers: kept,
            body: bodyOf(firstLines(Buffer.concat(chunks), step.events), kept['content-type'] ?? '', step.exact === true),
          });
        };
        response.on('end', done);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${step.request} in ${patience / 1000} s`)));
    asking.on('error', reject);
    asking.end(sent);
  });
}

/** As much as has so many lines; all when undefined. */
function firstLines(bytes: Buffer, lines: number | undefined): Buffer {
  if (lines === undefined) return bytes;
  let end = -1;
  for (let i = 0; i < lines; i++) {
    const next = bytes.indexOf(newline, end + 1);
    if (next < 0) return bytes;
    end = next;
  }
  return bytes.subarray(0, end + 1);
}

function bytesOf({ raw, rawBase64, body }: Step, fill: (text: string) => string): Buffer | undefined {
  if (rawBase64 !== undefined) return Buffer.from(rawBase64, 'base64');
  if (raw !== undefined) return Buffer.from(fill(raw));
  return body === undefined ? undefined : Buffer.from(fill(JSON.stringify(body)));
}

function bodyOf(bytes: Buffer, type: string, exact: boolean): unknown {
  if (exact) return readable(bytes);
  const text = bytes.toString();
  // Quotes and indentation of YAML are nobody's concern.
  if (type.startsWith('application/yaml')) return parse(text) as unknown;
  if (!type.startsWith('application/json') || text === '') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A watch: one JSON value a line.
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  }
}

/** Bytes as text in which each can be seen. */
function readable(bytes: Buffer): string {
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes) && !text.includes('\0')) return text;
  return bytes.toString('latin1').replace(/[^\n -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
