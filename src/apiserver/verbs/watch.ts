// watch: a stream of changes. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { ApiError, badRequest, expired, tooLargeResourceVersion } from '../../apimachinery/errors/api-error.js';
import { apiVersionOf, type KubeObject, type Status } from '../../apimachinery/object.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import type { Timer } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry, type StoreEvent } from '../../storage/store.js';
import type { CacheWatch } from '../../storage/watch-cache/types.js';
import type { ApiRequest, OutgoingEvent, WatchReceiver, WatchResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { validateListOptions } from '../core/list-options.js';
import type { ResourceStorage } from '../core/resource-storage.js';
import { parseResourceVersion } from '../core/resource-version.js';
import { placeOf, selectionOf, type Selection } from '../core/selection.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared, reusable } from '../core/versions.js';
import { watchTimeout } from './watch-timeout.js';

/** How often a watcher who asked for bookmarks gets one, in milliseconds. */
const bookmarkPeriod = 60_000;

/** How many initial events go out before others may have their turn. */
const initialBatch = 32;

const initialEventsEnd = 'k8s.io/initial-events-end';

export async function watch(core: Core, request: ApiRequest): Promise<WatchResult> {
  const { kind, options, name } = request;
  validateListOptions(options, true);
  const selection = selectionOf(kind, options.labelSelector, options.fieldSelector);
  if (name !== '' && selection.name !== undefined && selection.name !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  const asked = parseResourceVersion(options.resourceVersion ?? '', (message) => new ApiError(500, '', message));
  const storage = core.storages.of(kind);
  try {
    await storage.cache.fresh();
  } catch (error) {
    throw apiErrorOf(error, kind, '');
  }
  const timeout = watchTimeout(options.timeoutSeconds, core.random);
  // It is over before it could begin. Who asks for the newest is told that it could not be read in time.
  if (timeout <= 0) return ended(kind, options.resourceVersion === undefined ? outOfTime : undefined);
  if (options.sendInitialEvents === true && asked > storage.cache.revision)
    return ended(kind, tooLargeResourceVersion(BigInt(options.resourceVersion!).toString(), String(storage.cache.revision)).status);
  // Without a revision, and at "0", a watch begins with what is there now.
  const initial = options.sendInitialEvents ?? asked === 0;
  const after = initial ? undefined : asked === 0 ? storage.cache.revision : asked;
  return {
    type: 'watch',
    kind,
    start: (receiver) => new Watching(core, storage, request, selection, receiver).start(after, timeout),
  };
}

const outOfTime = new ApiError(500, 'InternalError', 'context deadline exceeded').status;

/** A stream that only says why there is none. */
function ended(kind: Kind, status: Status | undefined): WatchResult {
  return {
    type: 'watch',
    kind,
    start: (receiver) => {
      receiver.end(status);
      return { stop: () => undefined };
    },
  };
}

/** One watcher: turns the store's events into the client's. */
class Watching {
  #source: CacheWatch<KubeObject> | undefined;
  #done = false;
  /** What came while the initial events were going out. */
  #later: (() => void)[] | undefined;
  /** Of conversions that are waited for. */
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #forget: (() => void) | undefined;
  readonly #timers: Timer[] = [];
  readonly #kind: Kind;

  constructor(
    private readonly core: Core,
    private readonly storage: ResourceStorage,
    private readonly request: ApiRequest,
    private readonly selection: Selection,
    private readonly receiver: WatchReceiver,
  ) {
    this.#kind = request.kind;
  }

  /** `after`: the revision after which events are wanted, undefined for what is there now first; `timeout` in milliseconds. */
  start(after: number | undefined, timeout: number): { stop(): void } {
    const { options } = this.request;
    const place = placeOf(this.storage, this.request, this.selection);
    // What no object can match is watched in vain until the time is over.
    const { prefix, key } = place ?? { prefix: this.storage.kind.prefix, key: '' };
    const from = key !== undefined ? { key } : { prefix, term: this.selection.terms[0] };
    const sink = {
      event: (event: StoreEvent<KubeObject>) => this.#event(event),
      end: (error: StoreError) => this.#end(this.#statusOf(error)),
    };
    try {
      const { cache } = this.storage;
      if (after !== undefined && after > cache.revision) {
        // The future: wait for it without saying anything, as the real server does.
        this.#source = cache.watch(
          { ...from, after: cache.revision },
          { event: (event) => event.revision > after && sink.event(event), end: sink.end },
        );
      } else {
        this.#source = cache.watch({ ...from, after }, sink);
      }
    } catch (error) {
      this.#end(this.#statusOf(error));
      return { stop: () => undefined };
    }
    const { entries = [], revision } = this.#source;
    this.#when(entries, () => this.#begin(entries, 0, options.allowWatchBookmarks === true && after === undefined ? revision : undefined));
    if (options.allowWatchBookmarks === true) {
      this.#timers.push(this.core.clock.every(bookmarkPeriod, () => this.#freshBookmark()));
    }
    this.#timers.push(this.core.clock.after(timeout, () => this.#end(undefined)));
    this.#forget = this.#kind.lifetime?.onEnd(() => this.#end(undefined));
    return { stop: () => this.#stop() };
  }

  /** Sends the initial events from this one on, and the bookmark of this revision that ends them. What comes meanwhile waits. */
  #begin(entries: readonly Entry<KubeObject>[], first: number, bookmark: number | undefined): void {
    const { turn } = this.receiver;
    if (this.#done) return;
    for (let index = first; index < entries.length; index++) {
      const waiting = index > first && index % initialBatch === 0 ? turn?.over() : undefined;
      if (waiting !== undefined) {
        this.#later ??= [];
        waiting.then(() => this.#begin(entries, index, bookmark)).catch((error: unknown) => this.#end(this.#statusOf(error)));
        return;
      }
      const entry = entries[index]!;
      const object = inVersion(this.#kind, entry.value);
      if (this.selection.everything || this.selection.matches(object))
        this.#send({ type: 'ADDED', source: undefined, object, entry: reusable(this.#kind, entry) });
    }
    if (bookmark !== undefined) this.#bookmark(bookmark, true);
    if (!this.#done) this.receiver.begun?.();
    const later = this.#later ?? [];
    this.#later = undefined;
    for (const tell of later) tell();
  }

  /** Runs at once, but after somebody else has converted these where that is needed: in order all the same. */
  #when(entries: readonly Entry<KubeObject>[], run: () => void): void {
    if (this.#kind.conversion?.prepare === undefined) return run();
    const values = entries.map(({ value }) => value);
    const waiting = prepared(this.#kind, values);
    if (waiting === undefined && this.#waiting === 0) return run();
    this.#waiting++;
    this.#queue = Promise.all([this.#queue, waiting]).then(
      () => {
        this.#waiting--;
        if (!this.#done) run();
      },
      (error: unknown) => this.#end(this.#statusOf(error)),
    );
  }

  #event(event: StoreEvent<KubeObject>): void {
    // What nobody else converts, which is nearly everything, needs no queue.
    if (this.#kind.conversion?.prepare === undefined) return this.#tell(event);
    const { entry, previous } = event;
    this.#when(previous === undefined ? [entry] : [entry, previous], () => this.#tell(event));
  }

  #tell(event: StoreEvent<KubeObject>): void {
    if (this.#later !== undefined) return void this.#later.push(() => this.#tell(event));
    const { selection } = this;
    const { entry, previous } = event;
    const object = inVersion(this.#kind, entry.value);
    if (selection.everything) {
      this.#send({
        type: event.type === 'delete' ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED',
        source: event,
        object,
        entry: reusable(this.#kind, entry),
      });
      return;
    }
    const before = previous !== undefined && selection.matches(inVersion(this.#kind, previous.value));
    if (event.type === 'delete') {
      if (before) this.#send({ type: 'DELETED', source: event, object, entry: reusable(this.#kind, entry) });
    } else if (selection.matches(object)) {
      this.#send({ type: before ? 'MODIFIED' : 'ADDED', source: event, object, entry: reusable(this.#kind, entry) });
    } else if (before) {
      // It left the selection: the watcher sees it as it was, at the revision at which it left.
      const last = inVersion(this.#kind, previous.value);
      const gone = { ...last, metadata: { ...last.metadata, resourceVersion: object.metadata.resourceVersion } };
      this.#send({ type: 'DELETED', source: undefined, object: gone, entry: undefined });
    }
  }

  #send(event: OutgoingEvent): void {
    if (!this.#done) this.receiver.event(event);
  }

  #freshBookmark(): void {
    this.storage.cache.fresh().then(
      () => this.#bookmark(this.storage.cache.revision, false),
      (error: unknown) => this.#end(this.#statusOf(error)),
    );
  }

  #bookmark(revision: number, initialEnd: boolean): void {
    if (this.#later !== undefined && !initialEnd) return void this.#later.push(() => this.#bookmark(revision, false));
    const metadata = { resourceVersion: String(revision), ...(initialEnd ? { annotations: { [initialEventsEnd]: 'true' } } : {}) };
    const { kind, group, version } = this.#kind;
    const bare = { kind, apiVersion: apiVersionOf(group, version), metadata };
    // An object of the kind with nothing in it but the revision: what every object has is there, as in all others.
    const object = this.receiver.bareBookmarks === true ? bare : decodeObject(this.#kind.schema(), bare).object;
    this.#send({ type: 'BOOKMARK', source: undefined, object: object as unknown as KubeObject, entry: undefined });
  }

  #statusOf(error: unknown): Status | undefined {
    if (error instanceof StoreError && error.code === 'compacted') {
      const oldest = error.revisions?.oldest ?? 0;
      return expired(`too old resource version: ${this.request.options.resourceVersion ?? '0'} (${oldest})`).status;
    }
    if (error instanceof StoreError && error.code === 'closed') return undefined;
    const api = apiErrorOf(error, this.#kind, '');
    if (api instanceof ApiError) return api.status;
    throw error;
  }

  #end(status: Status | undefined): void {
    if (this.#done) return;
    this.#stop();
    this.receiver.end(status);
  }

  #stop(): void {
    this.#done = true;
    for (const timer of this.#timers) timer.cancel();
    this.#forget?.();
    this.#source?.stop();
  }
}
