// get: one object.
import { notFound } from '../../apimachinery/errors/api-error.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { parseResourceVersion } from '../core/resource-version.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared, reusable } from '../core/versions.js';
import { tooLargeResourceVersion } from '../../apimachinery/errors/api-error.js';

/** Also of subresources that show the object itself (status). */
export async function get(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const { kind, namespace, name, options } = request;
  const storage = core.storages.of(kind);
  try {
    const entry = await storage.get(namespace, name);
    if (options.resourceVersion !== undefined) {
      const asked = parseResourceVersion(options.resourceVersion, (message) => new ApiError(500, '', message));
      const current = await storage.store.revision();
      if (asked > current) throw tooLargeResourceVersion(options.resourceVersion, String(current));
    }
    if (entry === undefined) throw notFound(kind, name);
    await prepared(kind, [entry.value]);
    return { type: 'object', code: 200, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
  } catch (error) {
    throw apiErrorOf(error, kind, name);
  }
}
