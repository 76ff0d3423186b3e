// The rules of a pod's volumes. https://kubernetes.io/docs/concepts/storage/volumes/
import type { DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { parseQuantity } from '../../../apimachinery/quantity/quantity.js';
import { checkLabelName, checkSubdomain, needed } from '../../rules/fields.js';
import { localPathErrors } from './validate-container.js';

const modeText = 'must be a number between 0 and 0777 (octal), both inclusive';

function checkMode(errors: FieldError[], field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(field, mode, modeText));
}

function checkItems(errors: FieldError[], field: string, items: readonly KeyToPath[] | undefined): void {
  items?.forEach(({ key, path, mode }, index) => {
    const at = `${field}[${index}]`;
    if (key === undefined || key === '') errors.push(required(`${at}.key`));
    if (path === undefined || path === '') errors.push(required(`${at}.path`));
    else errors.push(...localPathErrors(`${at}.path`, path));
    checkMode(errors, `${at}.mode`, mode);
  });
}

function checkDownwardItems(errors: FieldError[], field: string, items: readonly DownwardAPIVolumeFile[] | undefined): void {
  items?.forEach(({ path, fieldRef, resourceFieldRef, mode }, index) => {
    const at = `${field}[${index}]`;
    if (path === undefined || path === '') errors.push(required(`${at}.path`));
    else errors.push(...localPathErrors(`${at}.path`, path));
    if (fieldRef === undefined && resourceFieldRef === undefined) {
      errors.push(required(`${at}.fieldRef`, 'one of fieldRef and resourceFieldRef is required'));
    } else if (fieldRef !== undefined && resourceFieldRef !== undefined) {
      errors.push(invalid(`${at}.resourceFieldRef`, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
    checkMode(errors, `${at}.mode`, mode);
  });
}

function checkProjection(errors: FieldError[], field: string, sources: readonly VolumeProjection[] | undefined): void {
  sources?.forEach(({ secret, configMap, downwardAPI, serviceAccountToken }, index) => {
    const at = `${field}[${index}]`;
    if (secret !== undefined) {
      errors.push(...needed(`${at}.secret.name`, secret.name));
      checkItems(errors, `${at}.secret.items`, secret.items);
    }
    if (configMap !== undefined) {
      errors.push(...needed(`${at}.configMap.name`, configMap.name));
      checkItems(errors, `${at}.configMap.items`, configMap.items);
    }
    if (downwardAPI !== undefined) checkDownwardItems(errors, `${at}.downwardAPI.items`, downwardAPI.items);
    if (serviceAccountToken === undefined) return;
    const { path, expirationSeconds } = serviceAccountToken;
    if (path === undefined || path === '') errors.push(required(`${at}.path`));
    else errors.push(...localPathErrors(`${at}.path`, path));
    if (expirationSeconds !== undefined && expirationSeconds < 600) {
      errors.push(invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
    }
  });
}

/** Two sources of one volume may not write one file. */
function checkProjectedPaths(errors: FieldError[], field: string, sources: readonly VolumeProjection[] | undefined): void {
  const taken = new Set<string>();
  for (const { secret, configMap, downwardAPI, serviceAccountToken } of sources ?? []) {
    const named = secret ?? configMap;
    const paths = [...(named?.items ?? []), ...(downwardAPI?.items ?? [])].map(({ path }) => path);
    if (serviceAccountToken !== undefined) paths.push(serviceAccountToken.path);
    for (const path of paths) {
      if (path && taken.has(path)) errors.push(invalid(field, named?.name ?? path, 'conflicting duplicate paths'));
      taken.add(path);
    }
  }
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

type Checks = { readonly [K in keyof Volume]?: (errors: FieldError[], field: string, source: NonNullable<Volume[K]>) => void };

/** Rules of each sort of volume that pods commonly use; a sort without rules here is only counted. */
const sourceChecks: Checks = {
  emptyDir: (errors, field, { sizeLimit }) => {
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n) {
      errors.push(fieldForbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  },
  secret: (errors, field, { secretName, defaultMode, items }) => {
    errors.push(...needed(`${field}.secretName`, secretName));
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, `${field}.items`, items);
  },
  configMap: (errors, field, { name, defaultMode, items }) => {
    errors.push(...needed(`${field}.name`, name));
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkItems(errors, `${field}.items`, items);
  },
  downwardAPI: (errors, field, { defaultMode, items }) => {
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkDownwardItems(errors, `${field}.items`, items);
  },
  projected: (errors, field, { defaultMode, sources }) => {
    checkMode(errors, `${field}.defaultMode`, defaultMode);
    checkProjection(errors, `${field}.sources`, sources);
    checkProjectedPaths(errors, field, sources);
  },
  hostPath: (errors, field, { path, type }) => {
    if (path === undefined || path === '') errors.push(required(`${field}.path`));
    else if (path.split('/').includes('..')) errors.push(invalid(`${field}.path`, path, "must not contain '..'"));
    if (type !== undefined && !hostPathTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, hostPathTypes));
  },
  persistentVolumeClaim: (errors, field, { claimName }) => errors.push(...needed(`${field}.claimName`, claimName, checkSubdomain)),
  nfs: (errors, field, { server, path }) => {
    errors.push(...needed(`${field}.server`, server), ...needed(`${field}.path`, path));
    if (!(path ?? '').startsWith('/')) errors.push(invalid(`${field}.path`, path ?? '', 'must be an absolute path'));
  },
  csi: (errors, field, { driver }) => errors.push(...needed(`${field}.driver`, driver)),
  ephemeral: (errors, field, { volumeClaimTemplate }) => {
    if (volumeClaimTemplate === undefined) errors.push(required(`${field}.volumeClaimTemplate`));
  },
};

function checkSource(errors: FieldError[], field: string, volume: Volume): void {
  let found = 0;
  for (const sort in volume) {
    if (sort === 'name') continue;
    const key = sort as Exclude<keyof Volume, 'name'>;
    const source = volume[key];
    if (source === undefined) continue;
    if (found++ > 0) errors.push(fieldForbidden(`${field}.${sort}`, 'may not specify more than 1 volume type'));
    else
      (sourceChecks[key] as ((errors: FieldError[], field: string, source: unknown) => unknown) | undefined)?.(
        errors,
        `${field}.${sort}`,
        source,
      );
  }
  if (found === 0) errors.push(required(field, 'must specify a volume type'));
}

/** Checks the volumes of a pod; returns those with a name that is right, for what refers to them. */
export function checkVolumes(errors: FieldError[], field: string, volumes: readonly Volume[] | undefined): ReadonlyMap<string, Volume> {
  const known = new Map<string, Volume>();
  volumes?.forEach((volume, index) => {
    const at = `${field}[${index}]`;
    checkSource(errors, at, volume);
    const problems = needed(`${at}.name`, volume.name, checkLabelName);
    errors.push(...problems);
    if (problems.length > 0) return;
    if (known.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    else known.set(volume.name, volume);
  });
  return known;
}
