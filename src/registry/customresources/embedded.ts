// Objects within objects: each says what it is, and its metadata keeps the rules of all metadata.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { label1035Problems } from '../../apimachinery/names/names.js';
import { validateObjectMeta } from '../../apimachinery/names/object-meta.js';
import { isRecord, type Draft, type ObjectMeta } from '../../apimachinery/object.js';
import { finish, Steps, type Work } from '../../clock/slices.js';
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

type Visit = (object: Readonly<Record<string, unknown>>, field: string) => void;

function look(value: unknown, place: Structural, field: string, visit: Visit): void {
  if (!place.hasEmbedded || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const { items } = place;
    if (items !== undefined) (value as readonly unknown[]).forEach((item, index) => look(item, items, `${field}[${index}]`, visit));
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  if (place.embedded) visit(object, field);
  for (const name of Object.keys(object)) {
    const inner = below(place, name);
    if (inner === undefined) continue;
    look(object[name], inner, place.properties.has(name) ? (field === '' ? name : `${field}.${name}`) : `${field}[${name}]`, visit);
  }
}

/** What is wrong with the objects in `value`, whose path is `field`. */
export function embeddedErrors(value: unknown, place: Structural, field = ''): readonly FieldError[] {
  return finish(embeddedWork(value, place, field));
}

/** {@link embeddedErrors}, for values with very many of them. */
export function* embeddedWork(value: unknown, place: Structural, field = ''): Work<readonly FieldError[]> {
  if (!place.hasEmbedded) return [];
  const found: (readonly [object: Readonly<Record<string, unknown>>, field: string])[] = [];
  look(value, place, field, (object, at) => void found.push([object, at]));
  const errors: FieldError[] = [];
  const steps = new Steps();
  for (const [object, at] of found) {
    if (steps.due()) yield;
    for (const error of ownErrors(object, at)) errors.push(error);
  }
  return errors;
}
