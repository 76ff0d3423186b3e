// Reads what a request is about from its method and path, before anything is known about kinds.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris

/** A request to a resource of the API. */
export interface ResourceRequestInfo {
  readonly isResource: true;
  readonly path: string;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** What follows the subresource, for proxies: `a/b`. */
  readonly rest: string;
  /** '' for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** '' for collections. */
  readonly name: string;
  readonly method: string;
}

/** A request to anything else: `/version`, `/healthz`, discovery. */
export interface PathRequestInfo {
  readonly isResource: false;
  readonly path: string;
  /** The method in lower case, as authorization sees it. */
  readonly verb: string;
  readonly method: string;
}

export type RequestInfo = ResourceRequestInfo | PathRequestInfo;

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection';

const verbs: Readonly<Record<string, Verb>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Subresources of a namespace itself: any other third part is a resource in it. */
const namespaceSubresources = new Set(['status', 'finalize']);

function decodePart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    // Not percent-encoding: the text stands for itself, and no resource will have that name.
    return part;
  }
}

/** `wantsWatch`: whether the query has `watch=true`. */
export function resolveRequest(method: string, path: string, wantsWatch: boolean): RequestInfo {
  const parts = path.split('/');
  // parts[0] is '' before the first slash.
  const isCore = parts[1] === 'api';
  const isGroup = parts[1] === 'apis';
  const other: PathRequestInfo = { isResource: false, path, verb: method.toLowerCase(), method };
  if (!isCore && !isGroup) return other;
  let at = isCore ? 2 : 3;
  const group = isCore ? '' : decodePart(parts[2] ?? '');
  const version = decodePart(parts[at++] ?? '');
  if (version === '' || parts.length <= at || (parts.length === at + 1 && parts[at] === '')) return other;
  let verb = verbs[method];
  if (verb === undefined) return other;
  let watchPrefix = false;
  if (parts[at] === 'watch' && parts.length > at + 1) {
    watchPrefix = true;
    at++;
  }
  let namespace = '';
  let resource = decodePart(parts[at] ?? '');
  let rest = parts.slice(at + 1);
  if (resource === 'namespaces' && rest.length > 0) {
    const second = rest[1];
    if (rest.length > 1 && second !== undefined && second !== '' && !namespaceSubresources.has(second)) {
      namespace = decodePart(rest[0]!);
      resource = decodePart(second);
      rest = rest.slice(2);
    }
  }
  const name = decodePart(rest[0] ?? '');
  const subresource = decodePart(rest[1] ?? '');
  if (verb === 'get' && name === '') verb = wantsWatch ? 'watch' : 'list';
  else if (verb === 'delete' && name === '') verb = 'deletecollection';
  if (watchPrefix && (verb === 'get' || verb === 'list')) verb = 'watch';
  return { isResource: true, path, verb, group, version, resource, subresource, rest: rest.slice(2).join('/'), namespace, name, method };
}
