// The client interface over HTTPS and JSON, for a server of any make.
import { setMaxListeners } from 'node:events';
import { apiVersionOf, type Draft, type KubeList, type KubeObject, type Status } from '../../apimachinery/object.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { Clock } from '../../clock/clock.js';
import type { Client, ObjectKey, PatchOptions, PatchType, ResourceType, WriteOptions } from '../client.js';
import { discover } from './discovery.js';
import { publishedSchemas } from './published-schemas.js';
import type { ClientConfig } from './kubeconfig.js';
import { createTransport, type Transport } from './transport.js';
import { openWatch } from './watch-stream.js';

export interface HttpClientOptions {
  readonly config: ClientConfig;
  readonly clock: Clock;
  /** Sent as `User-Agent`, and taken by servers as the field manager; `kubedouble` when absent. */
  readonly userAgent?: string;
}

/** A client over HTTP; `close` ends its watches (without telling their handlers) and its connections. */
export interface HttpClient extends Client {
  close(): Promise<void>;
}

const patchTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== false) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The path of a collection, or of an object in it. Throws ApiError 400 for a namespaced object without a namespace. */
function pathOf(type: ResourceType, namespace: string | undefined, name?: string, subresource?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const inNamespace = type.namespaced && namespace !== undefined && namespace !== '';
  if (type.namespaced && !inNamespace && name !== undefined) throw badRequest(`${type.resource} "${name}": a namespace is needed`);
  const parts = [root, ...(inNamespace ? ['namespaces', encodeURIComponent(namespace)] : []), type.resource];
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

function writeQuery(options: WriteOptions = {}): Query {
  return { dryRun: options.dryRun ? 'All' : undefined, fieldManager: options.fieldManager };
}

/** Makes a client. Nothing is asked of the server yet. */
export async function createHttpClient({ config, clock, userAgent = 'kubedouble' }: HttpClientOptions): Promise<HttpClient> {
  return clientOver(await createTransport({ config, clock, userAgent }), userAgent);
}

/** A client whose requests go this way. */
export function clientOver(transport: Transport, userAgent: string): HttpClient {
  const closing = new AbortController();
  // Each watch listens.
  setMaxListeners(0, closing.signal);

  return {
    async get<T extends KubeObject>(type: ResourceType<T>, { namespace, name }: ObjectKey, subresource?: string) {
      return (await transport.json({ method: 'GET', path: pathOf(type, namespace, name, subresource) })) as T;
    },
    async list<T extends KubeObject>(type: ResourceType<T>, { namespace, ...query }: Parameters<Client['list']>[1] = {}) {
      const list = (await transport.json({ method: 'GET', path: withQuery(pathOf(type, namespace), query) })) as KubeList<T>;
      // The items of a list do not say what they are; those of every other answer do.
      const apiVersion = apiVersionOf(type.group, type.version);
      return { ...list, items: (list.items ?? []).map((item) => ({ ...item, apiVersion, kind: type.kind })) };
    },
    watch(type, { namespace, ...query }, handler) {
      return openWatch(transport, withQuery(pathOf(type, namespace), { ...query, watch: true }), handler, closing.signal);
    },
    async create<T extends KubeObject, S extends KubeObject = T>(type: ResourceType<T>, draft: Draft<S>, options?: WriteOptions) {
      const { subresource } = options ?? {};
      const { namespace, name } = (draft as Draft<KubeObject>).metadata ?? {};
      const path = pathOf(type, namespace, subresource === undefined ? undefined : name, subresource);
      const body = subresource === undefined ? { apiVersion: apiVersionOf(type.group, type.version), kind: type.kind, ...draft } : draft;
      return (await transport.json({ method: 'POST', path: withQuery(path, writeQuery(options)), body })) as S;
    },
    async update<T extends KubeObject, S extends KubeObject = T>(type: ResourceType<T>, object: Draft<S>, options?: WriteOptions) {
      const { namespace, name = '' } = (object as Draft<KubeObject>).metadata ?? {};
      const path = pathOf(type, namespace, name, options?.subresource);
      return (await transport.json({ method: 'PUT', path: withQuery(path, writeQuery(options)), body: object })) as S;
    },
    async patch<T extends KubeObject>(
      type: ResourceType<T>,
      { namespace, name }: ObjectKey,
      patchType: PatchType,
      patch: unknown,
      options?: PatchOptions,
    ) {
      const fieldManager = options?.fieldManager ?? (patchType === 'apply' ? userAgent : undefined);
      const path = withQuery(pathOf(type, namespace, name, options?.subresource), {
        ...writeQuery(options),
        fieldManager,
        force: options?.force,
      });
      return (await transport.json({ method: 'PATCH', path, body: patch, contentType: patchTypes[patchType] })) as T;
    },
    async delete<T extends KubeObject>(
      type: ResourceType<T>,
      { namespace, name }: ObjectKey,
      options: Parameters<Client['delete']>[2] = {},
    ) {
      return (await transport.json({ method: 'DELETE', path: pathOf(type, namespace, name), body: deleteOptions(options) })) as T | Status;
    },
    async deleteCollection(type, { namespace, ...query }, options = {}) {
      await transport.json({ method: 'DELETE', path: withQuery(pathOf(type, namespace), query), body: deleteOptions(options) });
    },
    discover: () => discover(transport),
    schemas: (group, version) => publishedSchemas(transport, group, version),
    async close() {
      closing.abort();
      await transport.close();
    },
  };
}

function deleteOptions({ dryRun, ...options }: NonNullable<Parameters<Client['delete']>[2]>): unknown {
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...options, ...(dryRun ? { dryRun: ['All'] } : {}) };
}
