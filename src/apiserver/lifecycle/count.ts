// What a request is counted as, and what is counted when it has been answered from a kind.
import type { Kind } from '../../registry/kind.js';
import type { ApiRequest, ApiResult } from '../core/api-request.js';
import type { RequestSeries } from '../metrics/request-metrics.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { RequestInfo, ResourceRequestInfo } from '../request/request-info.js';
import type { ServedExchange } from './served-exchange.js';

const applyType = 'application/apply-patch';

/** undefined for what is not counted: unknown resources and paths, so that nobody else's words become labels. */
export function seriesOf(
  { requests }: ServerMetrics,
  exchange: ServedExchange,
  info: RequestInfo,
  kind: Kind | undefined,
  parameters: URLSearchParams,
): RequestSeries | undefined {
  if (!info.isResource) {
    const { path } = info;
    if (path === '/healthz' || path === '/livez' || path === '/readyz') return requests.ofPath(path);
    if (path === '/openapi/v3') return requests.ofPath('openapi/v3');
    return path.startsWith('/openapi/v3/') ? requests.ofPath('openapi/v3/') : undefined;
  }
  if (kind === undefined || (info.subresource !== '' && !kind.subresources.has(info.subresource))) return undefined;
  const apply = info.verb === 'patch' && exchange.header('content-type')?.startsWith(applyType) === true;
  return requests.ofResource(kind, info, apply, parameters.size > 0 && parameters.has('dryRun'));
}

/** Counts what is served besides the request itself. */
export function countServed(metrics: ServerMetrics, { kind, subresource }: ApiRequest, result: ApiResult): void {
  if (kind.deprecation !== undefined) {
    metrics.deprecated.with(kind.group, '', kind.resource, subresource, kind.version).set(1);
  }
  if (result.type === 'list') {
    metrics.cacheLists.total.with(kind.group, '', kind.resource).add();
    metrics.cacheLists.returned.with(kind.group, kind.resource).add(result.entries.length);
  }
}

/** Of a watch: cluster, namespace or resource. */
export function scopeOf({ namespace, name }: ResourceRequestInfo): string {
  return name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
}
