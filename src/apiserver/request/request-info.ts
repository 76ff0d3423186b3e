// Reads what a request is about from its method and path, before anything is known about kinds.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris

import { quote } from '../../apimachinery/schema/problems.js';

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
  /** False for HEAD, OPTIONS and all other methods that no resource takes: their `verb` is that of a GET, and they are only ever refused. */
  readonly hasVerb: boolean;
}

/** A request to anything else: `/version`, `/healthz`, discovery. */
export interface PathRequestInfo {
  readonly isResource: false;
  readonly path: string;
  /** The method in lower case, as authorization sees it. */
  readonly verb: string;
  readonly method: string;
  /** The whole answer, a 500 in plain text, to a path that ends where a resource should follow. */
  readonly malformed?: string;
}

export type RequestInfo = ResourceRequestInfo | PathRequestInfo;

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection';

const verbs: Readonly<Record<string, Verb>> = { POST: 'create', GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Words before the resource that ask for something special: a watch, and what once was a proxy. */
const prefixes = new Set(['watch', 'proxy']);

/** Subresources of a namespace itself: any other third part is a resource in it. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** A path without its percent-encoding; undefined for one that is none. Bytes that are no UTF-8 become U+FFFD, and match no name. */
export function decodePath(path: string): string | undefined {
  if (!path.includes('%')) return path;
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    const bytes = path.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  }
}

/** `path` is decoded ({@link decodePath}): an encoded slash divides like any other. `wantsWatch`: whether the query has `watch=true`. */
export function resolveRequest(method: string, path: string, wantsWatch: boolean): RequestInfo {
  const parts = trimmed(path).split('/');
  const isCore = parts[0] === 'api';
  let at = isCore ? 1 : 2;
  if ((!isCore && parts[0] !== 'apis') || parts.length < at + 2) return otherRequest(method, path);
  const group = isCore ? '' : parts[1]!;
  const version = parts[at++]!;
  const hasVerb = Object.hasOwn(verbs, method);
  let verb: Verb = hasVerb ? verbs[method]! : 'get';
  if (prefixes.has(parts[at]!) && parts.length === at + 1) {
    const why = `failed to create RequestInfo: unable to determine kind and namespace from url, ${path}`;
    return { ...otherRequest(method, path), malformed: `Internal Server Error: ${quote(path)}: ${why}\n` };
  }
  let watchPrefix = false;
  if (parts[at] === 'watch' && parts.length > at + 1) {
    watchPrefix = true;
    at++;
  }
  let namespace = '';
  let resource = parts[at++]!;
  if (resource === 'namespaces' && parts.length > at + 1 && !namespaceSubresources.has(parts[at + 1]!)) {
    namespace = parts[at]!;
    resource = parts[at + 1]!;
    at += 2;
  }
  const name = parts[at] ?? '';
  const subresource = parts[at + 1] ?? '';
  if (verb === 'get' && name === '') verb = wantsWatch ? 'watch' : 'list';
  else if (verb === 'delete' && name === '') verb = 'deletecollection';
  if (watchPrefix) verb = 'watch';
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    resource,
    subresource,
    rest: parts.length > at + 2 ? parts.slice(at + 2).join('/') : '',
    namespace,
    name,
    method,
    hasVerb: hasVerb && (!watchPrefix || method === 'GET'),
  };
}

function otherRequest(method: string, path: string): PathRequestInfo {
  return { isResource: false, path, verb: method.toLowerCase(), method };
}

/** Without the slashes around it. */
function trimmed(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end);
}
