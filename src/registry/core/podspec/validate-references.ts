// References to fields of the pod and to resources of its containers, from environment variables and downward API volumes.
// https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../../openapi/types/core.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { canonicalQuantity } from '../../../apimachinery/quantity/quantity.js';
import { checkQualifiedName } from '../../rules/fields.js';

/** All paths that the API knows, usable here or not. */
const knownPaths = new Set([
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'metadata.labels', 'metadata.annotations'],
  ...['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.host'],
  ...['status.phase', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
]);
/** The old name of a path. */
const renamed: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' };
const subscripted = ['metadata.annotations', 'metadata.labels'];

export const environmentPaths: readonly string[] = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName'],
  ...['status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
];
export const filePaths: readonly string[] = [
  ...['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'],
];

/** `metadata.labels['app']` as path and key; undefined when there is no subscript. */
function splitSubscript(path: string): readonly [path: string, key: string] | undefined {
  const open = path.indexOf("['");
  return open <= 0 || !path.endsWith("']") ? undefined : [path.slice(0, open), path.slice(open + 2, -2)];
}

/** The rules of a `fieldRef` at `field`, which may point to the `supported` paths and to single labels and annotations. */
export function checkFieldRef(errors: FieldError[], field: string, reference: ObjectFieldSelector, supported: readonly string[]): void {
  const { apiVersion = 'v1', fieldPath = '' } = reference;
  const at = `${field}.fieldPath`;
  if (apiVersion === '') return void errors.push(required(`${field}.apiVersion`));
  if (fieldPath === '') return void errors.push(required(at));
  if (apiVersion !== 'v1') {
    return void errors.push(invalid(at, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`));
  }
  const split = splitSubscript(fieldPath);
  if (split === undefined) {
    if (!knownPaths.has(fieldPath)) {
      errors.push(invalid(at, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`));
    } else if (!supported.includes(renamed[fieldPath] ?? fieldPath)) errors.push(notSupported(at, fieldPath, supported));
    return;
  }
  const [path, key] = split;
  if (!subscripted.includes(path)) {
    errors.push(invalid(at, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`));
  } else errors.push(...checkQualifiedName(field, path === 'metadata.annotations' ? key.toLowerCase() : key));
}

const resources = [
  ...['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'],
];
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** What a resource may be divided by, and how messages call it. */
function divisorsOf(resource: string): readonly [divisors: readonly string[], text: string, called: string] {
  if (resource.endsWith('.cpu')) return [['1m', '1'], '1m and 1', 'cpu'];
  const called = resource.endsWith('.memory')
    ? 'memory'
    : resource.endsWith('.ephemeral-storage')
      ? 'local ephemeral storage'
      : 'hugepages';
  return [byteDivisors, byteDivisors.join(', '), called];
}

/** The rules of a `resourceFieldRef`; a volume belongs to no container, so `named` asks for the container's name. */
export function checkResourceRef(errors: FieldError[], field: string, reference: ResourceFieldSelector, named: boolean): void {
  const { containerName, resource = '', divisor } = reference;
  if (named && (containerName === undefined || containerName === '')) return void errors.push(required(`${field}.containerName`));
  if (resource === '') return void errors.push(required(`${field}.resource`));
  if (!resources.includes(resource) && !resource.startsWith('limits.hugepages-') && !resource.startsWith('requests.hugepages-')) {
    errors.push(notSupported(`${field}.resource`, resource, resources));
    return;
  }
  if (divisor === undefined || String(divisor) === '0') return;
  const [divisors, text, called] = divisorsOf(resource);
  if (divisors.includes(canonicalQuantity(divisor))) return;
  errors.push(invalid(`${field}.divisor`, resource, `only divisor's values ${text} are supported with the ${called} resource`));
}
