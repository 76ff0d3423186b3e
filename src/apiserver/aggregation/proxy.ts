// Sends a request on to the server behind an API service and its answer back, both as they come.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { UserInfo } from '../../registry/kind.js';
import type { Clock } from '../../clock/clock.js';
import type { ResponseStream } from '../http/exchange.js';
import { isLongRunning } from '../lifecycle/timeout.js';
import type { ServedExchange } from '../lifecycle/served-exchange.js';
import type { RequestInfo } from '../request/request-info.js';
import type { RemoteService } from './api-services.js';
import { answeredHeaders, forwardedHeaders } from './headers.js';
import { transportProblem } from './problems.js';
import { passUpgrade } from './upgrade.js';

export interface ProxyRequest {
  readonly exchange: ServedExchange;
  readonly user: UserInfo;
  readonly info: RequestInfo;
  /** Real time. */
  readonly clock: Clock;
}

/** When so many bytes wait for the client, no more are read of the answer. */
const mostWaiting = 256 * 1024;

const plainText = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };

/** Resolves when the answer is complete, or under way when it goes on for as long as the client likes (a watch). Never rejects. */
export async function proxy(remote: RemoteService, asked: ProxyRequest): Promise<void> {
  const { exchange, user } = asked;
  const reached = remote.available ? await remote.backend.reach() : undefined;
  if (reached?.missing !== undefined || reached === undefined) return unavailable(exchange, 'service unavailable\n');
  if (exchange.answered) return;
  const upgrading = exchange.upgrade !== undefined && exchange.httpVersion === '1.1';
  const headers = forwardedHeaders(exchange, user, reached.authority, String(exchange.common['Audit-Id']));
  if (upgrading) {
    Object.assign(headers, { connection: 'Upgrade', upgrade: exchange.header('upgrade') ?? '' });
    // No body is sent on: a backend that waited for one would take the next request on its connection, which is somebody else's, for it.
    delete headers['content-length'];
  }
  const path = exchange.path.includes('%') ? normal(exchange.path) : exchange.path;
  const query = readable(exchange.query);
  const whole = query === '' ? path : `${path}?${query}`;
  let request: ClientRequest;
  try {
    request = remote.backend.begin(reached.authority, { method: exchange.method, path: whole, headers });
  } catch (error) {
    // A certificate that is none, or a user that cannot stand in a header.
    return unavailable(exchange, `error trying to reach service: ${transportProblem(error)}\n`);
  }
  return new Promise((resolve) => {
    exchange.onClose(() => {
      request.destroy();
      resolve();
    });
    // More than once, when a broken connection is broken off.
    request.on('error', (error) => {
      if (!exchange.answered) unavailable(exchange, `error trying to reach service: ${transportProblem(error)}\n`);
      resolve();
    });
    request.once('response', (response) => {
      if (exchange.answered) return void request.destroy();
      const problem = statusProblem(response.statusCode ?? 0, upgrading);
      if (problem !== undefined) {
        request.destroy();
        unavailable(exchange, `${problem}\n`);
        return resolve();
      }
      answer(asked, request, response).then(resolve, () => {
        // What cannot be written as an answer, as a status that there is not, must not end the process.
        request.destroy();
        exchange.abort();
        resolve();
      });
    });
    request.once('upgrade', (response, socket, head) => {
      if (upgrading) passUpgrade(exchange, response, socket, head);
      else {
        socket.destroy();
        const wanted = JSON.stringify(response.headers.upgrade ?? '');
        unavailable(exchange, `backend tried to switch protocol ${wanted} when "" was requested\n`);
      }
      resolve();
    });
    if (upgrading) request.end();
    else passBody(exchange, request);
  });
}

function unavailable(exchange: ServedExchange, text: string): void {
  exchange.respond(503, plainText, [Buffer.from(text)]);
}

/** With only those characters encoded that must be: an encoded slash divides like any other, as it does for who may ask. */
function normal(path: string): string {
  try {
    return encodeURI(decodeURIComponent(path)).replaceAll('?', '%3F').replaceAll('#', '%23');
  } catch {
    return path;
  }
}

/** Without the parameters that this server cannot read, which another one may read in its own way: `a=1;watch=true`. */
function readable(query: string): string {
  if (!query.includes(';') && !query.includes('%')) return query;
  return query
    .split('&')
    .filter((pair) => !pair.includes(';') && isEscaped(pair))
    .join('&');
}

/** Whether each percent sign is followed by two hexadecimal digits. */
function isEscaped(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1))
    if (!/^[0-9a-fA-F]{2}/.test(text.slice(at + 1, at + 3))) return false;
  return true;
}

function passBody(exchange: ServedExchange, request: ClientRequest): void {
  exchange.streamBody({
    piece: (bytes, taken) => {
      // Node frames no body of a GET or DELETE by itself: what follows would be read as another request.
      if (!request.headersSent && request.getHeader('content-length') === undefined) request.setHeader('transfer-encoding', 'chunked');
      // Whatever becomes of the request, the client may send the rest: nobody keeps it.
      if (request.destroyed || request.write(bytes)) taken();
      else request.once('drain', taken);
    },
    end: () => void request.end(),
    gone: () => void request.destroy(),
  });
}

/** What an answer's status alone makes of it: nothing that the client could read. */
function statusProblem(status: number, upgrading: boolean): string | undefined {
  if (status === 101) return 'internal error: 101 switching protocols response with non-writable body';
  return upgrading && status < 400 ? `invalid upgrade response: status code ${status}` : undefined;
}

async function answer(asked: ProxyRequest, request: ClientRequest, response: IncomingMessage): Promise<void> {
  const { exchange, info, clock } = asked;
  const status = response.statusCode ?? 502;
  if (status >= 300 && status < 400 && (response.headers.location ?? '') !== '') {
    request.destroy();
    const text = 'the backend attempted to redirect this request, which is not permitted';
    exchange.respond(502, { 'Content-Type': 'text/plain; charset=utf-8' }, [Buffer.from(text)]);
    return;
  }
  if (status < 100) throw new RangeError(`${status} is no status of an answer`);
  const goesOn = isLongRunning(info);
  const stream = exchange.stream(status, answeredHeaders(response.rawHeaders));
  const limit = goesOn ? undefined : clock.after(Math.max(exchange.deadline - clock.monotonic(), 0), () => stream.abort());
  const done = passAnswer(response, stream).finally(() => limit?.cancel());
  exchange.onClose(() => limit?.cancel());
  if (!goesOn) await done;
}

function passAnswer(response: IncomingMessage, stream: ResponseStream): Promise<void> {
  return new Promise((resolve) => {
    response.on('data', (chunk: Buffer) => {
      stream.write(chunk);
      if (stream.buffered() <= mostWaiting) return;
      response.pause();
      stream.onDrain(() => response.resume());
    });
    response.once('end', () => {
      stream.end();
      resolve();
    });
    // What broke off must not look complete.
    response.once('error', () => stream.abort());
    response.once('close', () => {
      if (!response.complete) stream.abort();
      resolve();
    });
  });
}
