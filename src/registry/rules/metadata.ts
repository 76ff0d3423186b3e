// Metadata in the eyes of a kind: the caller has checked it, and some kinds check it again, which clients see as one more cause.
import { validateObjectMetaUpdate } from '../../apimachinery/names/object-meta.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Errors } from './fields.js';

/** The broken rules of a replacement's metadata, for the hooks of kinds that tell of them once more. */
export function metadataAgain(object: KubeObject, old: KubeObject): Errors {
  return validateObjectMetaUpdate(object.metadata, old.metadata);
}
