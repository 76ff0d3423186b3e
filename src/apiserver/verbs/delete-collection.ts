// deletecollection: every object that a list would show, deleted one by one.
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { ApiRequest, ListResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { deleteOptionsOf } from './delete-options.js';
import { deleteOne } from './delete.js';
import { list } from './list.js';

/** Answers with the objects as they were listed. What someone else deleted meanwhile is passed over. */
export async function deleteCollection(core: Core, request: ApiRequest): Promise<ListResult> {
  const options = deleteOptionsOf(core, request);
  const found = await list(core, request);
  for (const entry of found.entries) {
    const { name, namespace } = entry.value.metadata;
    try {
      await deleteOne(core, { ...request, namespace: namespace ?? '', name }, options);
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
  }
  return found;
}
