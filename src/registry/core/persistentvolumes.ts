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
import { checkSubdomain, immutableText, needed } from '../rules/fields.js';
import { keepField } from '../rules/status.js';
import { checkNodeSelector } from './podspec/validate-scheduling.js';
import { deprecatedVolumes } from './podspec/warnings.js';
import { accessModes, accessModesText, storageClassText } from './volume-text.js';

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
  if (!isRecord(status) || status['phase'] === before?.phase) return;
  if (status['lastPhaseTransitionTime'] === before?.lastPhaseTransitionTime)
    status['lastPhaseTransitionTime'] = formatTime(context.clock.now());
}

/** Fields of the spec that say something else than where the volume is. */
const otherFields = new Set([
  ...['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy'],
  ...['storageClassName', 'volumeAttributesClassName', 'volumeMode'],
]);

function sourcesOf(spec: PersistentVolumeSpec | undefined): readonly string[] {
  return Object.keys(spec ?? {}).filter((field) => !otherFields.has(field) && spec?.[field as keyof PersistentVolumeSpec] !== undefined);
}

const policies = ['Delete', 'Recycle', 'Retain'];

function sourceErrors(spec: PersistentVolumeSpec): FieldError[] {
  const sources = sourcesOf(spec);
  const errors: FieldError[] = sources
    .slice(1)
    .map((source) => fieldForbidden(`spec.${source}`, 'may not specify more than 1 volume type'));
  const [source] = sources;
  const { hostPath, nfs, local, csi } = spec;
  if (source === undefined) errors.push(required('spec', 'must specify a volume type'));
  if (source === 'hostPath' && !hostPath?.path) errors.push(required('spec.hostPath.path'));
  if (source === 'nfs') errors.push(...needed('spec.nfs.server', nfs?.server), ...needed('spec.nfs.path', nfs?.path));
  if (source === 'local') {
    errors.push(...needed('spec.local.path', local?.path));
    if (spec.nodeAffinity === undefined) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  if (source === 'csi') errors.push(...needed('spec.csi.driver', csi?.driver), ...needed('spec.csi.volumeHandle', csi?.volumeHandle));
  if (hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(fieldForbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  return errors;
}

function capacityErrors(capacity: PersistentVolumeSpec['capacity']): FieldError[] {
  const errors: FieldError[] = [];
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(required('spec.capacity'));
  const storage = capacity?.['storage'];
  if (storage === undefined || names.length > 1) errors.push(notSupported('spec.capacity', capacity ?? null, ['storage']));
  for (const name of storage === undefined ? [] : names) {
    const amount = capacity![name]!;
    if (parseQuantity(amount).nano <= 0n) errors.push(invalid(`spec.capacity[${name}]`, String(amount), 'must be greater than zero'));
  }
  return errors;
}

const mountOptions = 'volume.beta.kubernetes.io/mount-options';
const mountable = new Set([
  ...['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'csi', 'flexVolume', 'gcePersistentDisk', 'glusterfs'],
  ...['iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume', 'quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume'],
]);

function mountOptionErrors({ metadata, spec }: PersistentVolume): FieldError[] {
  if (metadata.annotations?.[mountOptions] === undefined || sourcesOf(spec).some((source) => mountable.has(source))) return [];
  return [fieldForbidden(`metadata.annotations.${mountOptions}`, 'may not specify mount options for this volume type')];
}

function validate(object: KubeObject): FieldError[] {
  const spec = (object as PersistentVolume).spec ?? {};
  const { volumeMode, persistentVolumeReclaimPolicy: policy, storageClassName, nodeAffinity } = spec;
  const modes: readonly string[] = spec.accessModes ?? [];
  const errors: FieldError[] = [];
  if (modes.length === 0) errors.push(required('spec.accessModes'));
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported('spec.accessModes', mode, accessModes));
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    errors.push(fieldForbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'));
  }
  errors.push(...capacityErrors(spec.capacity));
  if (policy && !policies.includes(policy)) errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, policies));
  if (nodeAffinity?.required !== undefined) checkNodeSelector(errors, 'spec.nodeAffinity.required', nodeAffinity.required);
  errors.push(...sourceErrors(spec), ...mountOptionErrors(object as PersistentVolume));
  if (storageClassName) errors.push(...checkSubdomain('spec.storageClassName', storageClassName));
  if (volumeMode !== undefined && volumeMode !== 'Block' && volumeMode !== 'Filesystem') {
    errors.push(notSupported('spec.volumeMode', volumeMode, ['Block', 'Filesystem']));
  }
  return errors;
}

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const { spec } = object as PersistentVolume;
  const old = (before as PersistentVolume).spec;
  const errors: FieldError[] = [];
  const source = (one: PersistentVolumeSpec | undefined): unknown =>
    Object.fromEntries(sourcesOf(one).map((field) => [field, one?.[field as keyof PersistentVolumeSpec]]));
  if (!deepEqual(source(spec), source(old))) {
    errors.push(fieldForbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  }
  // The real server names this field without its `spec`.
  if (spec?.volumeMode !== old?.volumeMode) errors.push(invalid('volumeMode', spec?.volumeMode ?? null, immutableText));
  return errors;
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
    validateUpdate,
    warnings: (object) =>
      sourcesOf((object as PersistentVolume).spec).flatMap((source) =>
        deprecatedVolumes[source] === undefined ? [] : [`spec.${source}: ${deprecatedVolumes[source]}`],
      ),
  },
  cells,
};
