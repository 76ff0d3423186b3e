// What tells how the server is: health, metrics, flow control, and the paths there are.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Express, Request, Response } from 'express';
import type { Registry } from '../../registry/index.js';
import { dump, type DumpClock } from '../flowcontrol/dump.js';
import type { FlowControl } from '../flowcontrol/flow-control.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { healthEndpoints, type Health } from './health.js';
import { flagsText, statusText, type StatusFacts } from './status-pages.js';

export interface AroundOptions {
  readonly registry: Pick<Registry, 'groups'>;
  readonly health: Health;
  readonly metrics: ServerMetrics;
  readonly flowControl: FlowControl;
  /** Real time. */
  readonly clock: DumpClock;
  readonly status: StatusFacts;
}

const compress = promisify(gzip);

/** Adds the routes; they answer every method, as the real server's do. */
export function mountAround(app: Express, { registry, health, metrics, flowControl, clock, status }: AroundOptions): void {
  for (const endpoint of healthEndpoints) {
    app.all(`/${endpoint}`, (request, response, next) => {
      // A slash at the end makes it another path.
      if (request.path !== `/${endpoint}`) return next();
      const { searchParams } = queryOf(request);
      const answer = health.all(endpoint, { verbose: searchParams.has('verbose'), exclude: searchParams.getAll('exclude') });
      plain(response, answer.status, answer.text);
    });
    app.all(`/${endpoint}/*check`, (request, response, next) => {
      const answer = health.one(endpoint, request.path.slice(endpoint.length + 2));
      if (answer === undefined) return next();
      if (answer.status === 200) bare(response, answer.text);
      else plain(response, answer.status, answer.text);
    });
  }
  app.all(['/metrics', '/metrics/slis'], async (request, response, next) => {
    if (request.path.endsWith('/')) return next();
    if (request.method === 'DELETE') {
      metrics.registry.reset();
      return bare(response, 'metrics reset\n');
    }
    const text = request.path === '/metrics' ? await metrics.text() : healthMetrics(health);
    await metricsText(request, response, text, metrics.startedSeconds);
  });
  app.all('/debug/api_priority_and_fairness/:table', (request, response, next) => {
    const details = queryOf(request).searchParams.get('includeRequestDetails');
    const text = dump(flowControl, String(request.params.table), clock, details !== null && details !== '0' && details !== 'false');
    if (text === undefined || request.path.endsWith('/')) return next();
    bare(response, text);
  });
  app.all('/statusz', (_request, response) => bare(response, statusText(status, clock)));
  app.all('/flagz', (_request, response) => bare(response, flagsText(status)));
  app.all(['/', '/index.html'], (_request, response) => {
    const bytes = Buffer.from(JSON.stringify({ paths: pathsOf(registry, health) }, null, 2));
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', bytes.byteLength);
    response.end(bytes);
  });
}

async function metricsText(request: Request, response: Response, text: string, started: number): Promise<void> {
  response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  response.setHeader('Process-Start-Time-Unix', String(started));
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  response.end(zipped ? await compress(text) : text);
}

/** Each check as a series, the form of `/metrics/slis`. https://kubernetes.io/docs/reference/instrumentation/slis/ */
function healthMetrics(health: Health): string {
  const lines = [
    '# HELP kubernetes_healthcheck [STABLE] 1 for each health check that is well, else 0.',
    '# TYPE kubernetes_healthcheck gauge',
  ];
  const series = healthEndpoints.flatMap((endpoint) =>
    health.names(endpoint).map((name) => ({ endpoint, name, well: health.one(endpoint, name)?.status === 200 })),
  );
  series.sort((a, b) => (a.name !== b.name ? (a.name < b.name ? -1 : 1) : a.endpoint < b.endpoint ? -1 : 1));
  for (const { endpoint, name, well } of series) lines.push(`kubernetes_healthcheck{name="${name}",type="${endpoint}"} ${well ? 1 : 0}`);
  return `${lines.join('\n')}\n`;
}

const fixedPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/',
  '/flagz',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/statusz',
  '/version',
];

function pathsOf(registry: AroundOptions['registry'], health: Health): readonly string[] {
  const groups = registry
    .groups()
    .filter(({ name }) => name !== '')
    .flatMap(({ name, versions }) => [`/apis/${name}`, ...versions.map((version) => `/apis/${name}/${version}`)]);
  const checks = healthEndpoints.flatMap((endpoint) => [`/${endpoint}`, ...health.names(endpoint).map((name) => `/${endpoint}/${name}`)]);
  return [...fixedPaths, ...groups, ...checks].sort();
}

function queryOf(request: Request): URL {
  return new URL(request.originalUrl, 'https://server');
}

function bare(response: Response, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

function plain(response: Response, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('X-Content-Type-Options', 'nosniff');
  bare(response, text);
}
