// The routes that people reach by hand, on Express, over HTTP/1.1 and HTTP/2 alike.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import express, { type Express } from 'express';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import type { Discovery, DocumentResponse } from '../discovery/index.js';
import type { Health } from './health.js';
import type { OpenApi } from '../openapi/index.js';

export interface RouteOptions {
  readonly discovery: Discovery;
  readonly openapi: OpenApi;
  readonly health: Health;
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
  app.use((request, response, next) => {
    response.set('Cache-Control', 'no-cache, private');
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const error = new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
    json(response, error.status, error.code);
  });
  app.get('/version', (_request, response) => void json(response, options.version));
  app.get(['/healthz', '/livez', '/readyz', '/healthz/*check', '/livez/*check', '/readyz/*check'], (request, response) => {
    const [, endpoint = '', ...check] = request.path.split('/');
    const { status, text } = options.health.check(endpoint, check.join('/'), 'verbose' in request.query);
    plain(response, status, text);
  });
  app.get('/.well-known/openid-configuration', (_request, response) => void json(response, options.openid.configuration()));
  app.get(
    '/openid/v1/jwks',
    async (_request, response) => void json(response, await options.openid.keys(), 200, 'application/jwk-set+json'),
  );
  app.get(['/api', '/api/*rest', '/apis', '/apis/*rest'], (request, response, next) =>
    document(options.discovery.respond(request.path, request.headers, queryOf(request)), response, next),
  );
  app.get(['/openapi/v2', '/openapi/v3', '/openapi/v3/*rest'], (request, response, next) => {
    document(options.openapi.respond(request.path, queryOf(request), request.headers), response, next);
  });
  app.get('/', (_request, response) => void json(response, { paths: rootPaths }));
  app.use((_request, response) => plain(response, 404, '404 page not found\n'));
  app.use((error: unknown, request: express.Request, response: express.Response, _next: express.NextFunction) => {
    options.unexpected(error, request.path);
    if (!response.headersSent) plain(response, 500, 'Internal Server Error\n');
  });
  return bothProtocols(app);
}

const rootPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

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
  response.status(answer.status).set(answer.headers);
  response.setHeader('Content-Length', answer.body.byteLength);
  response.end(answer.body);
}

/**
 * Express extends HTTP/1.1's request and response by setting their prototypes, which would break HTTP/2's: those get prototypes of their
 * own with the same additions.
 */
function bothProtocols(app: Express): Routes {
  const extend = (additions: object, base: object): object => Object.create(base, Object.getOwnPropertyDescriptors(additions)) as object;
  const own = { app: { value: app, writable: true, configurable: true, enumerable: true } };
  const request2 = Object.create(extend(express.request, Http2ServerRequest.prototype), own) as object;
  const response2 = Object.create(extend(express.response, Http2ServerResponse.prototype), own) as object;
  const app2 = Object.create(app, { request: { value: request2 }, response: { value: response2 } }) as Express;
  const { handle } = app as unknown as { handle: (this: unknown, request: unknown, response: unknown) => void };
  return (request, response) => {
    if (request.httpVersionMajor === 2) {
      request.headers.host ??= (request as unknown as Http2ServerRequest).authority;
      handle.call(app2, request, response);
    } else handle.call(app, request, response);
  };
}
