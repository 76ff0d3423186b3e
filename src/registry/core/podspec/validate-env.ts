// The rules of a container's environment. https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
import type { EnvFromSource, EnvVar, FileKeySelector, Volume } from '../../../../openapi/types/core.v1.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { checkSubdomain, missing, needed } from '../../rules/fields.js';
import { configKeyErrors } from '../config-keys.js';
import { noBackstepErrors } from './validate-paths.js';
import { checkFieldRef, checkResourceRef, environmentPaths } from './validate-references.js';

const envName = /^[ -<>-~]+$/;

function envNameErrors(field: string, name: string): FieldError[] {
  if (envName.test(name)) return [];
  return [invalid(field, name, "a valid environment variable name must consist only of printable ASCII characters other than '='")];
}

function checkKeyReference(errors: FieldError[], field: string, { name, key }: { readonly name?: string; readonly key?: string }): void {
  errors.push(...checkSubdomain(`${field}.name`, name ?? ''), ...needed(`${field}.key`, key, configKeyErrors));
}

/** A variable of a file of a volume. https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file/ */
function checkFileReference(errors: FieldError[], field: string, { key, volumeName, path }: FileKeySelector): void {
  errors.push(...needed(`${field}.key`, key, envNameErrors));
  errors.push(...needed(`${field}.volumeName`, volumeName));
  errors.push(...needed(`${field}.path`, path, noBackstepErrors));
}

/** Files come from volumes that the pod itself fills; looked at when all containers have been. */
export function checkFileVolumes(
  errors: FieldError[],
  field: string,
  variables: readonly EnvVar[],
  volumes: ReadonlyMap<string, Volume>,
): void {
  variables.forEach(({ valueFrom }, index) => {
    const reference = valueFrom?.fileKeyRef;
    if (reference === undefined) return;
    const at = `${field}[${index}].valueFrom.fileKeyRef.volumeName`;
    const name = reference.volumeName ?? '';
    const volume = volumes.get(name);
    if (volume === undefined) errors.push(missing(at, name));
    else if (volume.emptyDir === undefined) errors.push(invalid(at, name, 'referenced volume must be of type emptyDir'));
  });
}

/** The rules of `env`. */
export function checkEnv(errors: FieldError[], field: string, variables: readonly EnvVar[]): void {
  variables.forEach(({ name, value, valueFrom }, index) => {
    const at = `${field}[${index}]`;
    errors.push(...needed(`${at}.name`, name, envNameErrors));
    if (valueFrom === undefined) return;
    const from = `${at}.valueFrom`;
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
    if (fieldRef !== undefined) checkFieldRef(errors, `${from}.fieldRef`, fieldRef, environmentPaths);
    if (resourceFieldRef !== undefined) checkResourceRef(errors, `${from}.resourceFieldRef`, resourceFieldRef, false);
    if (configMapKeyRef !== undefined) checkKeyReference(errors, `${from}.configMapKeyRef`, configMapKeyRef);
    if (secretKeyRef !== undefined) checkKeyReference(errors, `${from}.secretKeyRef`, secretKeyRef);
    if (fileKeyRef !== undefined) checkFileReference(errors, `${from}.fileKeyRef`, fileKeyRef);
    const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((one) => one !== undefined).length;
    if (sources === 0) {
      const why = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
      errors.push(invalid(from, '', why));
    } else if (value !== undefined && value !== '') {
      errors.push(invalid(from, '', 'may not be specified when `value` is not empty'));
    } else if (sources > 1) {
      errors.push(invalid(from, '', 'may not have more than one field specified at a time'));
    }
  });
}

/** The rules of `envFrom`. */
export function checkEnvFrom(errors: FieldError[], field: string, sources: readonly EnvFromSource[]): void {
  sources.forEach(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`;
    if (prefix !== undefined && prefix !== '') errors.push(...envNameErrors(`${at}.prefix`, prefix));
    if (configMapRef !== undefined) errors.push(...needed(`${at}.configMapRef.name`, configMapRef.name, checkSubdomain));
    if (secretRef !== undefined) errors.push(...needed(`${at}.secretRef.name`, secretRef.name, checkSubdomain));
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
    }
  });
}
