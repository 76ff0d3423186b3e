// list: objects of a collection, whole or in pages. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import { ApiError, badRequest, tooLargeResourceVersion } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, ListMeta } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { ApiRequest, ListResult, RequestOptions } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { validateListOptions } from '../core/list-options.js';
import type { ResourceStorage } from '../core/resource-storage.js';
import { decodeContinue, encodeContinue, parseResourceVersion } from '../core/resource-version.js';
import { placeOf, selectionOf, type Place, type Selection } from '../core/selection.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared } from '../core/versions.js';
import { readerAt, type Reader } from './list-reader.js';

/** While a selector thins entries out, so many are read at a time at first, and then twice as many each time. */
const firstRead = 64;

export async function list(core: Core, request: ApiRequest): Promise<ListResult> {
  const { kind, options } = request;
  validateListOptions(options, false);
  const selection = selectionOf(kind, options.labelSelector, options.fieldSelector);
  const storage = core.storages.of(kind);
  const asked = askedOf(options);
  try {
    await storage.cache.fresh();
    // The past can be shown as far as the store's history reaches back, even of what has not changed since: tokens go out of date.
    if (asked.exactly !== undefined && asked.exactly < storage.cache.revision) await storage.store.get(kind.prefix, asked.exactly);
    await prepareAll(storage, request);
    const { revision } = storage.cache;
    if (asked.notBefore > revision) throw tooLargeResourceVersion(asked.text, String(revision));
    const shown = asked.exactly ?? revision;
    return await page({ storage, request, selection, asked, shown, reader: readerAt(storage, shown) });
  } catch (error) {
    if (error instanceof StoreError && error.code === 'compacted' && options.continue !== undefined)
      throw expiredContinue(options.continue);
    throw apiErrorOf(error, kind, '', options.resourceVersion);
  }
}

/** Where somebody else converts objects, all of the collection are converted before it is read: reading does not wait. */
async function prepareAll(storage: ResourceStorage, { kind, namespace }: ApiRequest): Promise<void> {
  if (kind.conversion?.prepare === undefined) return;
  const prefix = storage.prefix(namespace);
  for (;;) {
    const waiting = prepared(
      kind,
      storage.cache.list({ prefix }).entries.map(({ value }) => value),
    );
    if (waiting === undefined) return;
    await waiting;
  }
}

/** Which part of the collection is asked for, and as of when. */
interface Asked {
  /** The revision that must be shown; undefined for the newest. */
  readonly exactly: number | undefined;
  /** The revision that the server must have reached. */
  readonly notBefore: number;
  /** {@link notBefore} as messages show it. */
  readonly text: string;
  /** Where in the collection the page begins. */
  readonly start: string;
  /** 0 for all. */
  readonly limit: number;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
function askedOf(options: RequestOptions): Asked {
  const { continue: next, resourceVersion = '', resourceVersionMatch: match } = options;
  const given = Math.max(options.limit ?? 0, 0);
  // What is as good from any cache is answered without pages.
  const limit = resourceVersion === '0' ? 0 : given;
  if (next !== undefined) {
    if (resourceVersion !== '' && resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    const { revision, start, text } = decodeContinue(next);
    return revision < 0
      ? { exactly: undefined, notBefore: 0, text: '', start, limit }
      : { exactly: revision, notBefore: revision, text, start, limit };
  }
  const revision = parseResourceVersion(resourceVersion, (message) => badRequest(`invalid resource version: ${message}`));
  // Pages that begin at a revision show that very revision, unless the client takes newer ones.
  const exact = revision > 0 && (match === 'Exact' || (match === undefined && limit > 0));
  return { exactly: exact ? revision : undefined, notBefore: revision, text: BigInt(resourceVersion).toString(), start: '', limit };
}

interface Paging {
  readonly storage: ResourceStorage;
  readonly request: ApiRequest;
  readonly selection: Selection;
  readonly asked: Asked;
  /** The revision that the page shows. */
  readonly shown: number;
  readonly reader: Reader;
}

/** Does not wait between two reads of the cache, so that all of a page is of one revision. */
async function page(paging: Paging): Promise<ListResult> {
  const { storage, request, selection, asked, shown, reader } = paging;
  const { kind } = request;
  const prefix = storage.prefix(request.namespace);
  const place = placeOf(storage, request, selection);
  if (place === undefined) return result(kind, [], shown);
  const { limit } = asked;
  const from = prefix + asked.start;
  if (selection.everything) {
    const found = reader({ prefix, from, limit });
    const { entries, remaining } = found instanceof Promise ? await found : found;
    return result(kind, entries, shown, remaining > 0 ? pageEnd(prefix, entries, shown, remaining) : {});
  }
  const gathered = gather(kind, selection, place, limit, from, reader);
  const entries = gathered instanceof Promise ? await gathered : gathered;
  if (limit === 0 || entries.length < limit || (place.key !== undefined && asked.start === '')) return result(kind, entries, shown);
  // There may be more as long as there are more keys, whether they match or not.
  const after = reader({ prefix, from: `${entries[entries.length - 1]!.key}\0`, limit: 1 });
  const more = after instanceof Promise ? await after : after;
  return result(kind, entries, shown, more.entries.length > 0 ? pageEnd(prefix, entries, shown) : {});
}

type Entries = readonly Entry<KubeObject>[];

/** The first entries that match, as many as the limit says. */
function gather(kind: Kind, selection: Selection, place: Place, limit: number, start: string, reader: Reader): Entries | Promise<Entries> {
  const matching: Entry<KubeObject>[] = [];
  let from = start;
  let size = limit === 0 ? 0 : Math.max(limit, firstRead);
  /** Takes what matches; returns whether there is more to read. */
  const take = ({ entries, remaining }: { readonly entries: Entries; readonly remaining: number }): boolean => {
    for (const entry of entries) {
      if (!selection.matches(inVersion(kind, entry.value))) continue;
      matching.push(entry);
      if (matching.length === limit) return false;
    }
    if (remaining === 0 || entries.length === 0) return false;
    from = `${entries[entries.length - 1]!.key}\0`;
    size *= 2;
    return true;
  };
  const goOn = async (first: Promise<{ readonly entries: Entries; readonly remaining: number }>): Promise<Entries> => {
    for (let more = take(await first); more;) more = take(await reader({ ...place, terms: selection.terms, from, limit: size }));
    return matching;
  };
  for (;;) {
    const found = reader({ ...place, terms: selection.terms, from, limit: size });
    if (found instanceof Promise) return goOn(found);
    if (!take(found)) return matching;
  }
}

/** Where the next page begins: the key after the last one, without what all keys of the list begin with. */
function pageEnd(prefix: string, entries: Entries, revision: number, remaining?: number): Partial<ListMeta> {
  const last = entries[entries.length - 1]!.key.slice(prefix.length);
  const token = encodeContinue({ revision, start: `${last}\0` });
  return remaining === undefined ? { continue: token } : { continue: token, remainingItemCount: remaining };
}

function result(kind: Kind, entries: Entries, revision: number, more: Partial<ListMeta> = {}): ListResult {
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
