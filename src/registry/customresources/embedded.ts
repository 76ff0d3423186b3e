// Objects within objects: each says what it is, and its metadata keeps the rules of all metadata.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { label1035Problems } from '../../apimachinery/names/names.js';
import { validateObjectMeta } from '../../apimachinery/names/object-meta.js';
import { isRecord, type Draft, type ObjectMeta } from '../../apimachinery/object.js';
import { below, type Structural } from './structural.js';

function ownErrors(object: Readonly<Record<string, unknown>>, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion, kind, metadata } = object;
  if (apiVersion === '') errors.push(invalid(`${field}.apiVersion`, '', 'must not be empty'));
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    errors.push(invalid(`${field}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  if (kind === '') errors.push(invalid(`${field}.kind`, '', 'must not be empty'));
  else if (typeof kind === 'string') {
    for (const why of label1035Problems(kind.toLowerCase()))
      errors.push(invalid(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${why}`));
  }
  if (!isRecord(metadata)) return errors;
  const meta = metadata as Draft<ObjectMeta>;
  // Neither a name nor a namespace must be there.
  const filled = { ...meta, name: meta.name ?? 'x', namespace: meta.namespace ?? 'x' };
  const broken = validateObjectMeta(filled, { namespaced: true, nameRule: 'path', standardFinalizers: false });
  return [...errors, ...broken.map((error) => ({ ...error, field: `${field}.${error.field}` }))];
}

function look(value: unknown, place: Structural, field: string, errors: FieldError[]): void {
  if (!place.hasEmbedded || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const { items } = place;
    if (items !== undefined) (value as readonly unknown[]).forEach((item, index) => look(item, items, `${field}[${index}]`, errors));
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  if (place.embedded) errors.push(...ownErrors(object, field));
  for (const name of Object.keys(object)) {
    const inner = below(place, name);
    if (inner === undefined) continue;
    look(object[name], inner, place.properties.has(name) ? (field === '' ? name : `${field}.${name}`) : `${field}[${name}]`, errors);
  }
}

/** What is wrong with the objects in `value`, whose path is `field`. */
export function embeddedErrors(value: unknown, place: Structural, field = ''): readonly FieldError[] {
  if (!place.hasEmbedded) return [];
  const errors: FieldError[] = [];
  look(value, place, field, errors);
  return errors;
}
