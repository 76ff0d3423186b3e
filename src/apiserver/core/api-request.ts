// A request and its answer as the core of the API server sees them: without a transport.
import type { ListMeta, KubeObject, Status, WatchEventType } from '../../apimachinery/object.js';
import type { ProtobufCodec } from '../../apimachinery/protobuf/codec.js';
import type { Turn, Waiter } from '../../clock/slices.js';
import type { Kind, UserInfo } from '../../registry/kind.js';
import type { Entry, StoreEvent } from '../../storage/store.js';
import type { AuditContext } from '../audit/context.js';
import type { Verb } from '../request/request-info.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export type PatchMediaType = 'json' | 'merge' | 'strategic' | 'apply';

/** What the query and the body of options say; absent is the default. */
export interface RequestOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: FieldValidation;
  readonly force?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** What a client sends: bytes over HTTP (with the codec that reads them when they are protobuf), a value in process (never changed, never kept). */
export type RequestBody =
  { readonly bytes: Uint8Array; readonly mediaType: string; readonly protobuf?: ProtobufCodec } | { readonly value: unknown };

/** One request to one resource. */
export interface ApiRequest {
  readonly user: UserInfo;
  readonly verb: Verb;
  readonly kind: Kind;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly options: RequestOptions;
  /** The query of a deletion over HTTP: it has its options when there is no body. */
  readonly query?: URLSearchParams | undefined;
  readonly body?: RequestBody | undefined;
  readonly patchType?: PatchMediaType | undefined;
  /** Names the manager when `fieldManager` is absent. */
  readonly userAgent: string;
  /** Gathers texts for `Warning` headers; each once. */
  readonly warnings: string[];
  /** Its audit event, when there is one. */
  readonly audit?: AuditContext | undefined;
  /** Whoever waits for the answer over HTTP: long work ends when nobody does, until the store has it. */
  readonly waiter?: Waiter | undefined;
}

/** An answer with one object. `entry` is there when the object is exactly what the store holds, so that its bytes can be reused. */
export interface ObjectResult {
  readonly type: 'object';
  readonly code: number;
  /** The kind whose columns a Table shows. */
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly entry?: Entry<KubeObject> | undefined;
}

export interface StatusResult {
  readonly type: 'status';
  readonly code: number;
  readonly status: Status;
}

export interface ListResult {
  readonly type: 'list';
  readonly kind: Kind;
  readonly metadata: ListMeta;
  /** In the order of keys. Of another version than stored, entries still hold the stored one: see `kind.conversion`. */
  readonly entries: readonly Entry<KubeObject>[];
}

/** One event on its way to a watcher. */
export interface OutgoingEvent {
  readonly type: Exclude<WatchEventType, 'ERROR'>;
  /** The store's event behind it: the same for every watcher, so encodings can be kept by it. Absent for initial events and bookmarks. */
  readonly source: StoreEvent<KubeObject> | undefined;
  readonly object: KubeObject;
  /** The entry whose value `object` is, if it is one. */
  readonly entry: Entry<KubeObject> | undefined;
}

export interface WatchReceiver {
  /** The receiver reads nothing but `metadata` of a bookmark: what every object of the kind has is left out. */
  readonly bareBookmarks?: boolean;
  /** Whose turn it is while the initial events go out; absent: they all come before `start` returns. */
  readonly turn?: Turn;
  event(event: OutgoingEvent): void;
  /** Called once when all initial events have been given. */
  begun?(): void;
  /** Called at most once, not after `stop`: with a Status for an error event, without for a normal end. */
  end(status: Status | undefined): void;
}

export interface WatchResult {
  readonly type: 'watch';
  readonly kind: Kind;
  /** Starts the stream: initial events come before it returns, unless the receiver lets others have their turn. */
  start(receiver: WatchReceiver): { stop(): void };
}

export type ApiResult = ObjectResult | StatusResult | ListResult | WatchResult;
