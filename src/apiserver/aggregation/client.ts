// The in-process client of a server with API services: what others serve is asked of them, as the client's own user.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { readJsonWork } from '../../apimachinery/codec/json-reader.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Client, DiscoveredResource, ResourceType } from '../../client/client.js';
import { clientOver } from '../../client/kubeconfig/http-client.js';
import { errorOf, type Transport, type TransportRequest } from '../../client/kubeconfig/transport.js';
import type { Clock } from '../../clock/clock.js';
import { inSlices } from '../../clock/slices.js';
import type { UserInfo } from '../../registry/kind.js';
import type { ApiServices, RemoteService } from './api-services.js';
import { nameUser, newHeaders } from './headers.js';
import { transportProblem } from './problems.js';
import type { Documents } from './remote-documents.js';

export interface AggregatedClientOptions {
  readonly services: ApiServices;
  readonly documents: Documents;
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Real time. */
  readonly clock: Clock;
}

/** An answer may have so many bytes, and take so many milliseconds. */
const largestAnswer = 64 * 1024 * 1024;
const patience = 60_000;

/** `local` for what this server has itself. */
export function aggregatedClient(local: Client, options: AggregatedClientOptions): Client {
  const { services, documents, userAgent } = options;
  const clients = new WeakMap<object, Client>();
  const of = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): Client => {
    const remote = services.find(group, version);
    if (remote === undefined) return local;
    let client = clients.get(remote);
    if (client === undefined) clients.set(remote, (client = clientOver(transportTo(remote, options), userAgent)));
    return client;
  };
  return {
    get: (type, key, subresource) => of(type).get(type, key, subresource),
    list: (type, asked) => of(type).list(type, asked),
    watch: (type, asked, handler) => of(type).watch(type, asked, handler),
    create: (type, draft, asked) => of(type).create(type, draft, asked),
    update: (type, object, asked) => of(type).update(type, object, asked),
    patch: <T extends KubeObject>(type: ResourceType<T>, ...rest: Tail<Parameters<Client['patch']>>) => of(type).patch(type, ...rest),
    delete: (type, key, asked) => of(type).delete(type, key, asked),
    deleteCollection: (type, list, asked) => of(type).deleteCollection(type, list, asked),
    schemas: async (group, version) => (await of({ group, version }).schemas?.(group, version)) ?? [],
    discover: async () => {
      const own = (await local.discover()).filter(({ group, version }) => services.find(group, version) === undefined);
      return [...own, ...discovered(services, documents, new Set(own.map(idOf)))];
    },
  };
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

const idOf = ({ group, resource }: { readonly group: string; readonly resource: string }): string => `${group}/${resource}`;

/** Of each resource the version of the highest priority. */
function discovered(services: ApiServices, documents: Documents, seen: Set<string>): readonly DiscoveredResource[] {
  return services.ordered([]).flatMap(({ name, versions }) =>
    versions.flatMap((version) => {
      const remote = services.find(name, version);
      const kinds = remote === undefined ? [] : (documents.of(remote)?.kinds ?? []);
      return kinds.flatMap(({ group, resource, kind, namespaced, verbs }) => {
        if (seen.has(idOf({ group, resource })) || !verbs.includes('list') || !verbs.includes('watch')) return [];
        seen.add(idOf({ group, resource }));
        return [{ group, version, resource, kind, namespaced, verbs }];
      });
    }),
  );
}

function transportTo(remote: RemoteService, { user, userAgent, clock }: AggregatedClientOptions): Transport {
  const send = async (asked: TransportRequest, signal?: AbortSignal): Promise<IncomingMessage> => {
    const reached = remote.available ? await remote.backend.reach() : undefined;
    if (reached === undefined || reached.missing !== undefined) throw unavailable();
    const headers = newHeaders();
    nameUser(headers, user);
    headers['accept'] = asked.accept ?? 'application/json';
    headers['user-agent'] = userAgent;
    const body = asked.body === undefined ? undefined : Buffer.from(JSON.stringify(asked.body));
    if (body !== undefined)
      Object.assign(headers, { 'content-type': asked.contentType ?? 'application/json', 'content-length': String(body.length) });
    const path = asked.path.startsWith('/') ? asked.path : `/${asked.path}`;
    const request = remote.backend.begin(reached.authority, { method: asked.method, path, headers });
    const stop = (): void => void request.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal?.removeEventListener('abort', stop));
    if (signal?.aborted) request.destroy();
    const response = await responseOf(request, body, clock);
    if ((response.statusCode ?? 500) < 300) return response;
    const retryAfter = response.headers['retry-after'];
    throw errorOf(response.statusCode ?? 500, retryAfter, await bytesOf(response, clock).then(String, () => ''));
  };
  return {
    json: async (asked) => {
      const bytes = await bytesOf(await send(asked), clock);
      try {
        return (await inSlices(readJsonWork(bytes, { literals: false }))).value;
      } catch {
        throw new ApiError(503, 'ServiceUnavailable', `the server of ${remote.name} answered what is no JSON`);
      }
    },
    stream: (asked, signal) => send(asked, signal),
    close: () => Promise.resolve(),
  };
}

function unavailable(): ApiError {
  return new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
}

function responseOf(request: ClientRequest, body: Buffer | undefined, clock: Clock): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(patience, () => request.destroy(new Error('context deadline exceeded')));
    request.on('error', (error) => {
      timer.cancel();
      reject(new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${transportProblem(error)}`));
    });
    request.once('response', (response) => {
      timer.cancel();
      resolve(response);
    });
    request.end(body);
  });
}

function bytesOf(response: IncomingMessage, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (why: string): void => {
      timer.cancel();
      response.destroy();
      reject(new ApiError(503, 'ServiceUnavailable', why));
    };
    const timer = clock.after(patience, () => fail('context deadline exceeded'));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largestAnswer) fail(`the answer has more than ${largestAnswer} bytes`);
      else chunks.push(chunk);
    });
    response.once('end', () => {
      timer.cancel();
      resolve(Buffer.concat(chunks));
    });
    response.on('error', (error) => fail(transportProblem(error)));
    response.once('close', () => fail('unexpected EOF'));
  });
}
