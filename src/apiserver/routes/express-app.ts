// The routes that people reach by hand, on Express, over HTTP/1.1 and HTTP/2 alike.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { ApiError, resourceNotFound } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import type { Discovery, DocumentResponse } from '../discovery/index.js';
import type { OpenApi } from '../openapi/index.js';
import { mountAround, type AroundOptions } from './around.js';

export interface RouteOptions {
  readonly discovery: Discovery;
  readonly openapi: OpenApi;
  /** Health, metrics and the like. */
  readonly around: AroundOptions;
  /** The body of `/version`. */
  readonly version: unknown;
  /** `/.well-known/openid-configuration` and `/openid/v1/jwks`. */
  readonly openid: { configuration(): unknown; keys(): Promise<unknown> };
  unexpected(error: unknown, path: string): void;
}

export type Routes = (request: IncomingMessage, response: ServerResponse, user: UserInfo) => void;

/** Makes the application. Loaded on the first request that needs it: the resources of the API do without. */
export function createRoutes(options: RouteOptions): Routes {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  mountAround(app, options.around);
  app.get(
    '/version',
    only((_request, response) => json(response, options.version)),
  );
  app.get(
    '/.well-known/openid-configuration',
    only((_request, response) => json(response, options.openid.configuration())),
  );
  app.get(
    '/openid/v1/jwks',
    only(async (_request, response) => json(response, await options.openid.keys(), 200, 'application/jwk-set+json')),
  );
  app.all(['/version', '/.well-known/openid-configuration', '/openid/v1/jwks'], (_request, response) => notAllowed(response));
  // What is below it the real server looks for among the API's resources.
  app.all('/version/*rest', (_request, response) => status(response, resourceNotFound()));
  app.all(['/api', '/api/*rest', '/apis', '/apis/*rest'], (request, response, next) => {
    const answer = options.discovery.respond(request.path, request.headers, queryOf(request));
    if (answer !== undefined && request.method !== 'GET' && !takesAll.test(request.path)) return notAllowed(response);
    document(answer, response, next);
  });
  app.all(['/openapi/v2', '/openapi/v3', '/openapi/v3/*rest'], async (request, response, next) => {
    await options.openapi.ahead(request.path, request.headers);
    document(options.openapi.respond(request.path, queryOf(request), request.headers), response, next);
  });
  app.use((_request, response) => plain(response, 404, '404 page not found\n'));
  app.use((error: unknown, request: express.Request, response: express.Response, _next: express.NextFunction) => {
    options.unexpected(error, request.path);
    if (!response.headersSent) plain(response, 500, 'Internal Server Error\n');
  });
  const { handle } = app as unknown as { handle: (this: unknown, request: unknown, response: unknown) => void };
  return (request, response) => handle.call(app, request, response);
}

/** Of discovery, the list of groups and a group alone are given whatever the method. */
const takesAll = /^\/apis(?:\/[^/]*)?\/?$/;

/** Express takes HEAD for GET, which the real server does not. */
function only(serve: (request: express.Request, response: express.Response) => void | Promise<void>): express.RequestHandler {
  return (request, response, next) => (request.method === 'GET' ? serve(request, response) : next());
}

function notAllowed(response: express.Response): void {
  status(response, new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}));
}

function status(response: express.Response, error: ApiError): void {
  json(response, error.status, error.code);
}

/** The query without its question mark. */
function queryOf({ originalUrl }: express.Request): string {
  const mark = originalUrl.indexOf('?');
  return mark < 0 ? '' : originalUrl.slice(mark + 1);
}

function json(response: express.Response, value: unknown, status = 200, type = 'application/json'): void {
  const bytes = Buffer.from(JSON.stringify(value, null, 2));
  response.statusCode = status;
  // Without the charset that Express adds: clients compare the type.
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.byteLength);
  response.end(bytes);
}

function plain(response: express.Response, status: number, text: string): void {
  response.status(status).set({ 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }).end(text);
}

function document(answer: DocumentResponse | undefined, response: express.Response, next: express.NextFunction): void {
  if (answer === undefined) return next();
  response.status(answer.status);
  // Not with Express's set, which adds a charset that clients do not expect.
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('Content-Length', answer.body.byteLength);
  response.end(answer.body);
}
