// The rules of resource names and amounts. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
import type { ResourceRequirements } from '../../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { compareQuantities, parseQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { checkQualifiedName } from '../../rules/fields.js';

export type Amounts = Readonly<Record<string, string | number>>;

const unit = 1_000_000_000n;
const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Names without a domain that the API knows, for pods, quotas and volumes. */
const standardResources = new Set([
  ...containerResources,
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'persistentvolumeclaims', 'configmaps'],
  ...['services.nodeports', 'services.loadbalancers', 'storage', 'requests.storage'],
]);

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** A resource that only its vendor knows: a name in a domain that is not Kubernetes' own. */
export function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

/** The form of a resource's name; those without a domain must be known. */
export function resourceNameErrors(field: string, name: string): FieldError[] {
  const errors = [...checkQualifiedName(field, name)];
  if (errors.length > 0) return errors;
  if (!name.includes('/') && !standardResources.has(name) && !isHugePages(name) && !isHugePages(name.replace(/^requests\./, ''))) {
    errors.push(invalid(field, name, 'must be a standard resource type or fully qualified'));
  }
  return errors;
}

export function containerResourceErrors(field: string, name: string): FieldError[] {
  const errors = resourceNameErrors(field, name);
  if (!name.includes('/') && !containerResources.has(name) && !isHugePages(name)) {
    errors.push(invalid(field, name, 'must be a standard resource for containers'));
  }
  return errors;
}

/** An amount that may not be negative; `whole` resources are counted in whole numbers. */
export function amountErrors(field: string, text: string | number, whole: boolean): FieldError[] {
  const { nano } = parseQuantity(text);
  if (nano < 0n) return [invalid(field, String(text), 'must be greater than or equal to 0')];
  return whole && nano % unit !== 0n ? [invalid(field, String(text), 'must be an integer')] : [];
}

function checkAmounts(errors: FieldError[], field: string, amounts: Amounts): void {
  for (const name in amounts) {
    const at = `${field}[${name}]`;
    if (!containerResources.has(name)) errors.push(...containerResourceErrors(at, name));
    errors.push(...amountErrors(at, amounts[name]!, isExtended(name)));
  }
}

function mayOvercommit(name: string): boolean {
  return !isExtended(name) && !isHugePages(name);
}

/** Requests may not be more than limits, and equal where nothing can be shared. */
export function checkResources(errors: FieldError[], field: string, resources: ResourceRequirements | undefined): void {
  if (resources === undefined) return;
  const { limits, requests } = resources;
  if (limits !== undefined) checkAmounts(errors, `${field}.limits`, limits);
  if (requests === undefined) return;
  for (const name in requests) {
    const at = `${field}.requests[${name}]`;
    const text = requests[name]!;
    if (!containerResources.has(name)) errors.push(...containerResourceErrors(at, name));
    errors.push(...amountErrors(at, text, isExtended(name)));
    const limit = limits?.[name];
    if (limit !== undefined) checkAgainstLimit(errors, `${field}.requests`, name, text, parseQuantity(limit), limit);
    else if (!mayOvercommit(name)) errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
  }
}

function checkAgainstLimit(
  errors: FieldError[],
  field: string,
  name: string,
  text: string | number,
  limit: Quantity,
  limitText: string | number,
): void {
  const order = compareQuantities(parseQuantity(text), limit);
  if (order !== 0 && !mayOvercommit(name)) errors.push(invalid(field, String(text), `must be equal to ${name} limit of ${limitText}`));
  else if (order > 0) errors.push(invalid(field, String(text), `must be less than or equal to ${name} limit of ${limitText}`));
}
