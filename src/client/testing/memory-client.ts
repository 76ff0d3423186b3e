// A small client over a map, for unit tests of components without a server.
import {
  alreadyExists,
  ApiError,
  conflict,
  forbidden,
  internalError,
  methodNotSupported,
  modified,
  notFound,
} from '../../apimachinery/errors/api-error.js';
import { apiVersionOf, isRecord, type KubeObject, type Status } from '../../apimachinery/object.js';
import { formatTime, type Clock } from '../../clock/clock.js';
import { seededRandom } from '../../clock/random.js';
import type { Client, ListOptions, ObjectKey, ResourceType, WriteOptions } from '../client.js';
import { makeKey } from '../keys.js';
import { errorText } from '../logger.js';
import { createMemoryWatches, resourceId } from './memory-watch.js';
import { mergePatch } from './patches.js';
import { matchesFields, matchesLabels } from './selectors.js';

/** One request as it came, for tests that look at what a component asked. */
export interface RecordedRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly body?: unknown;
}

/** Sees every request before it is served; what it throws (an ApiError) is the answer. */
export type MemoryReactor = (request: RecordedRequest) => void;

export interface MemoryClient extends Client {
  /** Puts an object in as it is (metadata filled in where absent), past all rules; replaces one that is there. Returns what is stored. */
  seed<T extends KubeObject>(type: ResourceType<T>, object: unknown): T;
  /** All requests so far, reads and watches included. */
  readonly requests: readonly RecordedRequest[];
  /** Forgets the history of watches: those who come back with an older resourceVersion get 410. */
  compact(): void;
  /** Ends all watches without an error. */
  cutWatches(): void;
}

type Fields = Record<string, unknown>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Makes an empty one. Its limits, beside a server:
 * no defaults, no validation, no admission, no managedFields; label and field selectors know equalities only; lists have no pages
 * and are always the newest; strategic patches merge the few lists that components patch, an apply is a merge patch, and JSON
 * patches are refused; a write without a subresource keeps `status`, one to `status` keeps all else; a deletion waits for finalizers,
 * and of a pod on a node (with a grace period over 0) until it is deleted with 0; propagation policies do nothing; the subresources
 * `binding` and `eviction` of pods work, others of `create` are refused; `discover` knows the resources that were written so far.
 */
export function createMemoryClient({ clock, reactor }: { readonly clock: Clock; readonly reactor?: MemoryReactor }): MemoryClient {
  const random = seededRandom(1);
  const tables = new Map<string, Map<string, KubeObject>>();
  const types = new Map<string, ResourceType>();
  const watches = createMemoryWatches();
  const requests: RecordedRequest[] = [];
  let revision = 1;

  const table = (type: ResourceType): Map<string, KubeObject> => {
    const id = resourceId(type);
    const known = tables.get(id) ?? new Map<string, KubeObject>();
    tables.set(id, known);
    types.set(id, type);
    return known;
  };
  const request = (one: RecordedRequest): void => {
    requests.push(one);
    reactor?.(one);
  };
  const fits = (object: KubeObject, { namespace, labelSelector, fieldSelector }: ListOptions): boolean =>
    (namespace === undefined || namespace === '' || object.metadata.namespace === namespace) &&
    (labelSelector === undefined || matchesLabels(object, labelSelector)) &&
    (fieldSelector === undefined || matchesFields(object, fieldSelector));
  const select = (type: ResourceType, options: ListOptions): KubeObject[] =>
    [...table(type).values()].filter((object) => fits(object, options));
  const find = (type: ResourceType, { namespace, name }: ObjectKey): KubeObject => {
    const found = table(type).get(makeKey(namespace, name));
    if (!found) throw notFound(type, name);
    return found;
  };
  const remove = (type: ResourceType, previous: KubeObject): KubeObject => {
    const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(++revision) } };
    table(type).delete(makeKey(previous.metadata.namespace, previous.metadata.name));
    watches.record({ revision, resource: resourceId(type), previous, current: undefined, last });
    return last;
  };
  /** Stores a version; one that waits only for its last finalizer goes. */
  const put = (type: ResourceType, fields: Fields, previous: KubeObject | undefined): KubeObject => {
    const current = {
      ...fields,
      metadata: { ...(fields['metadata'] as Fields), resourceVersion: String(++revision) },
    } as unknown as KubeObject;
    const { namespace, name, deletionTimestamp, finalizers = [] } = current.metadata;
    if (previous?.metadata.finalizers?.length && finalizers.length === 0 && deletionTimestamp !== undefined) return remove(type, current);
    table(type).set(makeKey(namespace, name), current);
    watches.record({ revision, resource: resourceId(type), previous, current, last: current });
    return current;
  };
  const fresh = (type: ResourceType, draft: Fields): Fields => {
    const metadata = isRecord(draft['metadata']) ? draft['metadata'] : {};
    const named =
      typeof metadata['name'] === 'string' && metadata['name'] !== ''
        ? {}
        : { name: `${textOf(metadata['generateName'])}${random.suffix(5)}` };
    const filled = { uid: random.uid(), creationTimestamp: formatTime(clock.now()), generation: 1, ...metadata, ...named };
    return { ...draft, apiVersion: apiVersionOf(type.group, type.version), kind: type.kind, metadata: filled };
  };
  const replace = (type: ResourceType, old: KubeObject, wanted: Fields, subresource: string | undefined): KubeObject => {
    const previous = old as unknown as Fields;
    const asked = isRecord(wanted['metadata']) ? wanted['metadata'] : {};
    if (asked['resourceVersion'] !== undefined && asked['resourceVersion'] !== old.metadata.resourceVersion)
      throw conflict(type, old.metadata.name, modified);
    if (asked['uid'] !== undefined && asked['uid'] !== old.metadata.uid)
      throw conflict(
        type,
        old.metadata.name,
        `Precondition failed: UID in precondition: ${textOf(asked['uid'])}, UID in object meta: ${old.metadata.uid}`,
      );
    const { uid, creationTimestamp, deletionTimestamp, name, namespace, generation = 1 } = old.metadata;
    if (subresource === 'status') return put(type, { ...previous, status: wanted['status'] }, old);
    const changed = JSON.stringify(wanted['spec']) !== JSON.stringify(previous['spec']);
    const metadata = {
      ...asked,
      uid,
      creationTimestamp,
      name,
      generation: changed ? generation + 1 : generation,
      ...(namespace === undefined ? {} : { namespace }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    };
    return put(
      type,
      { ...wanted, apiVersion: old.apiVersion, kind: old.kind, metadata, ...('status' in previous ? { status: previous['status'] } : {}) },
      old,
    );
  };
  const bind = (type: ResourceType, draft: Fields): unknown => {
    const metadata = draft['metadata'] as Fields;
    const target = draft['target'] as Fields;
    const pod = find(type, { namespace: metadata['namespace'] as string, name: metadata['name'] as string }) as unknown as Fields;
    const spec = pod['spec'] as Fields;
    if (spec['nodeName'])
      throw conflict(
        { group: '', resource: 'pods/binding' },
        textOf(metadata['name']),
        `pod ${textOf(metadata['name'])} is already assigned to node "${textOf(spec['nodeName'])}"`,
      );
    const scheduled = { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: formatTime(clock.now()) }] };
    put(
      type,
      { ...pod, spec: { ...spec, nodeName: target['name'] }, status: mergePatch(pod['status'] ?? {}, scheduled, true) },
      pod as unknown as KubeObject,
    );
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  };
  const destroy = (type: ResourceType, key: ObjectKey, gracePeriodSeconds: number | undefined): KubeObject | Status => {
    const object = find(type, key);
    const nodeName = (object as unknown as { spec?: { nodeName?: string } }).spec?.nodeName;
    const graceful = type.resource === 'pods' && nodeName !== undefined && gracePeriodSeconds !== 0;
    if ((object.metadata.finalizers ?? []).length === 0 && !graceful) return remove(type, object);
    if (object.metadata.deletionTimestamp !== undefined) return object;
    const grace = graceful ? (gracePeriodSeconds ?? 30) : 0;
    const metadata = { ...object.metadata, deletionTimestamp: formatTime(clock.now() + grace * 1000), deletionGracePeriodSeconds: grace };
    return put(type, { ...object, metadata }, object);
  };

  return {
    requests,
    seed<T extends KubeObject>(type: ResourceType<T>, object: unknown): T {
      const fields = fresh(type, object as Fields);
      const { namespace, name } = fields['metadata'] as { namespace?: string; name: string };
      return put(type, fields, table(type).get(makeKey(namespace, name))) as T;
    },
    compact: () => watches.compact(revision),
    cutWatches: () => watches.cut(),
    async get<T extends KubeObject>(type: ResourceType<T>, { namespace, name }: ObjectKey, subresource?: string): Promise<T> {
      request({ verb: 'get', resource: type.resource, namespace, name, subresource });
      return find(type, { namespace, name }) as T;
    },
    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) {
      request({ verb: 'list', resource: type.resource, namespace: options.namespace });
      const items = select(type, options) as T[];
      return {
        apiVersion: apiVersionOf(type.group, type.version),
        kind: `${type.kind}List`,
        metadata: { resourceVersion: String(revision) },
        items,
      };
    },
    watch(type, options, handler) {
      let refused: unknown;
      try {
        request({ verb: 'watch', resource: type.resource, namespace: options.namespace, body: options });
      } catch (error) {
        refused = error;
      }
      if (refused === undefined)
        return watches.watch(
          type,
          options,
          handler,
          (object) => fits(object, options),
          () => ({ objects: select(type, options) as never[], revision }),
        );
      let stopped = false;
      queueMicrotask(() => {
        if (!stopped) handler.end(refused instanceof ApiError ? refused : internalError(errorText(refused)));
      });
      return { stop: () => void (stopped = true) };
    },
    async create<T extends KubeObject, S extends KubeObject = T>(
      type: ResourceType<T>,
      draft: unknown,
      options: WriteOptions = {},
    ): Promise<S> {
      const fields = draft as Fields;
      const { namespace, name } = (fields['metadata'] ?? {}) as { namespace?: string; name?: string };
      request({ verb: 'create', resource: type.resource, namespace, name, subresource: options.subresource, body: draft });
      if (options.subresource === 'binding') return bind(type, fields) as S;
      if (options.subresource === 'eviction') return destroy(type, { namespace, name: name ?? '' }, undefined) as unknown as S;
      if (options.subresource !== undefined) throw methodNotSupported(type, options.subresource);
      const made = fresh(type, fields);
      const finalName = (made['metadata'] as { name: string }).name;
      if (table(type).has(makeKey(namespace, finalName))) throw alreadyExists(type, finalName);
      if (type.namespaced && (namespace === undefined || namespace === '')) throw forbidden(type, finalName, 'a namespace is needed');
      return put(type, made, undefined) as unknown as S;
    },
    async update<T extends KubeObject, S extends KubeObject = T>(
      type: ResourceType<T>,
      object: unknown,
      options: WriteOptions = {},
    ): Promise<S> {
      const { namespace, name = '' } = ((object as Fields)['metadata'] ?? {}) as { namespace?: string; name?: string };
      request({ verb: 'update', resource: type.resource, namespace, name, subresource: options.subresource, body: object });
      return replace(type, find(type, { namespace, name }), object as Fields, options.subresource) as unknown as S;
    },
    async patch<T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      patchType: string,
      patch: unknown,
      options: WriteOptions = {},
    ): Promise<T> {
      request({
        verb: 'patch',
        resource: type.resource,
        namespace: key.namespace,
        name: key.name,
        subresource: options.subresource,
        body: patch,
      });
      if (patchType === 'json') throw methodNotSupported(type, 'JSON patch');
      const known = table(type).get(makeKey(key.namespace, key.name));
      if (!known && patchType === 'apply') {
        const { namespace, name } = key;
        const metadata = { ...((patch as Fields)['metadata'] as Fields), name, ...(namespace === undefined ? {} : { namespace }) };
        return put(type, fresh(type, { ...(patch as Fields), metadata }), undefined) as T;
      }
      const old = find(type, key);
      const { resourceVersion: _, uid: __, ...metadata } = old.metadata;
      return replace(type, old, mergePatch({ ...old, metadata }, patch, patchType !== 'merge') as Fields, options.subresource) as T;
    },
    async delete<T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      options: { gracePeriodSeconds?: number; preconditions?: { uid?: string; resourceVersion?: string } } = {},
    ) {
      request({ verb: 'delete', resource: type.resource, namespace: key.namespace, name: key.name, body: options });
      const { uid, resourceVersion } = find(type, key).metadata;
      const { preconditions = {} } = options;
      if (preconditions.uid !== undefined && preconditions.uid !== uid)
        throw conflict(type, key.name, 'Precondition failed: UID in precondition');
      if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
        throw conflict(type, key.name, 'Precondition failed: ResourceVersion in precondition');
      return destroy(type, key, options.gracePeriodSeconds);
    },
    async deleteCollection(type, options, deletion = {}) {
      request({ verb: 'deletecollection', resource: type.resource, namespace: options.namespace });
      for (const { metadata } of select(type, options)) destroy(type, metadata, deletion.gracePeriodSeconds);
    },
    discover: async () =>
      [...types.values()].map((type) => ({
        ...type,
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      })),
  };
}
