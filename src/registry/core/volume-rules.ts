// Where a PersistentVolume's storage is: the sorts, and the rules of each.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#types-of-persistent-volumes
import type { PersistentVolumeSpec, SecretReference, Volume } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems } from '../../apimachinery/names/names.js';
import { checkLabelName, checkSubdomain, needed } from '../rules/fields.js';
import { noBackstepErrors } from './podspec/validate-paths.js';
import { checkIscsi, csiDriverErrors, secondSource, sharedSourceChecks, type SourceCheck } from './podspec/volume-sources.js';

/** Fields of the spec that say something else than where the volume is. */
const otherFields = new Set([
  ...['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy'],
  ...['storageClassName', 'volumeAttributesClassName', 'volumeMode'],
]);

/** The sorts of storage that a spec names: one, in a right one. */
export function volumeSourcesOf(spec: PersistentVolumeSpec | undefined): readonly string[] {
  return Object.keys(spec ?? {}).filter((field) => !otherFields.has(field) && spec?.[field as keyof PersistentVolumeSpec] !== undefined);
}

/** A secret of a volume, which is in no namespace, says its own. */
function secretErrors(field: string, secret: SecretReference | undefined): FieldError[] {
  if (secret === undefined) return [];
  return [...needed(`${field}.name`, secret.name), ...needed(`${field}.namespace`, secret.namespace)];
}

function namedSecretErrors(field: string, secret: SecretReference | undefined): FieldError[] {
  if (secret === undefined) return [];
  return [...needed(`${field}.name`, secret.name, checkSubdomain), ...needed(`${field}.namespace`, secret.namespace, checkLabelName)];
}

const csiSecrets = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const;

type Sources = Omit<PersistentVolumeSpec, 'accessModes' | 'capacity' | 'claimRef' | 'mountOptions' | 'nodeAffinity'>;
type Checks = { readonly [K in keyof Sources]?: SourceCheck<NonNullable<Sources[K]>> };

/** Rules that pods' volumes have too, as far as both forms of a source say the same. */
function shared<K extends keyof Volume & keyof Sources>(sort: K): SourceCheck<NonNullable<Sources[K]>> {
  return sharedSourceChecks[sort] as unknown as SourceCheck<NonNullable<Sources[K]>>;
}

/** In the server's order: it says of the second sort that it is one too many. */
const checks: Checks = {
  hostPath: shared('hostPath'),
  gcePersistentDisk: shared('gcePersistentDisk'),
  awsElasticBlockStore: shared('awsElasticBlockStore'),
  glusterfs: (errors, field, source) => {
    shared('glusterfs')(errors, field, source);
    const { endpointsNamespace: namespace } = source;
    if (namespace === undefined || labelNameProblems(namespace).length === 0) return;
    const why = 'if the endpointnamespace is set, it must be a valid namespace name';
    errors.push(invalid(`${field}.endpointsNamespace`, namespace, why));
  },
  flocker: shared('flocker'),
  nfs: shared('nfs'),
  rbd: shared('rbd'),
  quobyte: shared('quobyte'),
  cephfs: shared('cephfs'),
  iscsi: (errors, field, source) => {
    checkIscsi(errors, field, source);
    if (source.secretRef !== undefined) errors.push(...needed(`${field}.secretRef.name`, source.secretRef.name));
  },
  cinder: (errors, field, { volumeID, secretRef }) => {
    errors.push(...needed(`${field}.volumeID`, volumeID), ...secretErrors(`${field}.secretRef`, secretRef));
  },
  fc: shared('fc'),
  flexVolume: shared('flexVolume'),
  azureFile: (errors, field, source) => {
    shared('azureFile')(errors, field, source);
    if ((source.secretNamespace as string | null | undefined) === '') errors.push(required(`${field}.secretNamespace`));
  },
  vsphereVolume: shared('vsphereVolume'),
  photonPersistentDisk: shared('photonPersistentDisk'),
  portworxVolume: shared('portworxVolume'),
  azureDisk: shared('azureDisk'),
  scaleIO: shared('scaleIO'),
  local: (errors, field, { path }) => {
    errors.push(...needed(`${field}.path`, path, noBackstepErrors));
  },
  storageos: (errors, field, { volumeName, volumeNamespace, secretRef }) => {
    errors.push(...needed(`${field}.volumeName`, volumeName, checkLabelName));
    if (volumeNamespace) errors.push(...checkLabelName(`${field}.volumeNamespace`, volumeNamespace));
    errors.push(...secretErrors(`${field}.secretRef`, secretRef));
  },
  csi: (errors, field, source) => {
    errors.push(...csiDriverErrors(`${field}.driver`, source.driver), ...needed(`${field}.volumeHandle`, source.volumeHandle));
    for (const secret of csiSecrets) errors.push(...namedSecretErrors(`${field}.${secret}`, source[secret]));
  },
};

type Sort = keyof typeof checks;
const sorts = Object.keys(checks) as readonly Sort[];

/** The broken rules of where a volume's storage is. */
export function volumeSourceErrors(spec: PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const sort of sorts) {
    const source = spec[sort];
    if (source === undefined) continue;
    // A flexVolume beside another sort is let through by the real server.
    if (found && sort !== 'flexVolume') {
      errors.push(secondSource(`spec.${sort === 'cephfs' ? 'cephFS' : sort}`));
      continue;
    }
    found = true;
    (checks[sort] as SourceCheck<unknown>)(errors, `spec.${sort}`, source);
    if (sort === 'local' && spec.nodeAffinity === undefined) {
      errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
    }
  }
  if (!found) errors.push(required('spec', 'must specify a volume type'));
  return errors;
}
