// Questions to others over HTTP: webhooks and issuers of tokens. Neither slow nor endless answers hold anything up.
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../clock/clock.js';

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

/** An answer may have so many bytes. */
const largest = 1024 * 1024;

/** Sends JSON (POST), or asks (GET, without a body). Rejects with an Error when there is no whole answer. */
export function ask(url: string, body: unknown, options: OutboundOptions): Promise<OutboundAnswer> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
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
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate, key: clientKey }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      rejectUnauthorized: options.insecureSkipTLSVerify !== true,
    };
    const request = send(where, settings, (response) => {
      readAll(response).then(
        (text) => finish(() => resolve({ status: response.statusCode ?? 0, text, contentType: response.headers['content-type'] ?? '' })),
        fail,
      );
    });
    const timer = clock.after(options.timeout, () => {
      fail(new Error(`no answer from ${where.origin} in ${options.timeout / 1000} s`));
    });
    const finish = (run: () => void): void => {
      timer.cancel();
      run();
    };
    const fail = (error: unknown): void => {
      finish(() => reject(error));
      request.destroy();
    };
    request.on('error', fail);
    request.end(bytes);
  });
}

function readAll(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largest) reject(new Error(`the answer has more than ${largest} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
  });
}
