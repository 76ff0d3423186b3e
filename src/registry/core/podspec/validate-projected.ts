// The rules of downward API and projected volumes. https://kubernetes.io/docs/concepts/storage/projected-volumes/
import type { DownwardAPIVolumeFile, ProjectedVolumeSource, VolumeProjection } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { needed } from '../../rules/fields.js';
import { tokenSources } from './admission-defaults.js';
import { checkItems, checkMode, neededFilePath } from './validate-paths.js';
import { checkFieldRef, checkResourceRef, filePaths } from './validate-references.js';

/** The files of a downward API volume. The real server's messages do not say which of them. */
export function checkDownwardItems(errors: FieldError[], field: string, items: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const { path, fieldRef, resourceFieldRef, mode } of items ?? []) {
    errors.push(...neededFilePath(`${field}.path`, path));
    if (fieldRef !== undefined) {
      checkFieldRef(errors, `${field}.fieldRef`, fieldRef, filePaths);
      if (resourceFieldRef !== undefined) {
        errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
      }
    } else if (resourceFieldRef !== undefined) checkResourceRef(errors, `${field}.resourceFieldRef`, resourceFieldRef, true);
    else errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
    checkMode(errors, `${field}.mode`, mode);
  }
}

const shortestToken = 10 * 60;
const longestToken = 2 ** 32;

/** Checks one source; `field` is its path, `volume` that of the volume's source. Returns how many sorts it names. */
function checkOne(errors: FieldError[], field: string, volume: string, source: VolumeProjection): number {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  let sorts = 0;
  if (secret !== undefined) {
    sorts++;
    errors.push(...needed(`${field}.secret.name`, secret.name));
    checkItems(errors, `${field}.secret.items`, secret.items);
  }
  if (configMap !== undefined) {
    sorts++;
    errors.push(...needed(`${field}.configMap.name`, configMap.name));
    checkItems(errors, `${field}.configMap.items`, configMap.items);
  }
  if (downwardAPI !== undefined) {
    sorts++;
    checkDownwardItems(errors, `${field}.downwardAPI`, downwardAPI.items);
  }
  if (serviceAccountToken !== undefined) {
    sorts++;
    const { path, expirationSeconds: seconds } = serviceAccountToken;
    const at = `${field}.serviceAccountToken.expirationSeconds`;
    if (seconds !== undefined && seconds < shortestToken)
      errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds !== undefined && seconds > longestToken)
      errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
    errors.push(...neededFilePath(`${volume}.path`, path));
  }
  return sorts;
}

/** No two files of one volume may be one; tokens are not looked at. */
function checkTaken(errors: FieldError[], volume: string, source: VolumeProjection, taken: Set<string>): void {
  for (const named of [source.secret, source.configMap]) {
    for (const { path } of named?.items ?? []) {
      if (!path) continue;
      if (taken.has(path)) errors.push(invalid(volume, named?.name ?? '', 'conflicting duplicate paths'));
      taken.add(path);
    }
  }
  for (const { path } of source.downwardAPI?.items ?? []) {
    if (!path) continue;
    if (taken.has(path)) errors.push(invalid(volume, path, 'conflicting duplicate paths'));
    taken.add(path);
  }
}

export function checkProjected(errors: FieldError[], field: string, projected: ProjectedVolumeSource): void {
  // Nearly every pod has it, and it is right.
  if (projected === tokenSources) return;
  const { defaultMode, sources } = projected;
  checkMode(errors, `${field}.defaultMode`, defaultMode);
  const taken = new Set<string>();
  sources?.forEach((source, index) => {
    const at = `${field}.sources[${index}]`;
    const sorts = checkOne(errors, at, field, source);
    checkTaken(errors, field, source, taken);
    if (sorts > 1) errors.push(fieldForbidden(at, 'may not specify more than 1 volume type per source'));
  });
}
