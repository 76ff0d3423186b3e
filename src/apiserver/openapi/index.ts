// OpenAPI: the documents that describe the API to its clients. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Clock } from '../../clock/clock.js';
import { mediaRanges, takes } from '../discovery/accept.js';
import { headerOf, nothing, type DocumentResponse, type RequestHeaders } from '../discovery/document-response.js';
import type { KindSource } from '../discovery/index.js';
import type { OpenApiFacts } from './definitions.js';
import { buildV2, buildV3, Digests, documentSources, type DocumentSource } from './documents.js';
import { jsonBytes } from './entries.js';
import { encodeMessage } from './protobuf/encode.js';
import { messagesV2 } from './protobuf/messages-v2.js';
import { messagesV3 } from './protobuf/messages-v3.js';

export { factsOfFolder, type OpenApiFacts } from './definitions.js';

export interface OpenApiOptions {
  readonly registry: KindSource;
  readonly facts: OpenApiFacts;
  /** The server's version: `v1.36.3`. */
  readonly version: string;
  /** For `Last-Modified` and `Expires`. */
  readonly clock: Pick<Clock, 'now'>;
}

export interface OpenApi {
  /**
   * The answer to a request (of any method, as the real server takes them) for `/openapi/v2`, `/openapi/v3` or a path under the latter;
   * undefined for any other path. `query` is the query string without its question mark ('' when there is none).
   */
  respond(path: string, query: string, headers: RequestHeaders): DocumentResponse | undefined;
}

type Format = 'json' | 'protobuf';

const protobufTypes = {
  v2: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  v3: 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
} as const;

/** Documents of the same state of the registry. */
interface Generation {
  readonly kinds: unknown;
  readonly sources: ReadonlyMap<string, DocumentSource>;
  readonly digests: Map<string, string>;
  /** When this state was first seen, in milliseconds. */
  readonly since: number;
}

/** Makes nothing at first: each document is built on its first request, and its bytes are kept until it changes. */
export function createOpenApi({ registry, facts, version, clock }: OpenApiOptions): OpenApi {
  const apiVersion = version.replace(/^v/, '').split('.', 2).join('.');
  const digests = new Digests(facts, version);
  /** Bytes by document and format, with the digest of what they were made of. Those of version 2, the largest, are kept gzipped. */
  const built = new Map<string, { readonly digest: string; readonly bytes: Uint8Array }>();
  let generation: Generation | undefined;

  const current = (): Generation => {
    if (generation === undefined || generation.kinds !== registry.kinds()) {
      const sources = new Map(documentSources(registry).map((source) => [source.name, source]));
      generation = { kinds: registry.kinds(), sources, digests: new Map(), since: clock.now() };
      for (const key of built.keys()) if (!key.startsWith('v2 ') && !sources.has(key.slice(key.indexOf(' ') + 1))) built.delete(key);
    }
    return generation;
  };

  const digestOf = ({ digests: known }: Generation, name: string, compute: () => string): string => {
    let digest = known.get(name);
    if (digest === undefined) known.set(name, (digest = compute()));
    return digest;
  };

  const bytesOf = (key: string, digest: string, build: () => Uint8Array): Uint8Array => {
    let entry = built.get(key);
    if (entry?.digest !== digest) built.set(key, (entry = { digest, bytes: build() }));
    return entry.bytes;
  };

  const index = (): DocumentResponse => {
    const state = current();
    const paths: Record<string, unknown> = {};
    for (const [name, source] of state.sources) {
      const hash = digestOf(state, name, () => digests.ofSource(source));
      paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` };
    }
    return {
      status: 200,
      // Not the type of what it is; the real server says so too.
      headers: { 'cache-control': 'no-cache, private', 'content-type': 'text/plain; charset=utf-8', 'last-modified': date(clock.now()) },
      body: new TextEncoder().encode(`${JSON.stringify({ paths })}\n`),
    };
  };

  const documentV3 = (name: string, query: string, headers: RequestHeaders): DocumentResponse => {
    const state = current();
    const source = state.sources.get(name);
    if (source === undefined) return { status: 404, headers: { 'cache-control': 'no-cache, private' }, body: nothing };
    const format = negotiate(headers, protobufTypes.v3);
    if (format === undefined) return notAcceptable('Accept');

    const digest = digestOf(state, name, () => digests.ofSource(source));
    const etag = `"${digest}"`;
    const type = { 'content-type': format === 'json' ? 'application/json' : protobufTypes.v3 };
    const hash = new URLSearchParams(query).get('hash') ?? '';
    if (hash !== '' && hash !== digest) {
      const location = `/openapi/v3/${name}?hash=${digest}`;
      return { status: 301, headers: { ...type, 'cache-control': 'no-cache, private', etag, location, vary: 'Accept' }, body: nothing };
    }
    const caching: Readonly<Record<string, string>> =
      hash === ''
        ? { 'cache-control': 'no-cache, private' }
        : { 'cache-control': 'public, immutable', expires: date(inOneYear(clock.now())).replace('GMT', 'UTC') };
    const common = { ...caching, etag, vary: 'Accept' };
    if (notModified(headers, etag, state.since)) return { status: 304, headers: common, body: nothing };
    const body = bytesOf(`${format} ${name}`, digest, () => {
      const document = buildV3(source, facts, apiVersion);
      return format === 'json' ? jsonBytes(document) : encodeMessage(messagesV3, 'Document', document);
    });
    return { status: 200, headers: { ...common, ...type, 'last-modified': date(state.since) }, body };
  };

  const documentV2 = (headers: RequestHeaders): DocumentResponse => {
    const state = current();
    const vary = 'Accept-Encoding, Accept';
    const format = negotiate(headers, protobufTypes.v2);
    if (format === undefined) return notAcceptable(vary);

    const digest = digestOf(state, '', () => digests.ofAll(registry));
    const etag = `"${digest}"`;
    const common = { 'cache-control': 'no-cache, private', etag, vary };
    if (notModified(headers, etag, state.since)) return { status: 304, headers: common, body: nothing };
    const gzipped = bytesOf(`v2 ${format}`, digest, () => {
      const document = buildV2(registry, facts, apiVersion);
      return gzipSync(format === 'json' ? jsonBytes(document) : encodeMessage(messagesV2, 'Document', document));
    });
    const encoded = acceptsGzip(headers);
    return {
      status: 200,
      headers: {
        ...common,
        'content-type': format === 'json' ? 'application/json' : protobufTypes.v2,
        ...(encoded ? { 'content-encoding': 'gzip' } : {}),
        'last-modified': date(state.since),
      },
      body: encoded ? gzipped : gunzipSync(gzipped),
    };
  };

  return {
    respond: (path, query, headers) => {
      if (path === '/openapi/v2') return documentV2(headers);
      if (path === '/openapi/v3') return index();
      return path.startsWith('/openapi/v3/') ? documentV3(path.slice('/openapi/v3/'.length), query, headers) : undefined;
    },
  };
}

/** JSON unless the client likes protobuf better; its type may be written with a dot or an `@` before the version. */
function negotiate(headers: RequestHeaders, protobufType: string): Format | undefined {
  for (const range of mediaRanges(headerOf(headers, 'accept'))) {
    if (takes(range, 'application/json')) return 'json';
    if (range.type.replace('@v1.0', '.v1.0') === protobufType) return 'protobuf';
  }
  return undefined;
}

function notAcceptable(vary: string): DocumentResponse {
  return { status: 406, headers: { 'cache-control': 'no-cache, private', vary }, body: nothing };
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-precedence-of-preconditions */
function notModified(headers: RequestHeaders, etag: string, since: number): boolean {
  const tags = headerOf(headers, 'if-none-match');
  if (tags !== undefined) return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
  const date = headerOf(headers, 'if-modified-since');
  return date !== undefined && Date.parse(date) >= Math.floor(since / 1000) * 1000;
}

function acceptsGzip(headers: RequestHeaders): boolean {
  return mediaRanges(headerOf(headers, 'accept-encoding') ?? 'identity').some(({ type, quality }) => type === 'gzip' && quality > 0);
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

function inOneYear(now: number): number {
  const later = new Date(now);
  later.setUTCFullYear(later.getUTCFullYear() + 1);
  return later.getTime();
}
