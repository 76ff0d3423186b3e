// Rules of the parts of a version: printer columns, scale, selectable fields.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns
import type { CustomResourceColumnDefinition, CustomResourceSubresourceScale } from '../../../openapi/types/apiextensions.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Errors } from '../rules/fields.js';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** What the path leads to is looked at when it is read. */
function isSimplePath(path: string): boolean {
  return path.startsWith('.');
}

function pathErrors(field: string, path: string | undefined): Errors {
  if (path === undefined || path === '') return [required(field)];
  return isSimplePath(path) ? [] : [invalid(field, path, 'must be a simple json path starting with .')];
}

/** One printer column. */
export function columnErrors(field: string, column: Draft<CustomResourceColumnDefinition>): Errors {
  const { name = '', type = '', format = '', jsonPath } = column;
  const errors: Errors[number][] = [];
  if (name === '') errors.push(required(`${field}.name`));
  const typeText = `must be one of ${columnTypes.join(',')}`;
  if (type === '') errors.push(required(`${field}.type`, typeText));
  else if (!columnTypes.includes(type)) errors.push(invalid(`${field}.type`, type, typeText));
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalid(`${field}.format`, format, `must be one of ${columnFormats.join(',')}`));
  }
  return [...errors, ...pathErrors(`${field}.JSONPath`, jsonPath)];
}

/** The scale subresource's paths: each under the part that it belongs to. */
export function scaleErrors(field: string, scale: Draft<CustomResourceSubresourceScale> | undefined): Errors {
  if (scale === undefined) return [];
  const under = (name: string, path: string | undefined, parts: readonly string[], text: string): Errors => {
    const errors = pathErrors(`${field}.${name}`, path);
    if (errors.length > 0 || path === undefined) return errors;
    return parts.some((part) => path.startsWith(part)) ? [] : [invalid(`${field}.${name}`, path, `should be a json path under ${text}`)];
  };
  const selector = scale.labelSelectorPath ?? '';
  return [
    ...under('specReplicasPath', scale.specReplicasPath, ['.spec.'], '.spec'),
    ...under('statusReplicasPath', scale.statusReplicasPath, ['.status.'], '.status'),
    ...(selector === '' ? [] : under('labelSelectorPath', selector, ['.spec.', '.status.'], 'either .spec or .status')),
  ];
}
