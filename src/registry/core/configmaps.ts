// ConfigMaps. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/
import type { ConfigMap } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, tooLong, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { configKeyErrors, isConfigKey } from './config-keys.js';
import { metadataAgain } from './metadata-again.js';

/** The most that a ConfigMap or Secret holds, in bytes. */
export const mostData = 1024 * 1024;

export const frozen = 'field is immutable when `immutable` is set';

/** The number of bytes that base64 text stands for. */
export function decodedLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function validate(object: KubeObject): FieldError[] {
  const { data = {}, binaryData = {} } = object as ConfigMap;
  const errors: FieldError[] = [];
  let total = 0;
  for (const key of Object.keys(data)) {
    const value = data[key]!;
    if (!isConfigKey(key)) errors.push(...configKeyErrors(`data[${key}]`, key));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    total += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...configKeyErrors(`binaryData[${key}]`, key));
    total += decodedLength(value);
  }
  if (total > mostData) errors.push(tooLong('[]', mostData));
  return errors;
}

/** What an immutable ConfigMap or Secret may not change; `fields` are those with content. */
export function frozenErrors<T extends { readonly immutable?: boolean }>(
  now: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (old.immutable !== true) return [];
  const errors: FieldError[] = [];
  if (now.immutable !== true) errors.push(fieldForbidden('immutable', frozen));
  for (const field of fields) if (!deepEqual(now[field] ?? {}, old[field] ?? {})) errors.push(fieldForbidden(field, frozen));
  return errors;
}

export const configmaps: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  strategy: {
    // At an update what may not change comes first.
    validate: (object, old) => (old === undefined ? validate(object) : []),
    validateUpdate: (object, old) => [
      ...metadataAgain(object),
      ...frozenErrors(object as ConfigMap, old as ConfigMap, ['data', 'binaryData']),
      ...validate(object),
    ],
  },
  cells: (object, context) => {
    const { data, binaryData } = object as ConfigMap;
    return [nameOf(object), Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length, ageOf(object, context)];
  },
};
