// An exchange over one HTTP/2 stream.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, Http2ServerRequest, Http2ServerResponse, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { readBodyOf } from './body.js';
import type { Exchange, ResponseHeaders, ResponseStream } from './exchange.js';
import { splitTarget } from './exchange.js';

export function http2Exchange(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): Exchange {
  const { path, query } = splitTarget(headers[':path'] ?? '/');
  return {
    method: headers[':method'] ?? 'GET',
    path,
    query,
    httpVersion: '2',
    headers,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    connection: stream.session ?? stream,
    // The compatibility objects have the methods of HTTP/1.1's that Express uses; their types only look different.
    nodeObjects: () => ({
      request: new Http2ServerRequest(stream, headers, {}, rawHeaders) as unknown as IncomingMessage,
      response: new Http2ServerResponse(stream) as unknown as ServerResponse,
    }),
    socket: stream.session?.socket as TLSSocket | undefined,
    readBody: (limit) => (stream.endAfterHeaders ? Promise.resolve(none) : readBodyOf(stream, headers['content-length'], limit)),
    respond: (status, responseHeaders, body) => {
      if (stream.destroyed || stream.closed || stream.headersSent) return;
      let length = 0;
      for (const chunk of body) length += chunk.byteLength;
      const out = lowerCase(status, responseHeaders);
      out['content-length'] = length;
      // An answer before the whole body has come (too large, wrong type): the rest is not wanted.
      if (!stream.endAfterHeaders && !stream.readableEnded) stream.once('finish', () => stream.close());
      if (length === 0) {
        stream.respond(out, { endStream: true });
        return;
      }
      stream.respond(out);
      for (let i = 0; i < body.length - 1; i++) stream.write(body[i]!);
      stream.end(body[body.length - 1]!);
    },
    stream: (status, responseHeaders) => {
      if (!stream.destroyed && !stream.closed && !stream.headersSent) stream.respond(lowerCase(status, responseHeaders));
      return streamOf(stream);
    },
    abort: () => stream.close(constants.NGHTTP2_CANCEL),
    onClose: (run) => {
      if (stream.closed) run();
      else stream.once('close', run);
    },
  };
}

const none = new Uint8Array(0);

function lowerCase(status: number, headers: ResponseHeaders): Record<string, string | number | string[]> {
  const out: Record<string, string | number | string[]> = { ':status': status };
  for (const name in headers) {
    // HTTP/2 has no such header: its streams end by themselves.
    if (name === 'Connection') continue;
    const value = headers[name]!;
    out[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  }
  return out;
}

function streamOf(stream: ServerHttp2Stream): ResponseStream {
  return {
    write: (chunk) => {
      if (!stream.destroyed && !stream.writableEnded) stream.write(chunk);
    },
    buffered: () => stream.writableLength,
    onDrain: (run) => void stream.once('drain', run),
    end: () => {
      if (!stream.destroyed) stream.end();
    },
    // With an error code: without one Node waits for what is not yet sent, and for ever when the client has gone meanwhile.
    abort: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}
