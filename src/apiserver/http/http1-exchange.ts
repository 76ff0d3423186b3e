// An exchange over HTTP/1.1.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { closeSoon } from './bad-request.js';
import { readBodyOf, streamBodyOf } from './body.js';
import type { Exchange, ResponseHeaders, ResponseStream } from './exchange.js';
import { headerText, splitTarget } from './exchange.js';

export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { path, query } = splitTarget(request.url ?? '/');
  return {
    method: request.method ?? 'GET',
    path,
    query,
    httpVersion: '1.1',
    headers: request.headers,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    distinctHeaders: () => {
      const out = Object.create(null) as Record<string, readonly string[] | undefined>;
      for (const [name, values] of Object.entries(request.headersDistinct)) out[name] = values?.map(headerText);
      return out;
    },
    connection: request.socket,
    nodeObjects: () => ({ request, response }),
    socket: 'getPeerCertificate' in request.socket ? (request.socket as TLSSocket) : undefined,
    readBody: (limit) => readBodyOf(request, request.headers['content-length'], limit),
    streamBody: (sink) => streamBodyOf(request, sink),
    respond: (status, headers, body) => {
      if (response.destroyed || response.headersSent) return;
      let length = 0;
      for (const chunk of body) length += chunk.byteLength;
      response.writeHead(status, { ...writable(headers), 'Content-Length': length });
      // In one piece: Node would make a write of each.
      if (length > longestPiece) writeLong(response, body);
      else if (length > 0) response.end(body.length === 1 ? body[0] : Buffer.concat(body, length));
      else response.end();
      // An answer before the whole body has come (too large, wrong type): nobody waits for the rest of it for long.
      if (!request.complete) closeSoon(request.socket, () => request.complete);
    },
    stream: (status, headers) => {
      if (!response.destroyed && !response.headersSent) {
        response.writeHead(status, writable(headers));
        response.flushHeaders();
      }
      return streamOf(response);
    },
    abort: () => void response.destroy(),
    onClose: (run) => {
      if (response.closed) run();
      else response.once('close', run);
    },
  };
}

/** What is written at once, in bytes: to encrypt more takes longer than others should wait. */
const longestPiece = 512 * 1024;

/** Writes a long answer as the client takes it. */
function writeLong(response: ServerResponse, body: readonly Uint8Array[]): void {
  let next = 0;
  let rest: Uint8Array | undefined;
  const go = (): void => {
    if (response.destroyed) return;
    const pieces: Uint8Array[] = [];
    for (let length = 0; length < longestPiece && (rest !== undefined || next < body.length);) {
      const piece = rest ?? body[next++]!;
      const taken = piece.subarray(0, longestPiece - length);
      rest = taken.byteLength === piece.byteLength ? undefined : piece.subarray(taken.byteLength);
      pieces.push(taken);
      length += taken.byteLength;
    }
    const bytes = Buffer.concat(pieces);
    if (rest === undefined && next >= body.length) response.end(bytes);
    else if (response.write(bytes)) setImmediate(go);
    else response.once('drain', go);
  };
  go();
}

function writable(headers: ResponseHeaders): Record<string, string | string[]> {
  const copy: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name]!;
    copy[name] = typeof value === 'string' ? value : [...value];
  }
  return copy;
}

function streamOf(response: ServerResponse): ResponseStream {
  return {
    write: (chunk) => {
      if (response.destroyed || response.writableEnded) return;
      // What is written in one turn of the event loop goes out together.
      if (response.writableCorked === 0) {
        response.cork();
        process.nextTick(() => response.uncork());
      }
      response.write(chunk);
    },
    buffered: () => response.writableLength,
    onDrain: (run) => void response.once('drain', run),
    end: () => void response.end(),
    abort: () => void response.destroy(),
  };
}
