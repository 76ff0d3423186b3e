// The server behind an API service: where it is, how it is trusted, and the connections to it.
import { Agent, request as httpsRequest } from 'node:https';
import type { ClientRequest } from 'node:http';
import type { APIService, APIServiceSpec } from '../../../openapi/types/apiregistration.v1.js';
import type { Clock } from '../../clock/clock.js';
import { readUpTo } from '../authentication/outbound.js';
import type { KeyPair } from '../certificates/cluster-certificates.js';
import { reachService, type Reached, type ServiceLookup } from '../services/reach.js';
import type { OutgoingHeaders } from './headers.js';

export interface BackendContext extends ServiceLookup {
  /** What this server proves itself with. */
  readonly proxyClient: KeyPair;
  /** Real time: backends live outside the cluster. */
  readonly systemClock: Clock;
}

export interface BackendRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: OutgoingHeaders;
}

/** A connection takes so long at most, in milliseconds. */
const longestConnect = 30_000;
/** Connections that are kept for later. */
const mostIdle = 16;
/** Headers of an answer may have so many bytes. */
const largestHeaders = 256 * 1024;

/** One for each state of an API service's `spec` and no longer. */
export class Backend {
  readonly #agent: Agent;
  readonly #reference: { readonly namespace: string; readonly name: string; readonly port: number };

  constructor(
    spec: APIServiceSpec,
    private readonly context: BackendContext,
  ) {
    const { caBundle = '', insecureSkipTLSVerify = false, service } = spec;
    const { namespace = '', name = '', port = 443 } = service ?? {};
    this.#reference = { namespace, name, port };
    const { certificate, key } = context.proxyClient;
    this.#agent = new Agent({
      keepAlive: true,
      maxFreeSockets: mostIdle,
      scheduling: 'lifo',
      cert: certificate,
      key,
      ...(caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64').toString(), allowPartialTrustChain: true }),
      // Whoever names the API service is believed by its own certificate's name.
      servername: `${name}.${namespace}.svc`,
      rejectUnauthorized: !insecureSkipTLSVerify,
      ALPNProtocols: ['http/1.1'],
    });
  }

  /** Host and port to connect to, or what is missing. */
  reach(): Promise<Reached> {
    return reachService(this.#reference, this.context);
  }

  /** Begins a request. Its errors are events; a certificate or header that cannot be used is thrown. */
  begin(authority: string, { method, path, headers }: BackendRequest): ClientRequest {
    const { hostname, port } = new URL(`https://${authority}`);
    const request = httpsRequest({
      agent: this.#agent,
      hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
      port: port === '' ? 443 : port,
      method,
      path,
      headers: { ...headers, host: authority },
      maxHeaderSize: largestHeaders,
      setHost: false,
    });
    const giveUp = this.context.systemClock.after(longestConnect, () => {
      const seconds = longestConnect / 1000;
      request.destroy(Object.assign(new Error(`dial tcp ${authority}: no connection in ${seconds} s`), { code: 'ETIMEDOUT' }));
    });
    const connected = (): void => giveUp.cancel();
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('secureConnect', connected);
      else connected();
    });
    request.once('close', connected);
    return request;
  }

  /**
   * Asks and reads the whole answer, at most `most` bytes of it, in `milliseconds`. Rejects with an Error.
   * Aggregated documents may be gzipped by nobody: none is asked to.
   */
  fetch(authority: string, request: BackendRequest, most: number, milliseconds: number): Promise<BackendAnswer> {
    return new Promise((resolve, reject) => {
      const sent = this.begin(authority, request);
      const fail = (error: unknown): void => {
        timer.cancel();
        sent.destroy();
        reject(error);
      };
      const timer = this.context.systemClock.after(milliseconds, () =>
        fail(Object.assign(new Error(`no answer from ${authority} in ${milliseconds / 1000} s`), { code: timedOut })),
      );
      sent.once('error', fail);
      sent.once('response', (response) => {
        readUpTo(response, most).then((body) => {
          timer.cancel();
          resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body });
        }, fail);
      });
      sent.end();
    });
  }

  /** Takes no more requests; those that go on may end. */
  retire(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    this.#agent.maxFreeSockets = 0;
  }

  /** Ends all requests. */
  close(): void {
    this.#agent.destroy();
  }
}

/** The code of an error that says that an answer took too long. */
export const timedOut = 'ANSWER_TIMED_OUT';

export interface BackendAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Whether two API services lead to the same backend in the same way. */
export function isSameBackend({ spec: one }: APIService, { spec: other }: APIService): boolean {
  return (
    one?.caBundle === other?.caBundle &&
    one?.insecureSkipTLSVerify === other?.insecureSkipTLSVerify &&
    one?.service?.namespace === other?.service?.namespace &&
    one?.service?.name === other?.service?.name &&
    one?.service?.port === other?.service?.port
  );
}
