// list: objects of a collection, whole or in pages. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import { ApiError, badRequest, tooLargeResourceVersion } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, ListMeta } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { ApiRequest, ListResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { validateListOptions } from '../core/list-options.js';
import type { ResourceStorage } from '../core/resource-storage.js';
import { decodeContinue, encodeContinue, parseResourceVersion } from '../core/resource-version.js';
import { selectionOf, type Selection } from '../core/selection.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion } from '../core/versions.js';

/** Entries read from the store at a time while a selector thins them out. */
const chunk = 500;

export async function list(core: Core, request: ApiRequest): Promise<ListResult> {
  const { kind, options } = request;
  validateListOptions(options, false);
  const selection = selectionOf(kind, options.labelSelector, options.fieldSelector);
  const storage = core.storages.of(kind);
  const limit = options.limit ?? 0;
  const asked = parseResourceVersion(options.resourceVersion ?? '', (message) => badRequest(`invalid resource version: ${message}`));
  try {
    if (options.continue !== undefined) {
      if (options.resourceVersion !== undefined && asked !== 0)
        throw badRequest('specifying resource version is not allowed when using continue');
      const token = decodeContinue(options.continue);
      return await page(storage, request, selection, limit, token.revision < 0 ? undefined : token.revision, token.start);
    }
    if (options.resourceVersionMatch === 'Exact') return await page(storage, request, selection, limit, asked, '');
    await storage.cache.fresh();
    const { revision } = storage.cache;
    if (asked > revision) throw tooLargeResourceVersion(options.resourceVersion!, String(revision));
    // A list at "0" may come from any cache, which the real server answers without pages.
    return fromCache(storage, request, selection, options.resourceVersion === '0' ? 0 : limit);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'compacted' && options.continue !== undefined)
      throw expiredContinue(options.continue);
    throw apiErrorOf(error, kind, '', options.resourceVersion);
  }
}

function fromCache(storage: ResourceStorage, request: ApiRequest, selection: Selection, limit: number): ListResult {
  const { kind } = request;
  const { cache } = storage;
  const { namespace, none } = scopeOf(request, selection);
  const prefix = storage.prefix(namespace);
  if (none) return result(kind, [], cache.revision);
  if (selection.everything) {
    const { entries, remaining } = cache.list({ prefix, limit });
    return result(kind, entries, cache.revision, remaining > 0 ? pageEnd(prefix, entries, cache.revision, remaining) : {});
  }
  const one = selection.name !== undefined && (namespace !== '' || !kind.namespaced) ? storage.key(namespace, selection.name) : undefined;
  const found = cache.list({ prefix, key: one, terms: selection.terms }).entries;
  const entries: Entry<KubeObject>[] = [];
  for (const entry of found) {
    if (!selection.matches(inVersion(kind, entry.value))) continue;
    if (limit > 0 && entries.length === limit) return result(kind, entries, cache.revision, pageEnd(prefix, entries, cache.revision));
    entries.push(entry);
  }
  return result(kind, entries, cache.revision);
}

/** A page at a past revision (or now, when undefined), straight from the store. */
async function page(
  storage: ResourceStorage,
  request: ApiRequest,
  selection: Selection,
  limit: number,
  revision: number | undefined,
  start: string,
): Promise<ListResult> {
  const { kind } = request;
  const { namespace, none } = scopeOf(request, selection);
  const prefix = storage.prefix(namespace);
  if (none) return result(kind, [], revision ?? (await storage.store.revision()));
  let from = prefix + start;
  const entries: Entry<KubeObject>[] = [];
  let shown = revision;
  for (;;) {
    const found = await storage.store.list(prefix, {
      from,
      limit: selection.everything ? limit : chunk,
      ...(shown === undefined ? {} : { revision: shown }),
    });
    shown ??= found.revision;
    for (let i = 0; i < found.entries.length; i++) {
      const entry = found.entries[i]!;
      if (!selection.everything && !selection.matches(inVersion(kind, entry.value))) continue;
      if (limit > 0 && entries.length === limit) return result(kind, entries, shown, pageEnd(prefix, entries, shown));
      entries.push(entry);
    }
    if (selection.everything && found.remaining > 0) return result(kind, entries, shown, pageEnd(prefix, entries, shown, found.remaining));
    if (found.remaining === 0 || found.entries.length === 0) return result(kind, entries, shown);
    from = `${found.entries[found.entries.length - 1]!.key}\0`;
  }
}

/** The namespace to look in, and whether the selector rules all out (`metadata.namespace` of another one). */
function scopeOf(request: ApiRequest, selection: Selection): { namespace: string; none: boolean } {
  const { namespace } = request;
  if (selection.namespace === undefined || selection.namespace === namespace) return { namespace, none: false };
  return { namespace: selection.namespace, none: namespace !== '' };
}

/** Where the next page begins: the key after the last one, without what all keys of the list begin with. */
function pageEnd(prefix: string, entries: readonly Entry<KubeObject>[], revision: number, remaining?: number): Partial<ListMeta> {
  const last = entries[entries.length - 1]!.key.slice(prefix.length);
  const token = encodeContinue({ revision, start: `${last}\0` });
  return remaining === undefined ? { continue: token } : { continue: token, remainingItemCount: remaining };
}

function result(kind: Kind, entries: readonly Entry<KubeObject>[], revision: number, more: Partial<ListMeta> = {}): ListResult {
  return { type: 'list', kind, entries, metadata: { resourceVersion: String(revision), ...more } };
}

/** The real server offers a token that goes on with what is there now. */
function expiredContinue(token: string): ApiError {
  const { start } = decodeContinue(token);
  return new ApiError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
      'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - ' +
      'objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    undefined,
    {},
    { continue: encodeContinue({ revision: -1, start }) },
  );
}
