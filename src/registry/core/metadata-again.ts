// Metadata, checked once more: the real server does so at an update of some kinds, and clients see each cause as often.
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { validateObjectMeta } from '../../apimachinery/names/object-meta.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { NameRule } from '../kind.js';

/** The broken rules of the metadata of an object whose kind is in namespaces or not, and has this rule for names. */
export function metadataAgain(object: KubeObject, namespaced = true, nameRule: NameRule = 'subdomain'): readonly FieldError[] {
  return validateObjectMeta(object.metadata, { namespaced, nameRule });
}
