// The rules of resource names and amounts. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
import type { PodSpec, ResourceRequirements } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { qualifiedNameProblems } from '../../../apimachinery/names/names.js';
import { compareQuantities, parseQuantity } from '../../../apimachinery/quantity/quantity.js';
import { eachApart } from '../../../clock/apart.js';
import { checkQualifiedName, missing } from '../../rules/fields.js';

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

const hugePages = 'hugepages-';

export function isHugePages(name: string): boolean {
  return name.startsWith(hugePages);
}

/** A resource of Kubernetes' own: without a domain, or in its. */
export function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/**
 * A resource that only its vendor knows: a name in a domain that is not Kubernetes' own, such that a quota may ask for `requests.` of it.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
 */
export function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameProblems(`requests.${name}`).length === 0;
}

/** The form of a resource's name; those without a domain must be known. */
export function resourceNameErrors(field: string, name: string): FieldError[] {
  if (containerResources.has(name)) return [];
  const errors = [...checkQualifiedName(field, name)];
  if (errors.length > 0) return errors;
  if (!name.includes('/') && !standardResources.has(name) && !isHugePages(name) && !isHugePages(name.replace(/^requests\./, ''))) {
    errors.push(invalid(field, name, 'must be a standard resource type or fully qualified'));
  }
  return errors;
}

export function containerResourceErrors(field: string, name: string): FieldError[] {
  if (containerResources.has(name)) return [];
  const errors = resourceNameErrors(field, name);
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.push(invalid(field, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalid(field, name, "doesn't follow extended resource name standard"));
  return errors;
}

/** An amount that may not be negative; `whole` resources are counted in whole numbers. */
export function amountErrors(field: string, text: string | number, whole: boolean): FieldError[] {
  const { nano } = parseQuantity(text);
  if (nano < 0n) return [invalid(field, String(text), 'must be greater than or equal to 0')];
  return whole && nano % unit !== 0n ? [invalid(field, String(text), 'must be an integer')] : [];
}

/** Huge pages come in pages. https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/ */
function hugePageErrors(field: string, name: string, text: string | number): FieldError[] {
  const { nano } = parseQuantity(text);
  let page = 0n;
  try {
    page = parseQuantity(name.slice(hugePages.length)).nano;
  } catch {
    // A name that says no size has no multiples.
  }
  if (page > 0n && nano >= 0n && nano % page === 0n) return [];
  return [invalid(field, String(text), `${text} is not positive integer multiple of ${name}`)];
}

function mayOvercommit(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

/** The rules of one amount of a container's limits or requests; names are checked by `names`. */
function checkAmount(
  errors: FieldError[],
  field: string,
  name: string,
  text: string | number,
  names: (field: string, name: string) => FieldError[],
): void {
  errors.push(...names(field, name), ...amountErrors(field, text, isExtended(name)));
}

function checkAgainstLimit(errors: FieldError[], field: string, name: string, text: string | number, limit: string | number): void {
  const order = compareQuantities(parseQuantity(text), parseQuantity(limit));
  if (order !== 0 && !mayOvercommit(name)) errors.push(invalid(field, String(text), `must be equal to ${name} limit of ${limit}`));
  else if (order > 0) errors.push(invalid(field, String(text), `must be less than or equal to ${name} limit of ${limit}`));
}

/**
 * The rules of limits and requests: requests may not be more than limits, and equal where nothing can be shared. `names` checks the
 * names; those of containers when it is not given.
 */
export function checkResources(
  errors: FieldError[],
  field: string,
  { limits, requests }: Pick<ResourceRequirements, 'limits' | 'requests'>,
  names = containerResourceErrors,
): void {
  if (limits === undefined && requests === undefined) return;
  const limited = Object.keys(limits ?? {});
  eachApart(`${field}.limits`, limited.length, errors, (index) => {
    const name = limited[index]!;
    const text = limits![name]!;
    checkAmount(errors, `${field}.limits[${name}]`, name, text, names);
    if (isHugePages(name)) errors.push(...hugePageErrors(`${field}.limits[${name}]`, name, text));
  });
  const requested = Object.keys(requests ?? {});
  eachApart(`${field}.requests`, requested.length, errors, (index) => {
    const name = requested[index]!;
    const at = `${field}.requests[${name}]`;
    const text = requests![name]!;
    checkAmount(errors, at, name, text, names);
    const limit = limits?.[name];
    if (limit !== undefined) checkAgainstLimit(errors, `${field}.requests`, name, text, limit);
    else if (!mayOvercommit(name)) errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    if (isHugePages(name)) errors.push(...hugePageErrors(at, name, text));
  });
  if (!limited.some(isHugePages) && !requested.some(isHugePages)) return;
  if (![...limited, ...requested].some((name) => name === 'cpu' || name === 'memory'))
    errors.push(fieldForbidden(field, 'HugePages require cpu or memory'));
}

/** What a container takes of the pod's claims. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
export function checkClaims(errors: FieldError[], field: string, { claims }: ResourceRequirements, spec: PodSpec): void {
  if (claims === undefined) return;
  const known = (spec.resourceClaims ?? []).map(({ name }) => name ?? '').filter((name) => name !== '');
  const seen = new Set<string>();
  claims.forEach(({ name = '', request = '' }, index) => {
    const at = `${field}.claims[${index}]`;
    if (name === '') return void errors.push(required(at));
    const key = request === '' ? name : `${name}/${request}`;
    if (seen.has(name) || seen.has(key)) errors.push(duplicate(at, name));
    seen.add(key);
    if (known.includes(name)) return;
    const list = known.length === 0 ? 'which is empty' : '';
    const where = `must be one of the names in pod.spec.resourceClaims${list === '' ? `: ${known.join(', ')}` : ` ${list}`}`;
    errors.push(missing(at, name, where));
  });
}
