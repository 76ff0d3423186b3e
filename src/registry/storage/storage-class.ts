// Storage classes. https://kubernetes.io/docs/concepts/storage/storage-classes/
import { isDeepStrictEqual } from 'node:util';
import type { TopologySelectorTerm } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import { duplicate, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { renamedLabels } from '../core/podspec/warnings.js';
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

type Term = Draft<TopologySelectorTerm>;

/** The terms that say the same as this one, of those before it; to the real server a term that picks nothing repeats each place of the list too. */
function repeats(terms: readonly Term[], index: number): readonly Term[] {
  const term = terms[index]!;
  const before = terms.slice(0, index).filter((one) => sameTerm(one, term));
  return (term.matchLabelExpressions ?? []).length === 0 ? [...terms, ...before] : before;
}

/** The same labels with the same values, in whatever order. */
function sameTerm(one: Term, other: Term): boolean {
  const labels = ({ matchLabelExpressions: expressions }: Term): unknown =>
    new Map((expressions ?? []).map(({ key = '', values }) => [key, new Set(values ?? [])]));
  return isDeepStrictEqual(labels(one), labels(other));
}

function warnings({ allowedTopologies }: Draft<StorageClass>): readonly string[] {
  return (allowedTopologies ?? []).flatMap((term, index) =>
    (term.matchLabelExpressions ?? []).flatMap(({ key = '' }, at) => {
      const renamed = Object.hasOwn(renamedLabels, key) ? renamedLabels[key] : undefined;
      if (renamed === undefined) return [];
      const field = `allowedTopologies[${index}].matchLabelExpressions[${at}].key`;
      return [`${field}: deprecated since ${renamed[0]}; use "${renamed[1]}" instead`];
    }),
  );
}

function validate(storageClass: Draft<StorageClass>): Errors {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies: terms = [] } = storageClass;
  return [
    ...needed('provisioner', provisioner, (field, value) => checkQualifiedName(field, value.toLowerCase())),
    ...parameterErrors(parameters, true),
    ...((reclaimPolicy as string) === '' ? [] : oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain'])),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...each('allowedTopologies', terms, (field, term, index) => [
      ...topologyErrors(field, term),
      ...repeats(terms, index).map(() => duplicate(`${field}.matchLabelExpressions`, '')),
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
    warnings: (object) => warnings(object),
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
