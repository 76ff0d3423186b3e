// The client interface: how every component, in process or over a kubeconfig, talks to the API.
import type { Draft, KubeList, KubeObject, Status, WatchEvent } from '../apimachinery/object.js';
import type { StructuralSchema } from '../apimachinery/cel/schema-type.js';
import type { ApiError } from '../apimachinery/errors/api-error.js';

/** A resource of the API and the type of its objects. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  /** The plural in the URL: `pods`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Only carries the type; never there at run time. */
  readonly object?: T;
}

/** The name of one object; `namespace` is absent for cluster-scoped ones. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ListOptions {
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  /** Of custom.metrics.k8s.io alone: which series of the metric. */
  readonly metricLabelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Events after this one; absent: what is there now as ADDED, then events. */
  readonly resourceVersion?: string;
  readonly sendInitialEvents?: boolean;
  readonly resourceVersionMatch?: 'NotOlderThan';
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Recorded in managedFields. */
  readonly fieldManager?: string;
  /** Write this part only: `status`, `scale`, `binding`, … */
  readonly subresource?: string;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchOptions extends WriteOptions {
  /** Take fields from other managers (apply only). */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Gets a watch's events, in order. The functions must be quick and must not throw: queue work, do not do it here. */
export interface WatchHandler<T> {
  event(event: WatchEvent<T>): void;
  /** The stream is over: ended by the server (no error; watch again from the last version) or failed (410: list again). Called once, not after `stop`. */
  end(error: ApiError | undefined): void;
}

export interface WatchHandle {
  stop(): void;
}

/**
 * Talks to an API server. Every method rejects with {@link ApiError}. Objects that come out are immutable;
 * objects that go in are never changed nor kept.
 */
export interface Client {
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, subresource?: string): Promise<T>;
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<KubeList<T>>;
  watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>): WatchHandle;
  /** `namespace` comes from the draft's metadata. With `subresource` (binding, eviction, token), the draft's name says of what. */
  create<T extends KubeObject, S extends KubeObject = T>(
    type: ResourceType<T>,
    draft: Draft<NoInfer<S>>,
    options?: WriteOptions,
  ): Promise<S>;
  /** Replaces; a `metadata.resourceVersion` in the object must be the current one. */
  update<T extends KubeObject, S extends KubeObject = T>(
    type: ResourceType<T>,
    object: Draft<NoInfer<S>>,
    options?: WriteOptions,
  ): Promise<S>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** The object as it is now (graceful deletion, finalizers) or a Status. */
  delete<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, options?: DeleteOptions): Promise<T | Status>;
  deleteCollection<T extends KubeObject>(type: ResourceType<T>, list: ListOptions, options?: DeleteOptions): Promise<void>;
  /** The server's preferred resources, from discovery: those that can be listed and watched, for the components that work on any kind. */
  discover(): Promise<readonly DiscoveredResource[]>;
  /** The schemas of a group's version, for the component that checks expressions; absent: the client has none to tell. Empty for a version that is not served. */
  schemas?(group: string, version: string): Promise<readonly ServedSchema[]>;
}

/** The schema of the objects of one resource. */
export interface ServedSchema {
  readonly kind: string;
  readonly resource: string;
  /** References are followed. Made when it is asked for, and the same each time. */
  schema(): StructuralSchema;
}

export interface DiscoveredResource extends ResourceType {
  readonly verbs: readonly string[];
}
