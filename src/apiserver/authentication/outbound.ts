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
}

export interface OutboundAnswer {
  readonly status: number;
  readonly text: string;
  /** '' when the answer does not say. */
  readonly contentType: string;
}

/** How the message ends when an answer began and did not end in time. */
export const unfinished = ', to its end';

/** An answer may have so many bytes. */
const largest = 1024 * 1024;

/** Sends JSON (POST; bytes are JSON already), or asks (GET, without a body). Rejects with an Error when there is no whole answer. */
export function ask(url: string, body: unknown, options: OutboundOptions): Promise<OutboundAnswer> {
  const bytes = body === undefined ? undefined : Buffer.from(body instanceof Uint8Array ? body : JSON.stringify(body));
  const where = new URL(url);
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
        finish(() => resolve({ status: response.statusCode ?? 0, text: body.toString('utf8'), contentType }));
      }, fail);
    });
    const timer = clock.after(options.timeout, () => {
      fail(new Error(`no answer from ${where.origin} in ${options.timeout / 1000} s${begun ? unfinished : ''}`));
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

/** A server that says that it cannot serve now (503) is believed. */
function isWorthAnotherTry(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 503);
}

const tries = 5;
/** Before the second try, in milliseconds; each pause is half as long again as the one before. */
const usualPause = 500;

/**
 * Sends a review to the webhook of a kubeconfig, and again after a pause when it has too much to do or an error of its own.
 * @param timeout milliseconds for each try. Rejects with an Error when there is no whole answer.
 * @param firstPause milliseconds before the second try
 */
export async function askWebhook(
  config: ClientConfig,
  review: unknown,
  clock: Clock,
  timeout: number,
  firstPause = usualPause,
): Promise<OutboundAnswer> {
  const { server, certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, tokenFile } = config;
  const token = tokenFile === undefined ? config.token : (await readFile(tokenFile, 'utf8')).trim();
  const credentials = { certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, token };
  for (let attempt = 1; ; attempt++) {
    const last = attempt === tries;
    try {
      const answer = await ask(`${server}?timeout=${timeout / 1000}s`, review, { clock, timeout, ...credentials });
      if (last || !isWorthAnotherTry(answer.status)) return answer;
    } catch (error) {
      if (last || !isRecord(error) || error['code'] !== 'ECONNRESET') throw error;
    }
    await sleep(clock, firstPause * 1.5 ** (attempt - 1));
  }
}
