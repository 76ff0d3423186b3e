// An exchange over HTTP/1.1.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { closeSoon } from './bad-request.js';
import { readBodyOf, streamBodyOf } from './body.js';
import type { Exchange, ResponseHeaders, ResponseStream } from './exchange.js';
import { splitTarget } from './exchange.js';

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
      if (length > 0) response.end(body.length === 1 ? body[0] : Buffer.concat(body, length));
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
