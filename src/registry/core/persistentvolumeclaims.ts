// PersistentVolumeClaims. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkSubdomain } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { statusHooks } from '../rules/status.js';
import { claimRows, settleClaim } from './claim-defaults.js';
import { byteWarnings } from './podspec/warnings.js';
import { accessModes, accessModesText, storageClassText } from './volume-text.js';

const fill = defaultsOf([['status', () => ({})], ...claimRows]);

function applyDefaults(draft: Mutable): void {
  fill(draft);
  settleClaim(draft);
}

function validate(object: KubeObject): FieldError[] {
  const spec = (object as PersistentVolumeClaim).spec ?? ({} as PersistentVolumeClaimSpec);
  const modes: readonly string[] = spec.accessModes ?? [];
  const errors: FieldError[] = [];
  if (modes.length === 0) errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  errors.push(...labelSelectorErrors('spec.selector', spec.selector));
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported('spec.accessModes', mode, accessModes));
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    errors.push(fieldForbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'));
  }
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required('spec.resources[storage]'));
  else if (parseQuantity(storage).nano <= 0n) errors.push(invalid('spec.resources[storage]', String(storage), 'must be greater than zero'));
  if (spec.storageClassName) errors.push(...checkSubdomain('spec.storageClassName', spec.storageClassName));
  const mode = spec.volumeMode;
  if (mode !== undefined && mode !== 'Block' && mode !== 'Filesystem')
    errors.push(notSupported('spec.volumeMode', mode, ['Block', 'Filesystem']));
  return errors;
}

const fixed = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** The new spec with what may change taken back from the old one. */
function comparable(now: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec, bound: boolean): PersistentVolumeClaimSpec {
  const { requests: _, ...rest } = now.resources ?? {};
  const resources = bound ? { ...rest, requests: old.resources?.requests } : now.resources;
  return {
    ...now,
    resources,
    // The binder names the volume and a class that was not named.
    ...(old.volumeName ? {} : { volumeName: old.volumeName }),
    ...(old.storageClassName === undefined ? { storageClassName: undefined } : {}),
    ...(bound ? { volumeAttributesClassName: old.volumeAttributesClassName } : {}),
  };
}

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const claim = object as PersistentVolumeClaim;
  const old = before as PersistentVolumeClaim;
  const now = claim.spec ?? ({} as PersistentVolumeClaimSpec);
  const was = old.spec ?? ({} as PersistentVolumeClaimSpec);
  const bound = old.status?.phase === 'Bound';
  const errors: FieldError[] = [];
  if (!deepEqual(comparable(now, was, bound), comparable(was, was, bound))) errors.push(fieldForbidden('spec', fixed));
  const size = now.resources?.requests?.['storage'];
  const least = bound ? old.status?.capacity?.['storage'] : undefined;
  const asked = was.resources?.requests?.['storage'];
  if (size === undefined || least === undefined || asked === undefined) return errors;
  const smaller = compareQuantities(parseQuantity(size), parseQuantity(asked)) < 0;
  if (smaller && compareQuantities(parseQuantity(size), parseQuantity(least)) <= 0) {
    errors.push(fieldForbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return errors;
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { metadata, spec, status } = object as PersistentVolumeClaim;
  const volume = spec?.volumeName ?? '';
  return [
    nameOf(object),
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    volume,
    volume === '' ? '' : String(status?.capacity?.['storage'] ?? '0'),
    volume === '' ? '' : accessModesText(status?.accessModes),
    storageClassText(object, spec?.storageClassName),
    spec?.volumeAttributesClassName || '<unset>',
    ageOf(object, context),
    spec?.volumeMode ?? '<unset>',
  ];
}

export const persistentvolumeclaims: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumeclaims',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults,
    ...statusHooks(() => ({ phase: 'Pending' })),
    validate,
    validateUpdate,
    warnings: (object) => byteWarnings('spec.resources.requests', (object as PersistentVolumeClaim).spec?.resources?.requests),
  },
  cells,
};
