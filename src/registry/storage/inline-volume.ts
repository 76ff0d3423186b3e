// Volumes that an attachment describes itself: what is left of a persistent volume's spec where no claim is about.
// https://kubernetes.io/docs/concepts/storage/volumes/#csi-migration
import type { CSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference } from '../../../openapi/types/core.v1.js';
import { fieldForbidden, notSupported, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { needed, type Errors } from '../rules/fields.js';
import { always, type Shape } from '../rules/shown.js';
import { driverNameErrors } from './names.js';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const inContext = 'in the context of inline volumes';

/** Where a volume may be, in the order in which the server keeps them. */
const sources: readonly (readonly [name: string, json: keyof PersistentVolumeSpec])[] = [
  ['GCEPersistentDisk', 'gcePersistentDisk'],
  ['AWSElasticBlockStore', 'awsElasticBlockStore'],
  ['HostPath', 'hostPath'],
  ['Glusterfs', 'glusterfs'],
  ['NFS', 'nfs'],
  ['RBD', 'rbd'],
  ['Quobyte', 'quobyte'],
  ['ISCSI', 'iscsi'],
  ['FlexVolume', 'flexVolume'],
  ['Cinder', 'cinder'],
  ['CephFS', 'cephfs'],
  ['FC', 'fc'],
  ['Flocker', 'flocker'],
  ['AzureFile', 'azureFile'],
  ['VsphereVolume', 'vsphereVolume'],
  ['AzureDisk', 'azureDisk'],
  ['PhotonPersistentDisk', 'photonPersistentDisk'],
  ['PortworxVolume', 'portworxVolume'],
  ['ScaleIO', 'scaleIO'],
  ['Local', 'local'],
  ['StorageOS', 'storageos'],
  ['CSI', 'csi'],
];

const secret: Shape = [
  ['Name', ''],
  ['Namespace', ''],
];

const csi: Shape = [
  ['Driver', ''],
  ['VolumeHandle', ''],
  ['ReadOnly', false],
  ['FSType', '', undefined, 'fsType'],
  ['VolumeAttributes', null],
  ['ControllerPublishSecretRef', null, secret],
  ['NodeStageSecretRef', null, secret],
  ['NodePublishSecretRef', null, secret],
  ['ControllerExpandSecretRef', null, secret],
  ['NodeExpandSecretRef', null, secret],
];

const inlineVolume: Shape = [
  ['Capacity', null],
  ...sources.map(([name, json]) => [name, null, name === 'CSI' ? csi : undefined, json] as const),
  ['AccessModes', null],
  ['ClaimRef', null],
  ['PersistentVolumeReclaimPolicy', ''],
  ['StorageClassName', ''],
  ['MountOptions', null],
  ['VolumeMode', null],
  ['NodeAffinity', null],
  ['VolumeAttributesClassName', null],
];

/** How messages show an attachment's spec. */
export const attachmentSpec: Shape = [
  ['Attacher', ''],
  [
    'Source',
    always,
    [
      ['PersistentVolumeName', null],
      ['InlineVolumeSpec', null, inlineVolume],
    ],
  ],
  ['NodeName', ''],
];

function secretErrors(field: string, reference: Draft<SecretReference> | undefined): Errors {
  if (reference === undefined) return [];
  return [...needed(`${field}.name`, reference.name), ...needed(`${field}.namespace`, reference.namespace)];
}

function csiErrors(field: string, source: Draft<CSIPersistentVolumeSource>): Errors {
  return [
    ...needed(`${field}.driver`, source.driver, driverNameErrors),
    ...needed(`${field}.volumeHandle`, source.volumeHandle),
    ...secretErrors(`${field}.controllerPublishSecretRef`, source.controllerPublishSecretRef),
    ...secretErrors(`${field}.controllerExpandSecretRef`, source.controllerExpandSecretRef),
    ...secretErrors(`${field}.nodePublishSecretRef`, source.nodePublishSecretRef),
    ...secretErrors(`${field}.nodeExpandSecretRef`, source.nodeExpandSecretRef),
  ];
}

/** What only makes sense with a claim. */
function claimErrors(field: string, spec: Draft<PersistentVolumeSpec>): Errors {
  const errors: Errors[number][] = [];
  const none = `may not be specified ${inContext}`;
  const { persistentVolumeReclaimPolicy: policy, volumeMode } = spec;
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(fieldForbidden(`${field}.capacity`, none));
  if (spec.csi === undefined) errors.push(required(`${field}.csi`, `has to be specified ${inContext}`));
  if (spec.claimRef !== undefined) errors.push(fieldForbidden(`${field}.claimRef`, none));
  if (policy !== undefined && policy !== 'Retain') {
    errors.push(fieldForbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${inContext}`));
  }
  if ((spec.storageClassName ?? '') !== '') errors.push(fieldForbidden(`${field}.storageClassName`, none));
  if (volumeMode !== undefined && volumeMode !== 'Filesystem') {
    errors.push(fieldForbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${inContext}`));
  }
  return errors;
}

/** The broken rules of a volume that is described in the attachment; `field` is its path. */
export function inlineVolumeErrors(field: string, spec: Draft<PersistentVolumeSpec>): Errors {
  const errors: Errors[number][] = [...claimErrors(field, spec)];
  const modes: readonly string[] = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`));
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported(`${field}.accessModes`, mode, accessModes));
  if (spec.nodeAffinity !== undefined) errors.push(fieldForbidden(`${field}.nodeAffinity`, `may not be specified ${inContext}`));
  const given = sources.filter(([, json]) => spec[json] !== undefined);
  if (given.length === 0) errors.push(required(field, 'must specify a volume type'));
  for (const [, json] of given.slice(1)) errors.push(fieldForbidden(`${field}.${json}`, 'may not specify more than 1 volume type'));
  if (spec.csi !== undefined && given.length === 1) errors.push(...csiErrors(`${field}.csi`, spec.csi));
  return errors;
}
