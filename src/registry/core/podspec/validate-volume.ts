// The rules of a pod's volumes. https://kubernetes.io/docs/concepts/storage/volumes/
import type { PersistentVolumeClaimTemplate, Volume } from '../../../../openapi/types/core.v1.js';
import type { ObjectMeta } from '../../../../openapi/types/meta.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../../apimachinery/names/names.js';
import { validateAnnotations, validateLabels } from '../../../apimachinery/names/object-meta.js';
import { parseQuantity } from '../../../apimachinery/quantity/quantity.js';
import { checkLabelName, needed } from '../../rules/fields.js';
import { claimSpecErrors } from '../claim-rules.js';
import { checkItems, checkMode } from './validate-paths.js';
import { checkDownwardItems, checkProjected } from './validate-projected.js';
import { checkGitRepo, csiDriverErrors, neededFields, secondSource, sharedSourceChecks, type SourceChecks } from './volume-sources.js';

/** What the metadata of a claim's template may not say; labels and annotations it may. */
const claimMetadata = [
  ...['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'],
  ...['deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields'],
] as const;

function checkClaimTemplate(errors: FieldError[], field: string, template: PersistentVolumeClaimTemplate | undefined): void {
  if (template === undefined) return void errors.push(required(field));
  const { spec } = template;
  const metadata: ObjectMeta = template.metadata ?? {};
  errors.push(...validateAnnotations(metadata.annotations, `${field}.metadata.annotations`));
  errors.push(...validateLabels(metadata.labels, `${field}.metadata.labels`));
  for (const name of claimMetadata) {
    const value = metadata[name];
    const empty = value == null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
    if (!empty) errors.push(fieldForbidden(`${field}.metadata.${name}`, 'cannot be set'));
  }
  errors.push(...claimSpecErrors(`${field}.spec`, spec));
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** In the server's order: it says of the second sort that it is one too many. */
const checks: SourceChecks = {
  emptyDir: (errors, field, { sizeLimit }) => {
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n) {
      errors.push(fieldForbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  },
  hostPath: sharedSourceChecks.hostPath!,
  gitRepo: checkGitRepo,
  gcePersistentDisk: sharedSourceChecks.gcePersistentDisk!,
  awsElasticBlockStore: sharedSourceChecks.awsElasticBlockStore!,
  secret: (errors, field, { secretName, defaultMode, items }) => {
    errors.push(...needed(`${field}.secretName`, secretName));
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, `${field}.items`, items);
  },
  nfs: sharedSourceChecks.nfs!,
  iscsi: sharedSourceChecks.iscsi!,
  glusterfs: sharedSourceChecks.glusterfs!,
  flocker: sharedSourceChecks.flocker!,
  persistentVolumeClaim: neededFields('claimName'),
  rbd: sharedSourceChecks.rbd!,
  cinder: sharedSourceChecks.cinder!,
  cephfs: sharedSourceChecks.cephfs!,
  quobyte: sharedSourceChecks.quobyte!,
  downwardAPI: (errors, field, { defaultMode, items }) => {
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkDownwardItems(errors, field, items);
  },
  fc: sharedSourceChecks.fc!,
  flexVolume: sharedSourceChecks.flexVolume!,
  configMap: (errors, field, { name, defaultMode, items }) => {
    errors.push(...needed(`${field}.name`, name));
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, `${field}.items`, items);
  },
  azureFile: sharedSourceChecks.azureFile!,
  vsphereVolume: sharedSourceChecks.vsphereVolume!,
  photonPersistentDisk: sharedSourceChecks.photonPersistentDisk!,
  portworxVolume: sharedSourceChecks.portworxVolume!,
  azureDisk: sharedSourceChecks.azureDisk!,
  storageos: sharedSourceChecks.storageos!,
  projected: checkProjected,
  scaleIO: sharedSourceChecks.scaleIO!,
  csi: (errors, field, { driver, nodePublishSecretRef }) => {
    errors.push(...csiDriverErrors(`${field}.driver`, driver));
    if (nodePublishSecretRef !== undefined) errors.push(...needed(`${field}.nodePublishSecretRef.name`, nodePublishSecretRef.name));
  },
  ephemeral: (errors, field, { volumeClaimTemplate }) => checkClaimTemplate(errors, `${field}.volumeClaimTemplate`, volumeClaimTemplate),
  image: (errors, field, { reference, pullPolicy }) => {
    errors.push(...needed(`${field}.reference`, reference));
    if (pullPolicy !== undefined && !pullPolicies.includes(pullPolicy)) {
      errors.push(notSupported(`${field}.pullPolicy`, pullPolicy, pullPolicies));
    }
  },
};

type Sort = Exclude<keyof Volume, 'name'>;
const sorts = Object.keys(checks) as readonly Sort[];
/** How the real server spells some sorts when they are one too many. */
const spelled: Readonly<Partial<Record<Sort, string>>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

function checkSource(errors: FieldError[], field: string, volume: Volume): void {
  const given: Sort[] = [];
  for (const key in volume) if (key !== 'name' && volume[key as Sort] !== undefined) given.push(key as Sort);
  if (given.length === 0) return void errors.push(required(field, 'must specify a volume type'));
  if (given.length > 1) given.sort((a, b) => sorts.indexOf(a) - sorts.indexOf(b));
  const first = given[0]!;
  const check = checks[first] as ((errors: FieldError[], field: string, source: unknown) => void) | undefined;
  check?.(errors, `${field}.${first}`, volume[first]);
  for (const sort of given.slice(1)) errors.push(secondSource(`${field}.${spelled[sort] ?? sort}`));
}

/** The claim of an ephemeral volume is called after the pod and the volume; nothing else may be. */
function checkClaimNames(errors: FieldError[], field: string, volumes: readonly Volume[], podName: string): void {
  const made = new Set(volumes.filter(({ ephemeral }) => ephemeral !== undefined).map(({ name }) => `${podName}-${name}`));
  if (made.size === 0) return;
  volumes.forEach(({ persistentVolumeClaim }, index) => {
    if (persistentVolumeClaim === undefined || !made.has(persistentVolumeClaim.claimName)) return;
    const why = 'must not reference a PVC that gets created for an ephemeral volume';
    errors.push(invalid(`${field}[${index}].persistentVolumeClaim.claimName`, persistentVolumeClaim.claimName, why));
  });
}

/**
 * Checks the volumes of a pod; returns those with a name that is right, for what refers to them. `podName` is that of a pod, absent in
 * a template.
 */
export function checkVolumes(
  errors: FieldError[],
  field: string,
  volumes: readonly Volume[] | undefined,
  podName: string | undefined,
): ReadonlyMap<string, Volume> {
  const known = new Map<string, Volume>();
  volumes?.forEach((volume, index) => {
    const at = `${field}[${index}]`;
    const { name } = volume;
    checkSource(errors, at, volume);
    const problems = needed(`${at}.name`, name, checkLabelName);
    errors.push(...problems);
    if (podName !== undefined && name && volume.ephemeral !== undefined) {
      const claim = `${podName}-${name}`;
      for (const why of subdomainProblems(claim)) errors.push(invalid(`${at}.name`, name, `PVC name ${JSON.stringify(claim)}: ${why}`));
    }
    if (problems.length > 0) return;
    if (known.has(name)) errors.push(duplicate(`${at}.name`, name));
    else known.set(name, volume);
  });
  if (volumes !== undefined && podName !== undefined) checkClaimNames(errors, field, volumes, podName);
  return known;
}
