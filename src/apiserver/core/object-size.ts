// How large an object may be: what etcd takes, whatever the store is. https://etcd.io/docs/v3.5/dev-guide/limit/
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import type { Entry } from '../../storage/store.js';
import type { ApiRequest } from './api-request.js';
import { encodeAhead } from './encode-ahead.js';

/** etcd's `--max-request-bytes`. */
const largestRequest = 1.5 * 1024 * 1024;
/** The largest message that the real server's client sends to etcd. */
const largestMessage = 2 * 1024 * 1024;
/** Below this no body and object can together come to be too large, even with as much again in managedFields. */
const harmless = largestRequest / 3;

/**
 * Throws 500 for an object that is too large to be stored, in the real server's words. Only large bodies, or changes of large objects,
 * are measured, and encoded on the way; what comes from components in process never is. Yields in the midst of it.
 */
export function* checkSize({ body }: ApiRequest, stored: KubeObject, existing?: Entry<KubeObject>): Work<void> {
  if (body === undefined || !('bytes' in body)) return;
  const expected = body.bytes.byteLength + (existing?.bytes().byteLength ?? 0);
  if (expected < harmless) return;
  const size = yield* encodeAhead(stored);
  if (size > largestMessage) {
    const why = `trying to send message larger than max (${size} vs. ${largestMessage})`;
    throw new ApiError(500, '', `rpc error: code = ResourceExhausted desc = ${why}`);
  }
  if (size > largestRequest) throw new ApiError(500, '', 'etcdserver: request is too large');
}
