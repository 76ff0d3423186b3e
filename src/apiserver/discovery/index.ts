// Discovery: which groups, versions and resources the server has. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { createHash } from 'node:crypto';
import { mediaRanges, takes, type MediaRange } from './accept.js';
import { aggregatedList, apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.js';
import { headerOf, nothing, type DocumentResponse, type RequestHeaders } from './document-response.js';
import type { DiscoverySource } from './source.js';

export { headerOf, type DocumentResponse, type RequestHeaders } from './document-response.js';

/** Writes a document in a form other than JSON. */
export type DocumentEncoder = (document: unknown) => Uint8Array;

export interface DiscoveryOptions {
  readonly registry: DiscoverySource;
  /** Host and port as clients reach the server, such as `127.0.0.1:6443`. Asked for each `/api`, since the port may be known only after listening. */
  readonly serverAddress: () => string;
  /** Encoders by media type (`application/yaml`, `application/vnd.kubernetes.protobuf`); without one, a request for only that type is 406. */
  readonly encoders?: ReadonlyMap<string, DocumentEncoder>;
}

export interface Discovery {
  /**
   * The answer to a request for a discovery path (`/api`, `/apis`, `/api/v1`, `/apis/apps`, `/apis/apps/v1`, each also with a slash at its
   * end); undefined when the path is none of discovery's: the caller goes on to other handlers and says 404 at last. The version that a
   * known group does not have is answered here, with a Status 404.
   *
   * `query` is the query string without its question mark; `pretty` is read from it. The caller sees to methods: the real server takes any
   * for `/apis` and `/apis/<group>`, only GET for the others.
   */
  respond(path: string, headers: RequestHeaders, query?: string): DocumentResponse | undefined;
}

const json = 'application/json';
const mediaTypes = [json, 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;
const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A document and what is kept of it. */
interface Cached {
  readonly document: unknown;
  readonly bytes: Uint8Array;
  etag?: string;
}

/** Makes nothing at first: each document is computed on its first request and kept until the registry changes. */
export function createDiscovery({ registry, serverAddress, encoders = new Map() }: DiscoveryOptions): Discovery {
  const encoder = new TextEncoder();
  let kinds: unknown;
  const documents = new Map<string, Cached>();

  /** A document from the cache; `key` names a document that exists, so that clients cannot fill the cache. */
  const cached = (key: string, compute: () => unknown): Cached => {
    if (kinds !== registry.kinds()) {
      documents.clear();
      kinds = registry.kinds();
    }
    let entry = documents.get(key);
    if (entry === undefined) {
      const document = compute();
      entry = { document, bytes: encoder.encode(`${JSON.stringify(document)}\n`) };
      documents.set(key, entry);
    }
    return entry;
  };

  const bodyOf = ({ document, bytes }: Cached, type: string, headers: RequestHeaders, query: string): Uint8Array => {
    if (type === json) return wantsPretty(headers, query) ? encoder.encode(JSON.stringify(document, null, 2)) : bytes;
    return encoders.get(type)!(document);
  };

  const status = (code: number, fields: object, headers: RequestHeaders, query: string): DocumentResponse => {
    const document = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...fields, code };
    const text = wantsPretty(headers, query) ? JSON.stringify(document, null, 2) : `${JSON.stringify(document)}\n`;
    return { status: code, headers: { 'cache-control': 'no-cache, private', 'content-type': json }, body: encoder.encode(text) };
  };

  /** The first of our media types that the client takes, and that we can write. */
  const negotiate = (ranges: readonly MediaRange[]): string | undefined => {
    for (const range of ranges) {
      if (range.parameters.has('as')) continue;
      const type = mediaTypes.find((one) => takes(range, one) && (one === json || encoders.has(one)));
      if (type !== undefined) return type;
    }
    return undefined;
  };

  const plain = (entry: () => Cached, strict: boolean, headers: RequestHeaders, query: string): DocumentResponse => {
    const ranges = mediaRanges(headerOf(headers, 'accept'));
    // Documents of a version, and /api, pass a first gate that takes no `application/*` and words its answer in its own way.
    if (strict && !ranges.some(({ type }) => type === '*/*' || (mediaTypes as readonly string[]).includes(type))) {
      const message = `406: Not Acceptable\n\nAvailable representations: ${mediaTypes.join(', ')}`;
      return status(406, { message, reason: 'NotAcceptable', details: {} }, headers, query);
    }
    const type = negotiate(ranges);
    if (type === undefined) {
      const message = `only the following media types are accepted: ${mediaTypes.join(', ')}`;
      return status(406, { message, reason: 'NotAcceptable' }, headers, query);
    }
    return {
      status: 200,
      headers: { 'cache-control': 'no-cache, private', 'content-type': type },
      body: bodyOf(entry(), type, headers, query),
    };
  };

  /** The aggregated form if the client takes it at all, wherever in its list; undefined otherwise. */
  const aggregated = (path: string, headers: RequestHeaders, query: string): DocumentResponse | undefined => {
    const type = mediaRanges(headerOf(headers, 'accept'))
      .filter(({ parameters }) => isAggregated(parameters))
      .map(({ type }) => mediaTypes.find((one) => one === type && (one === json || encoders.has(one))))
      .find((one) => one !== undefined);
    if (type === undefined) return undefined;
    const entry = cached(`${path} aggregated`, () => {
      const names = registry.groups().map((group) => group.name);
      return aggregatedList(
        registry,
        names.filter((name) => (name === '') === (path === '/api')),
      );
    });
    entry.etag ??= `"${createHash('sha512').update(entry.bytes).digest('hex').toUpperCase()}"`;
    const common = { 'cache-control': 'public', etag: entry.etag, vary: 'Accept' };
    if (headerOf(headers, 'if-none-match') === entry.etag) return { status: 304, headers: common, body: nothing };
    return {
      status: 200,
      headers: { ...common, 'content-type': `${type};${aggregatedParameters}` },
      body: bodyOf(entry, type, headers, query),
    };
  };

  return {
    respond: (path, headers, query = '') => {
      const parts = path.split('/');
      // Any number of slashes may end a path, but for the list of groups.
      if (parts.at(-1) === '') parts.pop();
      while (parts.at(-1) === '' && !(parts[1] === 'apis' && parts.length === 3)) parts.pop();
      const [start, root, first, second] = parts;
      if (start !== '' || parts.length > 4 || (root !== 'api' && root !== 'apis')) return undefined;

      if (root === 'api' && first === undefined) {
        const address = serverAddress();
        return (
          aggregated('/api', headers, query) ??
          plain(() => cached(`/api ${address}`, () => apiVersions(registry, address)), true, headers, query)
        );
      }
      if (root === 'apis' && first === undefined) {
        return aggregated('/apis', headers, query) ?? plain(() => cached('/apis', () => apiGroupList(registry)), false, headers, query);
      }
      if (first === '' || second === '') return undefined;
      if (root === 'apis' && second === undefined) {
        if (!registry.groups().some((group) => group.name === first)) return undefined;
        return plain(() => cached(`/apis/${first}`, () => apiGroup(registry, first!)), false, headers, query);
      }
      if (root === 'api' && second !== undefined) return undefined;
      const [group, version] = root === 'api' ? ['', first!] : [first!, second!];
      const known = registry.groups().find((one) => one.name === group);
      if (known === undefined) return undefined;
      const { versions, isLocal = true } = known;
      if (!versions.includes(version)) {
        if (!isLocal) return undefined;
        const message = 'the server could not find the requested resource';
        return status(404, { message, reason: 'NotFound', details: {} }, headers, query);
      }
      return plain(() => cached(`${group}/${version}`, () => apiResourceList(registry, group, version)), true, headers, query);
    },
  };
}

function isAggregated(parameters: ReadonlyMap<string, string>): boolean {
  return parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('v') === 'v2';
}

/** People at a terminal get indented JSON: by `pretty` in the query, else by the agents that the real server indents for. */
function wantsPretty(headers: RequestHeaders, query: string): boolean {
  const pretty = new URLSearchParams(query).get('pretty');
  if (pretty !== null && pretty !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(pretty);
  const agent = headerOf(headers, 'user-agent') ?? '';
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}
