// Fields that selectors of custom resources may name.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#crd-selectable-fields
import type { SelectableField } from '../../../openapi/types/apiextensions.v1.js';
import { duplicate, invalid, required } from '../../apimachinery/errors/field-error.js';
import { isRecord, type Draft } from '../../apimachinery/object.js';
import { each, type Errors } from '../rules/fields.js';

const selectable = ['boolean', 'integer', 'string'];
const typeText = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

/** What is wrong with a path, or the schema that it leads to. */
function resolve(jsonPath: string, schema: unknown): string | Readonly<Record<string, unknown>> {
  if (jsonPath.startsWith('[')) return 'array notation is not allowed';
  if (!jsonPath.startsWith('.')) return `expected [ or . but got: ${/^[^.[]*/.exec(jsonPath)![0]}`;
  if (jsonPath === '.') return 'unexpected end of JSON path';
  const steps = jsonPath.slice(1).split('.');
  if (steps[0] === 'metadata') return 'does not refer to a valid field';
  let place: unknown = schema;
  for (const step of steps) {
    const properties: unknown = isRecord(place) ? place.properties : undefined;
    place = isRecord(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  }
  return isRecord(place) ? place : 'does not refer to a valid field';
}

/** The selectable fields of a version with this schema; each once. */
export function selectableFieldsErrors(field: string, fields: readonly Draft<SelectableField>[] | undefined, schema: unknown): Errors {
  const seen = new Set<string>();
  return each(field, fields, (place, { jsonPath = '' }) => {
    const path = `${place}.jsonPath`;
    if (jsonPath === '') return [required(path)];
    const found = resolve(jsonPath, schema);
    if (typeof found === 'string') return [invalid(path, jsonPath, `is an invalid path: ${found}`)];
    if (typeof found.type !== 'string' || !selectable.includes(found.type)) return [invalid(path, jsonPath, typeText)];
    if (seen.has(jsonPath)) return [duplicate(path, jsonPath)];
    seen.add(jsonPath);
    return [];
  });
}

/** Of versions that have their schema in common, but not their selectable fields. */
export function unsharedFieldsErrors(field: string, fields: readonly Draft<SelectableField>[] | undefined): Errors {
  if ((fields ?? []).length === 0) return [];
  return [invalid(field, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
}
