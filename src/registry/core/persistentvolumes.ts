// PersistentVolumes. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/
import type { PersistentVolume, PersistentVolumeSpec } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { formatTime } from '../../clock/clock.js';
import type { Cell, KindDefinition, StrategyContext, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkSubdomain, immutableText } from '../rules/fields.js';
import { checkNodeSelector, nodeSelector } from '../rules/node-selectors.js';
import { shownAs } from '../rules/shown.js';
import { keepField } from '../rules/status.js';
import { metadataAgain } from './metadata-again.js';
import { changesText } from './changes.js';

import { deprecatedVolumes, nodeTermWarnings } from './podspec/warnings.js';
import { volumeSourceErrors, volumeSourcesOf } from './volume-rules.js';
import { accessModes, accessModesText, storageClassText, volumeAmountErrors } from './volume-text.js';

const applyDefaults = defaultsOf([
  ['spec.persistentVolumeReclaimPolicy', 'Retain'],
  ['spec.volumeMode', 'Filesystem'],
  ['spec.hostPath.type', ''],
  ['spec.iscsi.iscsiInterface', 'default'],
  ['spec.rbd.pool', 'rbd'],
  ['spec.rbd.user', 'admin'],
  ['spec.rbd.keyring', '/etc/ceph/keyring'],
  ['spec.azureDisk.cachingMode', 'ReadWrite'],
  ['spec.azureDisk.fsType', 'ext4'],
  ['spec.azureDisk.readOnly', false],
  ['spec.azureDisk.kind', 'Shared'],
  ['spec.scaleIO.storageMode', 'ThinProvisioned'],
  ['spec.scaleIO.fsType', 'xfs'],
  ['status', () => ({})],
  ['status.phase', 'Pending'],
]);

function prepareForCreate(draft: Mutable, context: StrategyContext): void {
  draft['status'] = { phase: 'Pending', lastPhaseTransitionTime: formatTime(context.clock.now()) };
}

function prepareForStatusUpdate(draft: Mutable, old: KubeObject, context: StrategyContext): void {
  const status = draft['status'];
  const before = (old as PersistentVolume).status;
  if (!isRecord(status)) return;
  const given = status['lastPhaseTransitionTime'];
  if (given !== undefined && given !== before?.lastPhaseTransitionTime) return;
  const time = status['phase'] === before?.phase ? before?.lastPhaseTransitionTime : formatTime(context.clock.now());
  // What the request left as it was is the old object's own part.
  if (time !== given) draft['status'] = { ...status, lastPhaseTransitionTime: time };
}

const policies = ['Delete', 'Recycle', 'Retain'];

function capacityErrors(capacity: PersistentVolumeSpec['capacity']): FieldError[] {
  const errors: FieldError[] = [];
  const names = Object.keys(capacity ?? {}).sort();
  if (names.length === 0) errors.push(required('spec.capacity'));
  const storage = capacity?.['storage'];
  const shown = Object.fromEntries(names.map((name) => [name, String(capacity?.[name])]));
  if (storage === undefined || names.length > 1)
    errors.push(notSupported('spec.capacity', capacity === undefined ? null : shown, ['storage']));
  for (const name of storage === undefined ? [] : names) {
    const at = `spec.capacity[${name}]`;
    const amount = capacity![name]!;
    errors.push(...volumeAmountErrors(at, amount));
    if (parseQuantity(amount).nano <= 0n) errors.push(invalid(at, String(amount), 'must be greater than zero'));
  }
  return errors;
}

const mountOptions = 'volume.beta.kubernetes.io/mount-options';
const mountable = new Set([
  ...['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'csi', 'flexVolume', 'gcePersistentDisk', 'glusterfs'],
  ...['iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume', 'quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume'],
]);

function mountOptionErrors({ metadata, spec }: PersistentVolume): FieldError[] {
  if (metadata.annotations?.[mountOptions] === undefined || volumeSourcesOf(spec).some((source) => mountable.has(source))) return [];
  return [fieldForbidden(`metadata.annotations.${mountOptions}`, 'may not specify mount options for this volume type')];
}

function accessErrors(modes: readonly string[]): FieldError[] {
  if (modes.length === 0) return [required('spec.accessModes')];
  const unknown = modes.filter((mode) => !accessModes.includes(mode));
  if (unknown.length > 0) return unknown.map((mode) => notSupported('spec.accessModes', mode, accessModes));
  if (modes.length < 2 || !modes.includes('ReadWriteOncePod')) return [];
  return [fieldForbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')];
}

/** https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/ */
function attributesClassErrors({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec): FieldError[] {
  if (name === undefined) return [];
  const at = 'spec.volumeAttributesClassName';
  const errors: FieldError[] = name === '' ? [required(at, 'an empty string is disallowed')] : [...checkSubdomain(at, name)];
  if (csi === undefined) errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  return errors;
}

function validate(object: KubeObject): FieldError[] {
  const spec = (object as PersistentVolume).spec ?? {};
  const { volumeMode, persistentVolumeReclaimPolicy: policy, storageClassName, nodeAffinity } = spec;
  const errors: FieldError[] = [...accessErrors(spec.accessModes ?? []), ...capacityErrors(spec.capacity)];
  if (policy && !policies.includes(policy)) errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, policies));
  if (nodeAffinity !== undefined) {
    if (nodeAffinity.required === undefined) {
      errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
    } else checkNodeSelector(errors, 'spec.nodeAffinity.required', nodeAffinity.required, true);
  }
  errors.push(...volumeSourceErrors(spec));
  if (spec.hostPath?.path === '/' && policy === 'Recycle') {
    errors.push(fieldForbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  errors.push(...mountOptionErrors(object as PersistentVolume));
  if (storageClassName) errors.push(...checkSubdomain('spec.storageClassName', storageClassName));
  if (volumeMode !== undefined && volumeMode !== 'Block' && volumeMode !== 'Filesystem') {
    errors.push(notSupported('spec.volumeMode', volumeMode, ['Block', 'Filesystem']));
  }
  errors.push(...attributesClassErrors(spec));
  return errors;
}

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const { spec } = object as PersistentVolume;
  const old = (before as PersistentVolume).spec;
  // The real server asks all rules twice at an update.
  const errors = validate(object);
  const source = (one: PersistentVolumeSpec | undefined): unknown =>
    Object.fromEntries(volumeSourcesOf(one).map((field) => [field, one?.[field as keyof PersistentVolumeSpec]]));
  if (!deepEqual(source(spec), source(old))) {
    const why = 'spec.persistentvolumesource is immutable after creation';
    errors.push(fieldForbidden('spec.persistentvolumesource', why + changesText(source(old), source(spec))));
  }
  // The real server names these fields without their `spec`.
  if (spec?.volumeMode !== old?.volumeMode) errors.push(invalid('volumeMode', spec?.volumeMode ?? null, immutableText));
  if (old?.nodeAffinity !== undefined && !deepEqual(spec?.nodeAffinity, old.nodeAffinity)) {
    const why = `${immutableText}, except for updating from beta label to GA`;
    errors.push(invalid('nodeAffinity', shownAs([['Required', null, nodeSelector]], spec.nodeAffinity), why));
  }
  return errors;
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
/** Sorts that pods are warned of but not volumes. */
const unwarned = new Set(['flocker', 'quobyte']);

function warnings(object: KubeObject): readonly string[] {
  const { metadata, spec } = object as PersistentVolume;
  const texts: string[] = [];
  if (metadata.annotations?.[classAnnotation] !== undefined) {
    texts.push(`metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  }
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    const advice = 'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
    texts.push(`spec.persistentVolumeReclaimPolicy: ${advice}`);
  }
  spec?.nodeAffinity?.required?.nodeSelectorTerms.forEach((term, index) =>
    texts.push(...nodeTermWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, term)),
  );
  for (const source of volumeSourcesOf(spec)) {
    const why = unwarned.has(source) ? undefined : deprecatedVolumes[source];
    if (why !== undefined) texts.push(`spec.${source === 'storageos' ? 'storageOS' : source}: ${why}`);
  }
  return texts;
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { metadata, spec, status } = object as PersistentVolume;
  const claim = spec?.claimRef;
  return [
    nameOf(object),
    String(spec?.capacity?.['storage'] ?? '0'),
    accessModesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`,
    storageClassText(object, spec?.storageClassName),
    spec?.volumeAttributesClassName || '<unset>',
    status?.reason ?? '',
    ageOf(object, context),
    spec?.volumeMode ?? '<unset>',
  ];
}

export const persistentvolumes: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumes',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults,
    prepareForCreate,
    prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
    prepareForStatusUpdate,
    validate,
    validateUpdate: (object, old) => [...metadataAgain(object, false), ...validateUpdate(object, old)],
    warnings,
  },
  cells,
};
