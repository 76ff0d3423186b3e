// Device classes. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#deviceclass
import type { DeviceClass } from '../../../openapi/types/resource.v1.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import { qualifiedNameProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import type { Errors } from '../rules/fields.js';
import { limitedErrors } from '../rules/lists.js';
import { opaqueErrors } from './claim-spec.js';
import { selectorsErrors } from './requests.js';

const mostConfigurations = 32;

/** `example.com/gpu`: a qualified name outside of Kubernetes' own domain. */
function extendedResourceErrors(field: string, name: string): Errors {
  const own = !name.includes('/') || name.startsWith('requests.') || /^([^/]*\.)?kubernetes\.io\//.test(name);
  const valid = !own && qualifiedNameProblems(`requests.${name}`).length === 0;
  return valid ? [] : [invalid(field, name, 'must be a valid extended resource name')];
}

function validate(deviceClass: Draft<DeviceClass>): Errors {
  const { selectors, config, extendedResourceName } = deviceClass.spec ?? {};
  return [
    ...selectorsErrors('spec.selectors', selectors),
    ...limitedErrors('spec.config', config, mostConfigurations, (field, { opaque }) => opaqueErrors(`${field}.opaque`, opaque)),
    ...(extendedResourceName === undefined ? [] : extendedResourceErrors('spec.extendedResourceName', extendedResourceName)),
  ];
}

export const deviceClass: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'deviceclasses',
  generation: true,
  deleteReturnsObject: true,
  strategy: { validate: (object) => validate(object) },
  cells: (object, context) => [nameOf(object), ageOf(object, context)],
};
