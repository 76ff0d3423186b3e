// Storage classes. https://kubernetes.io/docs/concepts/storage/storage-classes/
import { isDeepStrictEqual } from 'node:util';
import type { TopologySelectorTerm } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import { duplicate, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkQualifiedName, each, immutable, needed, oneOf, type Errors } from '../rules/fields.js';
import { parameterErrors } from './parameters.js';

const defaultAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

function topologyErrors(field: string, term: Draft<TopologySelectorTerm>): Errors {
  const keys = new Set<string>();
  return each(`${field}.matchLabelExpressions`, term.matchLabelExpressions, (path, { key = '', values: given }) => {
    // Lists that the API requires are null when they were not sent.
    const values = given ?? [];
    const errors: Errors[number][] = values.length === 0 ? [required(`${path}.values`)] : [];
    const seen = new Set<string>();
    errors.push(
      ...each(`${path}.values`, values, (place, value) => {
        if (seen.has(value)) return [duplicate(place, value)];
        seen.add(value);
        return [];
      }),
    );
    if (keys.has(key)) errors.push(duplicate(`${path}.key`, key));
    else errors.push(...checkQualifiedName(`${path}.key`, key));
    keys.add(key);
    return errors;
  });
}

function validate(storageClass: Draft<StorageClass>): Errors {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies: terms = [] } = storageClass;
  return [
    ...needed('provisioner', provisioner, (field, value) => checkQualifiedName(field, value.toLowerCase())),
    ...parameterErrors(parameters, true),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...each('allowedTopologies', terms, (field, term, index) => [
      ...topologyErrors(field, term),
      ...(terms.slice(0, index).some((one) => isDeepStrictEqual(one, term)) ? [duplicate(`${field}.matchLabelExpressions`, '')] : []),
    ]),
  ];
}

function validateUpdate(now: Draft<StorageClass>, before: Draft<StorageClass>): Errors {
  return [
    ...immutable('parameters', now.parameters, before.parameters),
    ...immutable('provisioner', now.provisioner, before.provisioner),
    ...immutable('reclaimPolicy', now.reclaimPolicy, before.reclaimPolicy),
    ...immutable('volumeBindingMode', now.volumeBindingMode, before.volumeBindingMode),
  ];
}

export const storageClass: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'storageclasses',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: defaultsOf([
      ['reclaimPolicy', 'Delete'],
      ['volumeBindingMode', 'Immediate'],
    ]),
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
  cells: (object, context) => {
    const { provisioner = '', reclaimPolicy, volumeBindingMode, allowVolumeExpansion = false } = object as Draft<StorageClass>;
    const isDefault = defaultAnnotations.some((name) => object.metadata.annotations?.[name] === 'true');
    return [
      isDefault ? `${nameOf(object)} (default)` : nameOf(object),
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? '<unset>',
      allowVolumeExpansion,
      ageOf(object, context),
    ];
  },
};
