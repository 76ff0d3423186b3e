// Questions to others over HTTP: webhooks and issuers of tokens. Neither slow nor endless answers hold anything up.
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isRecord } from '../../apimachinery/object.js';
import { sleep, type Clock } from '../../clock/clock.js';
import type { ClientConfig } from '../../client/kubeconfig/kubeconfig.js';

export interface OutboundOptions {
  readonly clock: Clock;
  /** PEM; absent: the system's authorities. */
  readonly certificateAuthority?: string | undefined;
  readonly insecureSkipTLSVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  /** PEM. */
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Milliseconds for the whole answer. */
  readonly timeout: number;
  /** Milliseconds for all that is asked while the other side says when to come again; `timeout` when absent. */
  readonly patience?: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly text: string;
  /** '' when the answer does not say. */
  readonly contentType: string;
  /** Seconds after which to ask again; undefined when the answer does not say in whole seconds. */
  readonly retryAfter?: number | undefined;
}

/** Where a redirect led to nothing: what it named, and why. */
export class RedirectedError extends Error {
  constructor(
    readonly location: string,
    readonly reason: unknown,
  ) {
    super(reason instanceof Error ? reason.message : String(reason));
  }
}

/** How the message ends when an answer began and did not end in time. */
export const unfinished = ', to its end';

/** An answer may have so many bytes. */
const largest = 1024 * 1024;

/** So many redirects, and so many times that the other side asks to come again, are followed: those of Go's clients. */
const mostRedirects = 10;
const mostReturns = 10;

/**
 * Sends JSON (POST; bytes are JSON already), or asks (GET, without a body). Goes where a redirect leads, and comes again when who has too much to do
 * or an error of its own says when. Rejects with an Error when there is no whole answer, with {@link RedirectedError} when there is none at another place.
 */
export async function ask(url: string, body: unknown, options: OutboundOptions): Promise<OutboundAnswer> {
  const { clock, timeout, patience = timeout } = options;
  const bytes = body === undefined ? undefined : Buffer.from(body instanceof Uint8Array ? body : JSON.stringify(body));
  const end = clock.monotonic() + patience;
  for (let returns = 0; ; returns++) {
    const answer = await followed(url, bytes, { ...options, timeout: Math.min(timeout, end - clock.monotonic()) });
    const { status, retryAfter } = answer;
    if (retryAfter === undefined || (status !== 429 && status < 500) || returns === mostReturns) return answer;
    const left = Math.max(end - clock.monotonic(), 0);
    const pause = Math.max(retryAfter, 0) * 1000;
    await sleep(clock, Math.min(pause, left));
    if (pause >= left) throw late(new URL(url), patience);
  }
}

/** The answer of wherever the redirects lead to; all in the time of one. */
async function followed(url: string, body: Buffer | undefined, options: OutboundOptions): Promise<OutboundAnswer> {
  const { clock } = options;
  const end = clock.monotonic() + options.timeout;
  let where = new URL(url);
  let location: string | undefined;
  let sent = body;
  let { token } = options;
  for (let redirects = 0; ; redirects++) {
    let answer: AnswerThere;
    try {
      answer = await askThere(where, sent, { ...options, token, timeout: end - clock.monotonic() });
    } catch (error) {
      throw location === undefined ? error : new RedirectedError(location, error);
    }
    const { status } = answer;
    if (!redirectStatuses.has(status) || answer.location === undefined || answer.location === '') return answer;
    const shown = location ?? url;
    location = answer.location;
    if (redirects + 1 === mostRedirects) throw new RedirectedError(location, `stopped after ${mostRedirects} redirects`);
    let next: URL;
    try {
      next = new URL(location, where);
    } catch {
      const given = JSON.stringify(location);
      throw new RedirectedError(shown, `failed to parse Location header ${given}: parse ${given}: missing protocol scheme`);
    }
    const scheme = next.protocol.slice(0, -1);
    if (scheme !== 'https' && scheme !== 'http')
      throw new RedirectedError(location, `unsupported protocol scheme ${JSON.stringify(scheme)}`);
    // What proves who asks is for whom it was meant, and is not sent in the clear where it was not before.
    if (next.host !== where.host || (where.protocol === 'https:' && scheme === 'http')) token = undefined;
    if (status < 307) sent = undefined;
    where = next;
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

interface AnswerThere extends OutboundAnswer {
  readonly location: string | undefined;
}

function late({ origin }: URL, milliseconds: number): Error {
  return new Error(`no answer from ${origin} in ${milliseconds / 1000} s`);
}

function askThere(where: URL, bytes: Buffer | undefined, options: OutboundOptions): Promise<AnswerThere> {
  const send = where.protocol === 'https:' ? httpsRequest : httpRequest;
  const { clock, certificateAuthority, clientCertificate, clientKey, token, tlsServerName } = options;
  return new Promise((resolve, reject) => {
    const settings: RequestOptions & Readonly<Record<string, unknown>> = {
      method: bytes === undefined ? 'GET' : 'POST',
      agent: false,
      headers: {
        accept: 'application/json, */*',
        ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      // The certificate that is trusted may be the server's own, as Go's clients take it; envtest gives webhooks such a bundle.
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority, allowPartialTrustChain: true }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate, key: clientKey }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      rejectUnauthorized: options.insecureSkipTLSVerify !== true,
    };
    let begun = false;
    const request = send(where, settings, (response) => {
      begun = true;
      readUpTo(response, largest).then((body) => {
        const contentType = response.headers['content-type'] ?? '';
        const { location } = response.headers;
        const retryAfter = secondsIn(response.headers['retry-after']);
        finish(() => resolve({ status: response.statusCode ?? 0, text: body.toString('utf8'), contentType, retryAfter, location }));
      }, fail);
    });
    const timer = clock.after(options.timeout, () => {
      const { message } = late(where, options.timeout);
      fail(new Error(begun ? `${message}${unfinished}` : message));
    });
    const finish = (run: () => void): void => {
      timer.cancel();
      run();
    };
    const fail = (error: unknown): void => {
      finish(() => reject(error));
      request.destroy();
    };
    // A connection that ends without an answer is not tried again: the question may have had its effect.
    request.on('error', (error) => fail(error.message === 'socket hang up' ? new Error('EOF') : error));
    request.end(bytes);
  });
}

/** The whole body of an answer. Rejects when it has more than `most` bytes or breaks off. */
export function readUpTo(response: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) reject(new Error(`the answer has more than ${most} bytes`));
      else chunks.push(chunk);
    });
    response.once('end', () => resolve(Buffer.concat(chunks)));
    response.once('error', reject);
    response.once('close', () => reject(new Error('unexpected EOF')));
  });
}

function secondsIn(header: string | undefined): number | undefined {
  return header !== undefined && /^[-+]?[0-9]{1,9}$/.test(header) ? Number(header) : undefined;
}

/** A server that says that it cannot serve now (503) is believed, unless it says when it can. */
function isWorthAnotherTry({ status, retryAfter }: OutboundAnswer): boolean {
  if (status === 429 || (status >= 500 && status !== 503)) return true;
  return retryAfter !== undefined && (status < 200 || status > 206);
}

const tries = 5;
/** Before the second try, in milliseconds; each pause is half as long again as the one before. */
const usualPause = 500;
const longestRequest = 60_000;

/**
 * Sends a review to the webhook of a kubeconfig, and again after a pause when it has too much to do or an error of its own.
 * @param timeout milliseconds for each try. Rejects with an Error when there is no whole answer.
 * @param firstPause milliseconds before the second try
 * @param patience milliseconds for all tries: a request has no more time
 */
export async function askWebhook(
  config: ClientConfig,
  review: unknown,
  clock: Clock,
  timeout: number,
  firstPause = usualPause,
  patience = longestRequest,
): Promise<OutboundAnswer> {
  const { server, certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, tokenFile } = config;
  const token = tokenFile === undefined ? config.token : (await readFile(tokenFile, 'utf8')).trim();
  const credentials = { certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, token };
  const end = clock.monotonic() + patience;
  for (let attempt = 1; ; attempt++) {
    const left = Math.max(end - clock.monotonic(), 0);
    const last = attempt === tries;
    try {
      const settings = { clock, timeout: Math.min(timeout, left), patience: left, ...credentials };
      const answer = await ask(`${server}?timeout=${timeout / 1000}s`, review, settings);
      if (last || !isWorthAnotherTry(answer)) return answer;
    } catch (error) {
      if (last || !isRecord(error) || error['code'] !== 'ECONNRESET') throw error;
    }
    await sleep(clock, firstPause * 1.5 ** (attempt - 1));
  }
}
