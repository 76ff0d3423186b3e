// How much storage a CSI driver has where. https://kubernetes.io/docs/concepts/storage/storage-capacity/
import type { CSIStorageCapacity } from '../../../openapi/types/storage.v1.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { KindDefinition } from '../kind.js';
import { checkSubdomain, immutable, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';

function validate(object: Draft<CSIStorageCapacity>): Errors {
  const { nodeTopology, storageClassName = '', capacity } = object;
  const errors = [...labelSelectorErrors('nodeTopology', nodeTopology), ...checkSubdomain('storageClassName', storageClassName)];
  if (capacity !== undefined && parseQuantity(capacity).nano < 0n) {
    errors.push(invalid('capacity', String(capacity), 'must be greater than or equal to 0'));
  }
  return errors;
}

function validateUpdate(now: Draft<CSIStorageCapacity>, before: Draft<CSIStorageCapacity>): Errors {
  return [
    ...immutable('nodeTopology', now.nodeTopology, before.nodeTopology),
    ...immutable('storageClassName', now.storageClassName, before.storageClassName),
  ];
}

export const csiStorageCapacity: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csistoragecapacities',
  unconditionalUpdate: false,
  strategy: {
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
};
