// watch: a stream of changes. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { ApiError, expired, tooLargeResourceVersion } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, Status } from '../../apimachinery/object.js';
import type { Timer } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type StoreEvent } from '../../storage/store.js';
import type { CacheWatch } from '../../storage/watch-cache/types.js';
import type { ApiRequest, OutgoingEvent, WatchReceiver, WatchResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { validateListOptions } from '../core/list-options.js';
import type { ResourceStorage } from '../core/resource-storage.js';
import { parseResourceVersion } from '../core/resource-version.js';
import { selectionOf, type Selection } from '../core/selection.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, reusable } from '../core/versions.js';

/** How often a watcher who asked for bookmarks gets one, in milliseconds. */
const bookmarkPeriod = 60_000;

const initialEventsEnd = 'k8s.io/initial-events-end';

export async function watch(core: Core, request: ApiRequest): Promise<WatchResult> {
  const { kind, options } = request;
  validateListOptions(options, true);
  const selection = selectionOf(kind, options.labelSelector, options.fieldSelector);
  const asked = parseResourceVersion(options.resourceVersion ?? '', (message) => new ApiError(500, '', message));
  const storage = core.storages.of(kind);
  try {
    await storage.cache.fresh();
  } catch (error) {
    throw apiErrorOf(error, kind, '');
  }
  if (options.sendInitialEvents === true && asked > storage.cache.revision) {
    throw tooLargeResourceVersion(options.resourceVersion!, String(storage.cache.revision));
  }
  // Without a revision, and at "0", a watch begins with what is there now.
  const initial = options.sendInitialEvents ?? asked === 0;
  const after = initial ? undefined : asked === 0 ? storage.cache.revision : asked;
  return {
    type: 'watch',
    kind,
    start: (receiver) => new Watching(core, storage, request, selection, receiver).start(after),
  };
}

/** One watcher: turns the store's events into the client's. */
class Watching {
  #source: CacheWatch<KubeObject> | undefined;
  #done = false;
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

  start(after: number | undefined): { stop(): void } {
    const { options, name } = this.request;
    const namespace = this.request.namespace !== '' ? this.request.namespace : (this.selection.namespace ?? '');
    const wanted = name !== '' ? name : this.selection.name;
    const key = wanted !== undefined && (namespace !== '' || !this.#kind.namespaced) ? this.storage.key(namespace, wanted) : undefined;
    const place = key !== undefined ? { key } : { prefix: this.storage.prefix(namespace), term: this.selection.terms[0] };
    const sink = {
      event: (event: StoreEvent<KubeObject>) => this.#event(event),
      end: (error: StoreError) => this.#end(this.#statusOf(error)),
    };
    try {
      const { cache } = this.storage;
      if (after !== undefined && after > cache.revision) {
        // The future: wait for it without saying anything, as the real server does.
        this.#source = cache.watch(
          { ...place, after: cache.revision },
          { event: (event) => event.revision > after && sink.event(event), end: sink.end },
        );
      } else {
        this.#source = cache.watch({ ...place, after }, sink);
      }
    } catch (error) {
      this.#end(this.#statusOf(error));
      return { stop: () => undefined };
    }
    for (const entry of this.#source.entries ?? []) {
      const object = inVersion(this.#kind, entry.value);
      if (this.selection.everything || this.selection.matches(object))
        this.#send({ type: 'ADDED', source: undefined, object, entry: reusable(this.#kind, entry) });
    }
    if (options.sendInitialEvents === true && options.allowWatchBookmarks === true) this.#bookmark(this.#source.revision, true);
    if (options.allowWatchBookmarks === true) this.#timers.push(this.core.clock.every(bookmarkPeriod, () => this.#freshBookmark()));
    if (options.timeoutSeconds !== undefined)
      this.#timers.push(this.core.clock.after(options.timeoutSeconds * 1000, () => this.#end(undefined)));
    return { stop: () => this.#stop() };
  }

  #event(event: StoreEvent<KubeObject>): void {
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
    const metadata = { resourceVersion: String(revision), ...(initialEnd ? { annotations: { [initialEventsEnd]: 'true' } } : {}) };
    const object = {
      kind: this.#kind.kind,
      apiVersion: this.#kind.group === '' ? this.#kind.version : `${this.#kind.group}/${this.#kind.version}`,
      metadata,
    };
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
    this.#source?.stop();
  }
}
