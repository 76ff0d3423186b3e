// Turns the store's coded errors into API errors: the only place that does.
import {
  alreadyExists,
  ApiError,
  conflict,
  expired,
  internalError,
  modified,
  notFound,
  tooLargeResourceVersion,
} from '../../apimachinery/errors/api-error.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError } from '../../storage/store.js';

export const tooOldList = 'The resourceVersion for the provided list is too old.';

/** The API error for whatever a store or watch cache threw while serving `kind` and `name`; other errors come back as they are. */
export function apiErrorOf(error: unknown, kind: Kind, name: string, asked = ''): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case 'exists':
      return alreadyExists(kind, name);
    case 'missing':
      return notFound(kind, name);
    case 'conflict':
      return conflict(kind, name, modified);
    case 'compacted':
      return expired(tooOldList);
    case 'future':
      return tooLargeResourceVersion(asked, String(error.revisions?.current ?? ''));
    case 'closed':
      return new ApiError(503, 'ServiceUnavailable', 'the server is stopping');
    default:
      return internalError(error.message);
  }
}
