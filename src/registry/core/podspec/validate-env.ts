// The rules of a container's environment. https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
import type { EnvFromSource, EnvVar } from '../../../../openapi/types/core.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { checkSubdomain, needed } from '../../rules/fields.js';
import { configKeyErrors } from '../config-keys.js';

const envName = /^[ -<>-~]+$/;

function checkEnvName(errors: FieldError[], field: string, name: string): void {
  if (envName.test(name)) return;
  errors.push(invalid(field, name, "a valid environment variable name must consist only of printable ASCII characters other than '='"));
}

const podFields = new Set([
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);
const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

function isPodField(path: string): boolean {
  return podFields.has(path) || /^metadata\.(?:labels|annotations)\['[^']*'\]$/.test(path);
}

function isResource(name: string): boolean {
  return containerResources.includes(name) || name.startsWith('limits.hugepages-') || name.startsWith('requests.hugepages-');
}

function checkKeyReference(errors: FieldError[], field: string, { name, key }: { readonly name?: string; readonly key?: string }): void {
  errors.push(...checkSubdomain(`${field}.name`, name ?? ''), ...needed(`${field}.key`, key, configKeyErrors));
}

/** The rules of `env`. */
export function checkEnv(errors: FieldError[], field: string, variables: readonly EnvVar[]): void {
  variables.forEach(({ name, value, valueFrom }, index) => {
    const at = `${field}[${index}]`;
    if (name === undefined || name === '') errors.push(required(`${at}.name`));
    else checkEnvName(errors, `${at}.name`, name);
    if (valueFrom === undefined) return;
    const from = `${at}.valueFrom`;
    let sources = 0;
    if (valueFrom.fieldRef !== undefined) {
      sources++;
      const path = valueFrom.fieldRef.fieldPath ?? '';
      if (path === '') errors.push(required(`${from}.fieldRef.fieldPath`));
      else if (!isPodField(path)) {
        errors.push(invalid(`${from}.fieldRef.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`));
      }
    }
    if (valueFrom.resourceFieldRef !== undefined) {
      sources++;
      const resource = valueFrom.resourceFieldRef.resource ?? '';
      if (resource === '') errors.push(required(`${from}.resourceFieldRef.resource`));
      else if (!isResource(resource)) errors.push(notSupported(`${from}.resourceFieldRef.resource`, resource, containerResources));
    }
    for (const source of ['configMapKeyRef', 'secretKeyRef'] as const) {
      const reference = valueFrom[source];
      if (reference === undefined) continue;
      sources++;
      checkKeyReference(errors, `${from}.${source}`, reference);
    }
    if (valueFrom.fileKeyRef !== undefined) sources++;
    if (sources === 0) {
      errors.push(
        invalid(from, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'),
      );
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
    if (prefix !== undefined && prefix !== '') checkEnvName(errors, `${at}.prefix`, prefix);
    if (configMapRef !== undefined) errors.push(...needed(`${at}.configMapRef.name`, configMapRef.name, checkSubdomain));
    if (secretRef !== undefined) errors.push(...needed(`${at}.secretRef.name`, secretRef.name, checkSubdomain));
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
    }
  });
}
