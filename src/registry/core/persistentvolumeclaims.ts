// PersistentVolumeClaims. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkQualifiedName, immutableText } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { changesText } from './changes.js';
import { claimRows, settleClaim } from './claim-defaults.js';
import { metadataAgain } from './metadata-again.js';
import { claimSpecErrors } from './claim-rules.js';
import { byteWarnings } from './podspec/warnings.js';
import { accessModesText, storageClassText, volumeAmountErrors } from './volume-text.js';

const applyDefaults = defaultsOf([['status', () => ({})], ...claimRows]);
const { prepareForCreate, prepareForUpdate } = statusHooks(() => ({ phase: 'Pending' }));

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

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const claim = object as PersistentVolumeClaim;
  const old = before as PersistentVolumeClaim;
  const now = claim.spec ?? ({} as PersistentVolumeClaimSpec);
  const was = old.spec ?? ({} as PersistentVolumeClaimSpec);
  const bound = old.status?.phase === 'Bound';
  const errors: FieldError[] = [];
  const rest = comparable(now, was, bound);
  const kept = comparable(was, was, bound);
  if (!deepEqual(rest, kept)) errors.push(fieldForbidden('spec', fixed + changesText(kept, rest)));
  const least = bound ? old.status?.capacity?.['storage'] : undefined;
  const asked = was.resources?.requests?.['storage'];
  if (least !== undefined && asked !== undefined) {
    const size = parseQuantity(now.resources?.requests?.['storage'] ?? 0);
    const smaller = compareQuantities(size, parseQuantity(asked)) < 0;
    if (smaller && compareQuantities(size, parseQuantity(least)) <= 0) {
      errors.push(fieldForbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
    }
  }
  const annotation = claim.metadata.annotations?.[classAnnotation] ?? '';
  if (annotation !== (old.metadata.annotations?.[classAnnotation] ?? '')) {
    errors.push(invalid(`metadata.annotations.${classAnnotation}`, annotation, immutableText));
  }
  // The real server names this field without its `spec`.
  if (now.volumeMode !== was.volumeMode) errors.push(invalid('volumeMode', now.volumeMode ?? null, immutableText));
  return errors;
}

const resizeStatuses = [
  ...['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'],
];

/** A resource of a claim: storage, or one with a domain. */
function isClaimResource(name: string): boolean {
  return name === 'storage' || name.includes('/');
}

function validateStatus(object: KubeObject): FieldError[] {
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = (object as PersistentVolumeClaim).status ?? {};
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(capacity)) errors.push(...volumeAmountErrors(`status.capacity[${name}]`, amount));
  for (const [name, status] of Object.entries(allocatedResourceStatuses)) {
    const at = 'status.allocatedResourceStatuses';
    errors.push(...checkQualifiedName(at, name));
    if (!resizeStatuses.includes(status)) errors.push(notSupported(at, name, resizeStatuses));
  }
  for (const [name, amount] of Object.entries(allocatedResources)) {
    errors.push(...volumeAmountErrors(`status.allocatedResources[${name}]`, amount));
    if (!isClaimResource(name)) errors.push(notSupported('status.allocatedResources', name, ['storage']));
  }
  return errors;
}

function warnings(object: KubeObject): readonly string[] {
  const { metadata, spec } = object as PersistentVolumeClaim;
  return [
    ...(metadata.annotations?.[classAnnotation] === undefined
      ? []
      : [`metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...byteWarnings('spec.resources.requests', spec?.resources?.requests),
  ];
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
    prepareForCreate: (draft, context) => {
      prepareForCreate?.(draft, context);
      settleClaim(draft);
    },
    prepareForUpdate: (draft, old, context) => {
      prepareForUpdate?.(draft, old, context);
      settleClaim(draft);
    },
    validate: (object) => claimSpecErrors('spec', (object as PersistentVolumeClaim).spec),
    validateUpdate: (object, old) => [...metadataAgain(object), ...validateUpdate(object, old)],
    validateStatusUpdate: validateStatus,
    warnings,
  },
  cells,
};
