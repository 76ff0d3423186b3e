// One question to a server and its answer, over HTTPS, as the parity cases write them.
import { request as httpsRequest } from 'node:https';
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

/** How long a server may take, in milliseconds. */
const patience = 20_000;

export function send(target: Target, step: Step, fill: (text: string) => string): Promise<Answer> {
  const [method = 'GET', ...rest] = fill(step.request).split(' ');
  const text = step.raw !== undefined ? fill(step.raw) : step.body === undefined ? undefined : fill(JSON.stringify(step.body));
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'parity/1.0', ...step.headers };
  if (text !== undefined) {
    headers['content-type'] = step.type ?? 'application/json';
    // Node leaves it out of a DELETE.
    headers['content-length'] = String(Buffer.byteLength(text));
  }
  return new Promise((resolve, reject) => {
    const asking = httpsRequest(
      new URL(rest.join(' '), target.url),
      {
        method,
        headers,
        cert: target.cert,
        key: target.key,
        ca: target.ca,
        rejectUnauthorized: target.ca !== undefined,
        agent: false,
        timeout: patience,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const kept: Record<string, string> = {};
          for (const name of compared) {
            const value = response.headers[name];
            if (value !== undefined) kept[name] = String(value);
          }
          resolve({
            status: response.statusCode ?? 0,
            headers: kept,
            body: bodyOf(Buffer.concat(chunks).toString(), kept['content-type'] ?? ''),
          });
        });
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${step.request} in ${patience / 1000} s`)));
    asking.on('error', reject);
    asking.end(text);
  });
}

function bodyOf(text: string, type: string): unknown {
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
