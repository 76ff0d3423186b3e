// Request and response of an HTTP/2 stream in the form of Node's HTTP/1.1 objects, for Express.
import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange.js';

/** The pair for an exchange. What is written is gathered and sent when the response ends: these answers are short. */
export function nodeObjectsOf(exchange: Exchange): { readonly request: IncomingMessage; readonly response: ServerResponse } {
  const request = new IncomingMessage(exchange.socket!);
  request.method = exchange.method;
  request.url = exchange.query === '' ? exchange.path : `${exchange.path}?${exchange.query}`;
  request.headers = exchange.headers as Record<string, string>;
  request.httpVersion = '2.0';
  request.httpVersionMajor = 2;
  request.httpVersionMinor = 0;
  // Nothing on these paths reads a body.
  request.push(null);
  return { request, response: gather(new ServerResponse(request), exchange) };
}

/** Takes the place of the methods that write to a connection. They are the object's own, since Express gives it another prototype. */
function gather(response: ServerResponse, exchange: Exchange): ServerResponse {
  const pieces: Buffer[] = [];
  const take = (chunk: unknown, encoding: unknown): void => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return;
    if (typeof chunk !== 'string') pieces.push(chunk as Buffer);
    else pieces.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
  };
  const own = {
    writeHead: (status: number, ...rest: unknown[]) => {
      response.statusCode = status;
      const headers = rest.find((one) => typeof one === 'object') as OutgoingHttpHeaders | undefined;
      for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) response.setHeader(name, value);
      return response;
    },
    flushHeaders: () => undefined,
    write: (chunk: unknown, encoding?: unknown) => {
      take(chunk, encoding);
      return true;
    },
    end: (chunk?: unknown, encoding?: unknown) => {
      take(chunk, encoding);
      const headers: Record<string, string | string[]> = {};
      for (const [name, value] of Object.entries(response.getHeaders())) {
        if (value !== undefined && name !== 'content-length') headers[name] = typeof value === 'number' ? String(value) : value;
      }
      exchange.respond(response.statusCode, headers, pieces);
      response.emit('finish');
      response.emit('close');
      return response;
    },
  };
  return Object.assign(response, own);
}
