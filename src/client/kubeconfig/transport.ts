// HTTP requests to an API server: credentials, JSON, errors as ApiError. undici is loaded with the first client.
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { isRecord, type Status } from '../../apimachinery/object.js';
import { sleep, type Clock } from '../../clock/clock.js';
import type { ClientConfig } from './kubeconfig.js';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export interface Transport {
  /** The answer's JSON. Rejects with ApiError. */
  json(request: TransportRequest): Promise<unknown>;
  /** The answer's body as it comes. Rejects with ApiError. */
  stream(request: TransportRequest, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
}

const tokenLifetime = 60_000;
const mostRetries = 10;

/** An error in the shape of the server's when the server itself could not be asked. */
function unreachable(server: string, error: unknown): ApiError {
  const why = error instanceof AggregateError ? String(error.errors[0]) : error instanceof Error ? error.message : String(error);
  return new ApiError(503, 'ServiceUnavailable', `cannot reach ${server}: ${why}`);
}

/** The error that an answer stands for: its Status, or its text. */
export function errorOf(code: number, retryAfter: string | undefined, body: string): ApiError {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
  try {
    const status: unknown = JSON.parse(body);
    if (isRecord(status) && status['kind'] === 'Status') return apiErrorOf(status as unknown as Status, code, headers);
  } catch {
    // Not every error is a Status: paths that do not exist are plain text.
  }
  return new ApiError(code, '', body.trim() === '' ? `the server answered ${code}` : body.trim());
}

/** The error that a Status stands for. */
export function apiErrorOf(status: Status, code = 500, headers: Readonly<Record<string, string>> = {}): ApiError {
  return new ApiError(status.code ?? code, status.reason ?? '', status.message ?? '', status.details, headers);
}

export async function createTransport({
  config,
  clock,
  userAgent,
}: {
  readonly config: ClientConfig;
  readonly clock: Clock;
  readonly userAgent: string;
}): Promise<Transport> {
  const { Agent } = await import('./undici-library.js');
  const agent: Agent = new Agent({
    connect: {
      ...(config.certificateAuthority === undefined ? {} : { ca: config.certificateAuthority, allowPartialTrustChain: true }),
      ...(config.clientCertificate === undefined ? {} : { cert: config.clientCertificate }),
      ...(config.clientKey === undefined ? {} : { key: config.clientKey }),
      ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
      rejectUnauthorized: config.insecureSkipTLSVerify !== true,
    },
  });
  const url = new URL(config.server);
  const prefix = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '');
  let token: { readonly value: string; readonly read: number } | undefined;

  const authorization = async (): Promise<string | undefined> => {
    if (config.token !== undefined) return `Bearer ${config.token}`;
    if (config.tokenFile !== undefined) {
      if (!token || clock.now() - token.read > tokenLifetime)
        token = { value: (await readFile(config.tokenFile, 'utf8')).trim(), read: clock.now() };
      return `Bearer ${token.value}`;
    }
    if (config.username !== undefined) return `Basic ${Buffer.from(`${config.username}:${config.password ?? ''}`).toString('base64')}`;
    return undefined;
  };
  const send = async (request: TransportRequest, signal?: AbortSignal) => {
    try {
      const authorized = await authorization();
      return await agent.request({
        origin: url.origin,
        path: prefix + request.path,
        method: request.method,
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': userAgent,
          ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
          ...(authorized === undefined ? {} : { authorization: authorized }),
          ...(config.as === undefined ? {} : { 'impersonate-user': config.as }),
          ...(config.asGroups === undefined ? {} : { 'impersonate-group': [...config.asGroups] }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // Watches are silent for long; their length is asked of the server.
        ...(signal === undefined ? {} : { signal, bodyTimeout: 0 }),
      });
    } catch (error) {
      throw unreachable(config.server, error);
    }
  };
  /** Sends again while the server asks to come back later. */
  const answer = async (request: TransportRequest, signal?: AbortSignal) => {
    for (let retry = 0; ; retry++) {
      const response = await send(request, signal);
      if (response.statusCode < 400) return response;
      const header = response.headers['retry-after'];
      const retryAfter = Array.isArray(header) ? header[0] : header;
      const error = errorOf(response.statusCode, retryAfter, await response.body.text().catch(() => ''));
      if (response.statusCode !== 429 || retryAfter === undefined || retry === mostRetries || signal?.aborted) throw error;
      await sleep(clock, Math.min(Number(retryAfter) || 1, 60) * 1000, signal);
    }
  };

  return {
    async json(request) {
      const response = await answer(request);
      try {
        return await response.body.json();
      } catch (error) {
        throw unreachable(config.server, error);
      }
    },
    async stream(request, signal) {
      return (await answer(request, signal)).body;
    },
    close: () => agent.destroy(),
  };
}
