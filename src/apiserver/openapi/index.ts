// OpenAPI: the documents that describe the API to its clients. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import type { Clock } from '../../clock/clock.js';
import { finish, inSlices, type Work } from '../../clock/slices.js';
import { mediaRanges, takes } from '../discovery/accept.js';
import { headerOf, nothing, type DocumentResponse, type RequestHeaders } from '../discovery/document-response.js';
import type { KindSource } from '../discovery/source.js';
import type { OpenApiFacts } from './definitions.js';
import { buildV2, buildV3, Digests, documentSources, signAll, type DocumentSource } from './documents.js';
import { jsonBytes, jsonWork } from './entries.js';
import { encodeMessage, encodeWork } from './protobuf/encode.js';
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
  /** What other servers of the same API publish. */
  readonly others?: OtherDocuments | undefined;
}

/** Documents of other servers. */
export interface OtherDocuments {
  /** Another one each time when something has changed; '' when there are none. */
  digest(): string;
  /** Where their documents of version 3 are, by name (`apis/example.com/v1`): somebody else answers there. */
  addresses(): ReadonlyMap<string, string>;
  /** The document of version 2 with theirs in it; what they wrote may be anything. */
  merge(document: unknown): Work<unknown>;
}

export interface OpenApi {
  /**
   * The answer to a request (of any method, as the real server takes them) for `/openapi/v2`, `/openapi/v3` or a path under the latter;
   * undefined for any other path. `query` is the query string without its question mark ('' when there is none).
   */
  respond(path: string, query: string, headers: RequestHeaders): DocumentResponse | undefined;
  /**
   * Makes in slices what {@link respond} would take long for, so that other requests have their turn meanwhile; undefined when there is nothing to
   * wait for.
   */
  ahead(path: string, headers: RequestHeaders): Promise<void> | undefined;
}

type Format = 'json' | 'protobuf';

/** What a request was promised. */
interface Pin {
  readonly state: Generation;
  readonly digest: string;
  /** The document of version 2, for who does not take it gzipped. */
  readonly plain?: Uint8Array;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

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
export function createOpenApi({ registry, facts, version, clock, others }: OpenApiOptions): OpenApi {
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
    for (const [name, address] of others?.addresses() ?? []) paths[name] = { serverRelativeURL: address };
    return {
      status: 200,
      // Not the type of what it is; the real server says so too.
      headers: { 'cache-control': 'no-cache, private', 'content-type': 'text/plain; charset=utf-8', 'last-modified': date(clock.now()) },
      body: new TextEncoder().encode(`${JSON.stringify({ paths: Object.fromEntries(Object.entries(paths).sort(byName)) })}\n`),
    };
  };

  /** What was current when a document was made for a request, by its headers: more may have changed since, and somebody else has that made. */
  const pinned = new WeakMap<RequestHeaders, Pin>();

  const documentV3 = (name: string, query: string, headers: RequestHeaders): DocumentResponse => {
    const state = pinned.get(headers)?.state ?? current();
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

  const digestOfV2 = (state: Generation): string => {
    const own = digestOf(state, '', () => digests.ofAll(registry));
    const theirs = others?.digest() ?? '';
    return theirs === '' ? own : createHash('sha512').update(own).update(theirs).digest('hex').toUpperCase();
  };

  const documentV2 = (headers: RequestHeaders): DocumentResponse => {
    const pin = pinned.get(headers);
    const state = pin?.state ?? current();
    const vary = 'Accept-Encoding, Accept';
    const format = negotiate(headers, protobufTypes.v2);
    if (format === undefined) return notAcceptable(vary);

    const digest = pin?.digest ?? digestOfV2(state);
    const etag = `"${digest}"`;
    const common = { 'cache-control': 'no-cache, private', etag, vary };
    if (notModified(headers, etag, state.since)) return { status: 304, headers: common, body: nothing };
    const gzipped = bytesOf(`v2 ${format}`, digest, () => {
      const document = buildV2(registry, facts, apiVersion);
      const written = (one: unknown): Uint8Array => (format === 'json' ? jsonBytes(one) : encodeMessage(messagesV2, 'Document', one));
      if (others === undefined || others.digest() === '') return gzipSync(written(document));
      try {
        return gzipSync(written(finish(others.merge(document))));
      } catch {
        // Of what cannot be written, clients see nothing: the server's own document is whole.
        return gzipSync(written(document));
      }
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
      body: encoded ? gzipped : (pin?.plain ?? gunzipSync(gzipped)),
    };
  };

  /** Documents that are being made, by what they are and their digest. */
  const making = new Map<string, Promise<void>>();
  const makeOnce = (key: string, digest: string, make: () => Promise<Uint8Array>): Promise<void> | undefined => {
    if (built.get(key)?.digest === digest) return undefined;
    const place = `${key} ${digest}`;
    let made = making.get(place);
    if (made === undefined) {
      made = make()
        .then((bytes) => void built.set(key, { digest, bytes }))
        .finally(() => making.delete(place));
      making.set(place, made);
    }
    return made;
  };
  const writtenWork = (document: unknown, format: Format, version: 'v2' | 'v3'): Work<Uint8Array> => {
    if (format === 'json') return jsonWork(document);
    return encodeWork(version === 'v2' ? messagesV2 : messagesV3, 'Document', document);
  };
  /** What a request is about to need: the document of version 2, or one of version 3. */
  const makeDocument = (path: string, headers: RequestHeaders): Promise<void> | undefined => {
    const state = current();
    if (path === '/openapi/v2') {
      const format = negotiate(headers, protobufTypes.v2);
      if (format === undefined) return undefined;
      const digest = digestOfV2(state);
      pinned.set(headers, { state, digest });
      const key = `v2 ${format}`;
      const made = makeOnce(key, digest, async () => {
        const document = buildV2(registry, facts, apiVersion);
        const written = async (one: unknown): Promise<Uint8Array> => compress(await inSlices(writtenWork(one, format, 'v2')));
        if (others === undefined || others.digest() === '') return written(document);
        try {
          return await written(await inSlices(others.merge(document)));
        } catch {
          // Of what cannot be written, clients see nothing: the server's own document is whole.
          return written(document);
        }
      });
      if (acceptsGzip(headers) || notModified(headers, `"${digest}"`, state.since)) return made;
      return Promise.resolve(made).then(async () => {
        const known = built.get(key);
        if (known?.digest === digest) pinned.set(headers, { state, digest, plain: await decompress(known.bytes) });
      });
    }
    const name = path.slice('/openapi/v3/'.length);
    const source = state.sources.get(name);
    const format = negotiate(headers, protobufTypes.v3);
    if (source === undefined || format === undefined) return undefined;
    const digest = digestOf(state, name, () => digests.ofSource(source));
    pinned.set(headers, { state, digest });
    return makeOnce(`${format} ${name}`, digest, async () => inSlices(writtenWork(buildV3(source, facts, apiVersion), format, 'v3')));
  };

  return {
    ahead: (path, headers) => {
      const signed = inSlices(signAll(registry.kinds()));
      if (signed instanceof Promise) return signed.then(() => makeDocument(path, headers));
      return makeDocument(path, headers);
    },
    respond: (path, query, headers) => {
      if (path === '/openapi/v2') return documentV2(headers);
      if (path === '/openapi/v3') return index();
      return path.startsWith('/openapi/v3/') ? documentV3(path.slice('/openapi/v3/'.length), query, headers) : undefined;
    },
  };
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
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
