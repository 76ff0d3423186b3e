// Volume attributes classes. https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/
import { isDeepStrictEqual } from 'node:util';
import type { VolumeAttributesClass } from '../../../openapi/types/storage.v1.js';
import { fieldForbidden } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkQualifiedName, needed, type Errors } from '../rules/fields.js';
import { parameterErrors } from './parameters.js';

function changeErrors(now: Draft<VolumeAttributesClass>, before: Draft<VolumeAttributesClass>): Errors {
  const errors: Errors[number][] = [];
  if (now.driverName !== before.driverName) errors.push(fieldForbidden('driverName', 'updates to driverName are forbidden.'));
  if (!isDeepStrictEqual(now.parameters, before.parameters))
    errors.push(fieldForbidden('parameters', 'updates to parameters are forbidden.'));
  return errors;
}

export const volumeAttributesClass: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattributesclasses',
  deleteReturnsObject: true,
  strategy: {
    validate: (object, old) => {
      const { driverName, parameters } = object as Draft<VolumeAttributesClass>;
      return [
        ...(old === undefined ? [] : changeErrors(object, old)),
        ...needed('driverName', driverName, (field, value) => checkQualifiedName(field, value.toLowerCase())),
        ...parameterErrors(parameters, false),
      ];
    },
  },
  cells: (object, context) => [nameOf(object), (object as Draft<VolumeAttributesClass>).driverName ?? '', ageOf(object, context)],
};
