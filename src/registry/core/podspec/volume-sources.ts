// The rules of the sorts of storage that both pods and persistent volumes name. https://kubernetes.io/docs/concepts/storage/volumes/#volume-types
import type { Volume } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../../apimachinery/names/names.js';
import { checkLabelName, needed } from '../../rules/fields.js';
import { localPathErrors, noBackstepErrors } from './validate-paths.js';

export type SourceCheck<T> = (errors: FieldError[], field: string, source: T) => void;
export type SourceChecks = { readonly [K in keyof Volume]?: SourceCheck<NonNullable<Volume[K]>> };

/** Texts that must be there, in this order. */
export function neededFields<K extends string>(...names: readonly K[]): SourceCheck<{ readonly [N in K]?: string }> {
  return (errors, field, source) => names.forEach((name) => errors.push(...needed(`${field}.${name}`, source[name])));
}

function checkRange(errors: FieldError[], field: string, value: number | undefined, least: number): void {
  if (value !== undefined && (value < least || value > 255)) {
    errors.push(invalid(field, value, `must be between ${least} and 255, inclusive`));
  }
}

/** A partition; 0 is none. */
function checkPartition(errors: FieldError[], field: string, partition: number | undefined): void {
  if (partition !== 0) checkRange(errors, field, partition, 1);
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

const qualifiedNames: readonly (readonly [start: string, form: RegExp])[] = [
  ['iqn', /^iqn\.\d{4}-\d{2}\.[-.A-Za-z0-9]+:[^,;*&$|\s]+$/],
  ['eui', /^eui\.[0-9a-fA-F]{16}$/],
  ['naa', /^naa\.[0-9a-fA-F]{32}$/],
];

/** The name of an iSCSI target or initiator. https://www.rfc-editor.org/rfc/rfc3721#section-1.1 */
function checkIscsiName(errors: FieldError[], field: string, name: string, unknown: string): void {
  const known = qualifiedNames.find(([start]) => name.startsWith(start));
  if (known === undefined) errors.push(invalid(field, name, unknown));
  else if (!known[1].test(name)) errors.push(invalid(field, name, 'must be valid format'));
}

/** What both forms of an iSCSI source say (the secret of a persistent volume has a namespace). */
type Iscsi = Omit<NonNullable<Volume['iscsi']>, 'secretRef'> & { readonly secretRef?: { readonly name?: string } };

/** Checks an iSCSI source; `unknown` is said of names that begin as no such name does: pods and persistent volumes word it differently. */
export function checkIscsi(errors: FieldError[], field: string, source: Iscsi, unknown = 'must be valid format'): void {
  const { targetPortal, iqn, lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = source;
  errors.push(...needed(`${field}.targetPortal`, targetPortal));
  if (iqn === undefined || iqn === '') errors.push(required(`${field}.iqn`));
  else checkIscsiName(errors, `${field}.iqn`, iqn, unknown);
  checkRange(errors, `${field}.lun`, lun, 0);
  if ((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined) errors.push(required(`${field}.secretRef`));
  if (initiatorName !== undefined) checkIscsiName(errors, `${field}.initiatorname`, initiatorName, unknown);
}

const azureCaching = ['None', 'ReadOnly', 'ReadWrite'];
const azureKinds = ['Dedicated', 'Managed', 'Shared'];
const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

const registryForm = 'must be a host:port pair or multiple pairs separated by commas';
const longestTenant = 64;

function isHostAndPort(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  return colon >= 0 && (!host.includes(':') || (host.startsWith('[') && host.endsWith(']')));
}

/** Whether a key of options is in a domain of Kubernetes' own. */
function isReserved(key: string): boolean {
  const domain = key.split('/', 1)[0]!;
  return ['kubernetes.io', 'k8s.io'].some((own) => domain === own || domain.endsWith(`.${own}`));
}

const longestDriver = 63;

/** The name of a CSI driver; it may have capitals. */
export function csiDriverErrors(field: string, driver: string | undefined): FieldError[] {
  if (driver === undefined || driver === '') return [required(field)];
  return [
    ...(driver.length > longestDriver ? [tooLong(field, longestDriver)] : []),
    ...subdomainProblems(driver.toLowerCase()).map((why) => invalid(field, driver, why)),
  ];
}

/** Rules by sort; `field` is where the source stands. */
export const sharedSourceChecks: SourceChecks = {
  hostPath: (errors, field, { path, type }) => {
    if (path === undefined || path === '') return void errors.push(required(`${field}.path`));
    errors.push(...noBackstepErrors(`${field}.path`, path));
    if (type !== undefined && !hostPathTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, hostPathTypes));
  },
  gcePersistentDisk: (errors, field, { pdName, partition }) => {
    // The real server's name for this field.
    const at = field.replace(/gcePersistentDisk$/, 'persistentDisk');
    errors.push(...needed(`${at}.pdName`, pdName));
    checkPartition(errors, `${at}.partition`, partition);
  },
  awsElasticBlockStore: (errors, field, { volumeID, partition }) => {
    errors.push(...needed(`${field}.volumeID`, volumeID));
    checkPartition(errors, `${field}.partition`, partition);
  },
  nfs: (errors, field, { server, path }) => {
    errors.push(...needed(`${field}.server`, server), ...needed(`${field}.path`, path));
    if (!(path ?? '').startsWith('/')) errors.push(invalid(`${field}.path`, path ?? '', 'must be an absolute path'));
  },
  iscsi: (errors, field, source) => checkIscsi(errors, field, source, 'must be valid format starting with iqn, eui, or naa'),
  glusterfs: neededFields('endpoints', 'path'),
  flocker: (errors, field, { datasetName = '', datasetUUID = '' }) => {
    if (datasetName === '' && datasetUUID === '') errors.push(required(field, 'one of datasetName and datasetUUID is required'));
    if (datasetName !== '' && datasetUUID !== '') {
      errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
    }
    if (datasetName.includes('/')) errors.push(invalid(`${field}.datasetName`, datasetName, "must not contain '/'"));
  },
  rbd: (errors, field, { monitors, image }) => {
    if (monitors === undefined || monitors === null || monitors.length === 0) errors.push(required(`${field}.monitors`));
    errors.push(...needed(`${field}.image`, image));
  },
  cinder: (errors, field, { volumeID, secretRef }) => {
    errors.push(...needed(`${field}.volumeID`, volumeID));
    if (secretRef !== undefined) errors.push(...needed(`${field}.secretRef.name`, secretRef.name));
  },
  cephfs: (errors, field, { monitors }) => {
    if (monitors === undefined || monitors === null || monitors.length === 0) errors.push(required(`${field}.monitors`));
  },
  quobyte: (errors, field, { registry = '', tenant = '', volume }) => {
    if (registry === '') errors.push(required(`${field}.registry`, registryForm));
    else if (tenant.length > longestTenant) {
      errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
    } else {
      for (const pair of registry.split(',')) {
        if (!isHostAndPort(pair)) errors.push(invalid(`${field}.registry`, registry, registryForm));
      }
    }
    errors.push(...needed(`${field}.volume`, volume));
  },
  fc: (errors, field, { targetWWNs = [], wwids = [], lun }) => {
    const both = 'targetWWNs and wwids can not be specified simultaneously';
    if (targetWWNs.length === 0 && wwids.length === 0) {
      errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targetWWNs.length > 0 && wwids.length > 0) errors.push(invalid(`${field}.targetWWNs`, targetWWNs, both));
    if (targetWWNs.length === 0) return;
    if (lun === undefined) errors.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
    else checkRange(errors, `${field}.lun`, lun, 0);
  },
  flexVolume: (errors, field, { driver, options }) => {
    errors.push(...needed(`${field}.driver`, driver));
    for (const key in options) {
      if (isReserved(key)) errors.push(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
    }
  },
  azureFile: neededFields('secretName', 'shareName'),
  vsphereVolume: neededFields('volumePath'),
  photonPersistentDisk: neededFields('pdID'),
  portworxVolume: neededFields('volumeID'),
  azureDisk: (errors, field, { diskName, diskURI = '', cachingMode, kind }) => {
    errors.push(...needed(`${field}.diskName`, diskName), ...needed(`${field}.diskURI`, diskURI));
    if (cachingMode !== undefined && !azureCaching.includes(cachingMode)) {
      errors.push(notSupported(`${field}.cachingMode`, cachingMode, azureCaching));
    }
    if (kind !== undefined && !azureKinds.includes(kind)) errors.push(notSupported(`${field}.kind`, kind, azureKinds));
    const managed = kind === 'Managed';
    if (!diskURI.startsWith(managed ? '/subscriptions/' : 'https://')) {
      errors.push(notSupported(`${field}.diskURI`, diskURI, [managed ? managedDisk : blobDisk]));
    }
  },
  storageos: (errors, field, { volumeName, volumeNamespace, secretRef }) => {
    errors.push(...needed(`${field}.volumeName`, volumeName, checkLabelName));
    if (volumeNamespace) errors.push(...checkLabelName(`${field}.volumeNamespace`, volumeNamespace));
    if (secretRef !== undefined) errors.push(...needed(`${field}.secretRef.name`, secretRef.name));
  },
  scaleIO: neededFields('gateway', 'system', 'volumeName'),
};

/** A directory into which a repository is cloned. */
export const checkGitRepo: SourceCheck<NonNullable<Volume['gitRepo']>> = (errors, field, { repository, directory = '' }) => {
  errors.push(...needed(`${field}.repository`, repository), ...localPathErrors(`${field}.directory`, directory));
};

/** Why a second sort of storage in one volume is refused. */
export function secondSource(field: string): FieldError {
  return fieldForbidden(field, 'may not specify more than 1 volume type');
}
