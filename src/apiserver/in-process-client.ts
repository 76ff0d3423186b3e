// The client interface without HTTP and JSON: requests go straight to the core.
import { ApiError, notFound } from '../apimachinery/errors/api-error.js';
import type { Draft, KubeList, KubeObject, Status } from '../apimachinery/object.js';
import { apiVersionOf } from '../apimachinery/object.js';
import type { Client, DiscoveredResource, ResourceType } from '../client/client.js';
import type { Kind, UserInfo } from '../registry/kind.js';
import { isRecord } from '../apimachinery/object.js';
import type { ApiRequest, ApiResult, RequestOptions } from './core/api-request.js';
import type { Core } from './core/core.js';
import { checkServed, dispatch } from './core/dispatch.js';
import { servedSchemas } from './core/served-schemas.js';
import { inVersion } from './core/versions.js';
import type { Verb } from './request/request-info.js';

interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** A client that acts as `user`. The user's rights are not asked for: components in process are part of the server. */
export function createInProcessClient(core: Core, user: UserInfo, userAgent: string): Client {
  const kindOf = (type: ResourceType): Kind => {
    const kind = core.registry.byResource(type.group, type.version, type.resource);
    if (kind === undefined) throw notFound(type, '');
    return kind;
  };
  const request = (type: ResourceType, verb: Verb, place: Place, options: RequestOptions, more: Partial<ApiRequest> = {}): ApiRequest => {
    const kind = kindOf(type);
    const { namespace = '', name = '', subresource = '' } = place;
    checkServed(kind, verb, subresource, namespace, name);
    return { user, verb, kind, subresource, namespace, name, options, userAgent, warnings: [], ...more };
  };
  const send = async (made: ApiRequest): Promise<ApiResult> =>
    core.audit === undefined ? dispatch(core, made) : core.audit(made, async (audited) => dispatch(core, audited));
  const one = async <T>(made: ApiRequest): Promise<T> => objectOf(await send(made)) as T;

  return {
    get: async (type, key, subresource) => one(request(type, 'get', { ...key, subresource }, {})),
    list: async <T extends KubeObject>(type: ResourceType<T>, { namespace, ...options } = {} as { namespace?: string }) => {
      const result = await send(request(type, 'list', { namespace }, options));
      if (result.type !== 'list') throw new Error('a list answered no list');
      const { kind, metadata } = result;
      return {
        kind: kind.listKind,
        apiVersion: apiVersionOf(kind.group, kind.version),
        metadata,
        items: result.entries.map((entry) => inVersion(kind, entry.value)),
      } as unknown as KubeList<T>;
    },
    watch: (type, { namespace, ...options }, handler) => {
      let stopped = false;
      let watching: { stop(): void } | undefined;
      const begin = async (): Promise<void> => {
        const result = await send(request(type, 'watch', { namespace }, options));
        if (stopped) return;
        if (result.type !== 'watch') throw new Error('a watch answered no watch');
        watching = result.start({
          // Else each informer would have the schema of its kind compiled while the cluster starts.
          bareBookmarks: true,
          event: ({ type: eventType, object }) => {
            if (!stopped) handler.event({ type: eventType, object: object as never });
          },
          end: (status) => {
            if (stopped) return;
            stopped = true;
            handler.end(status === undefined ? undefined : errorOf(status));
          },
        });
        // A handler may have stopped the watch from inside its first events.
        if (stopped as boolean) watching.stop();
      };
      begin().catch((error: unknown) => {
        if (stopped) return;
        stopped = true;
        handler.end(error instanceof ApiError ? error : new ApiError(500, 'InternalError', String(error)));
      });
      return {
        stop: () => {
          stopped = true;
          watching?.stop();
        },
      };
    },
    create: async <S extends KubeObject>(
      type: ResourceType,
      draft: Draft<S>,
      { subresource, ...options } = {} as { subresource?: string },
    ) => {
      const metadata = (draft as Draft<KubeObject>).metadata;
      const place = { namespace: metadata?.namespace, subresource, ...(subresource === undefined ? {} : { name: metadata?.name }) };
      return one<S>(request(type, 'create', place, options, { body: { value: draft } }));
    },
    update: async <S extends KubeObject>(
      type: ResourceType,
      object: Draft<S>,
      { subresource, ...options } = {} as { subresource?: string },
    ) => {
      const metadata = (object as Draft<KubeObject>).metadata;
      return one<S>(
        request(type, 'update', { namespace: metadata?.namespace, name: metadata?.name, subresource }, options, {
          body: { value: object },
        }),
      );
    },
    patch: async (type, key, patchType, patch, { subresource, ...options } = {}) =>
      one(request(type, 'patch', { ...key, subresource }, options, { patchType, body: { value: patch } })),
    delete: async (type, key, options = {}) => {
      const result = await send(request(type, 'delete', key, options));
      return result.type === 'status' ? result.status : objectOf(result);
    },
    deleteCollection: async (type, { namespace, ...selectors }, options = {}) => {
      await send(request(type, 'deletecollection', { namespace }, { ...selectors, ...options }));
    },
    discover: () => Promise.resolve(discovered(core)),
    schemas: (group, version) => Promise.resolve(servedSchemas(core.registry.kindsOf(group, version))),
  };
}

function objectOf(result: ApiResult): KubeObject | Status {
  if (result.type === 'object') return result.object;
  if (result.type === 'status') return result.status;
  throw new Error('an answer of one object was expected');
}

function errorOf(status: Status): ApiError {
  const details = isRecord(status.details) ? status.details : undefined;
  return new ApiError(status.code ?? 500, status.reason ?? '', status.message ?? '', details);
}

/** Each resource that can be listed and watched, in its group's preferred version. */
function discovered(core: Core): readonly DiscoveredResource[] {
  return core.registry.groups().flatMap(({ name: group, versions }) => {
    const seen = new Set<string>();
    return versions.flatMap((version) =>
      core.registry.kindsOf(group, version).flatMap((kind) => {
        if (seen.has(kind.resource) || !kind.verbs.includes('list') || !kind.verbs.includes('watch')) return [];
        seen.add(kind.resource);
        return [{ group, version, resource: kind.resource, kind: kind.kind, namespaced: kind.namespaced, verbs: kind.verbs }];
      }),
    );
  });
}
