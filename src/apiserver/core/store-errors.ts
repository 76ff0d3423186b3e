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
import type { KubeObject } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError } from '../../storage/store.js';

export const tooOldList = 'The resourceVersion for the provided list is too old.';

/** The API error for whatever a store or watch cache threw while serving `kind` and `name`; other errors come back as they are. */
export function apiErrorOf(error: unknown, kind: Kind, name: string, asked = ''): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case 'exists':
      return existsAlready(kind, name, error.current?.value as KubeObject | undefined);
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

/** Whoever creates again what is still going is told so. */
function existsAlready(kind: Kind, name: string, existing: KubeObject | undefined): ApiError {
  const error = alreadyExists(kind, name);
  if (existing?.metadata.deletionTimestamp === undefined) return error;
  return new ApiError(error.code, error.reason, `object is being deleted: ${error.message}`, error.status.details);
}
