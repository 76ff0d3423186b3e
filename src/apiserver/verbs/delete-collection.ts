// deletecollection: every object that a list would show, deleted one by one.
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { ApiRequest, ListResult, RequestOptions } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { deleteOptionsOf } from './delete-options.js';
import { deleteOne, warnOfOrphans } from './delete.js';
import { list } from './list.js';
import { turnOf } from './turns.js';

/** Answers with the objects as they were listed. What someone else deleted meanwhile is passed over. */
export async function deleteCollection(core: Core, request: ApiRequest): Promise<ListResult> {
  const options = deleteOptionsOf(core, request);
  warnOfOrphans(request, options);
  const found = await list(core, { ...request, options: listOptionsOf(request.options) });
  const turn = turnOf(request);
  for (const entry of found.entries) {
    await turn.over();
    const { name, namespace } = entry.value.metadata;
    try {
      await deleteOne(core, { ...request, namespace: namespace ?? '', name }, options);
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
  }
  return found;
}

/** What is to go is read in pages, which begin at the very revision that is asked for. */
function listOptionsOf(options: RequestOptions): RequestOptions {
  const { resourceVersion = '0', resourceVersionMatch } = options;
  return resourceVersion === '0' || resourceVersionMatch !== undefined || options.continue !== undefined
    ? options
    : { ...options, resourceVersionMatch: 'Exact' };
}
