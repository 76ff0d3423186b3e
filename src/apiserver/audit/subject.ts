// A request over HTTP as its audit sees it.
import { selectedName, selectorsOf } from '../authorization/request-selectors.js';
import type { RequestHeaders } from '../authentication/bearer-token.js';
import type { Exchange } from '../http/exchange.js';
import { isLongRunning } from '../lifecycle/timeout.js';
import type { RequestInfo, ResourceRequestInfo } from '../request/request-info.js';
import type { AuditedResource } from './policy-rules.js';
import type { AuditSubject } from './request-audit.js';
import { sourceAddresses } from './source-ips.js';

export function subjectOf(exchange: Exchange, auditId: string, info: RequestInfo, parameters: URLSearchParams): AuditSubject {
  const { path, query } = exchange;
  return {
    auditId,
    uri: query === '' ? path : `${path}?${query}`,
    verb: verbOf(info),
    path: info.path,
    resource: info.isResource ? resourceOf({ ...info, name: nameOf(info, parameters) }) : undefined,
    apiVersion: info.isResource && info.version !== '' ? info.version : undefined,
    userAgent: exchange.header('user-agent') ?? '',
    sourceIPs: () => sourceAddresses(firstOfEach(exchange), exchange.socket?.remoteAddress),
    longRunning: isLongRunning(info),
  };
}

/** Repeated headers come joined; of those that name addresses the first counts. */
function firstOfEach(exchange: Exchange): RequestHeaders {
  const { headers } = exchange;
  return isJoined(headers['x-forwarded-for']) || isJoined(headers['x-real-ip']) ? exchange.distinctHeaders() : headers;
}

function isJoined(value: string | readonly string[] | undefined): boolean {
  return typeof value === 'string' && value.includes(',');
}

/** Whoever lists or watches one name asks for that one. */
function nameOf({ verb, name }: ResourceRequestInfo, parameters: URLSearchParams): string {
  if (name !== '' || (verb !== 'list' && verb !== 'watch') || parameters.size === 0) return name;
  const selectors = selectorsOf(parameters);
  return selectors === undefined ? name : selectedName(selectors, parameters.get('fieldSelector') ?? '');
}

/** A namespace is in itself. */
export function resourceOf({ group, resource, subresource, namespace, name }: AuditedResource): AuditedResource {
  return { group, resource, subresource, namespace: group === '' && resource === 'namespaces' ? name : namespace, name };
}

/** Of a method that no resource takes there is no verb, but for HEAD. */
function verbOf(info: RequestInfo): string {
  return !info.isResource || info.hasVerb || info.method === 'HEAD' || info.method === 'GET' ? info.verb : '';
}
