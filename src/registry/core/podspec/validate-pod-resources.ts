// The rules of resources that all containers of a pod share. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification
import type { PodSpec } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, notSupported, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { totalResources } from './resources.js';
import { checkClaims, checkResources, isHugePages, resourceNameErrors, type Amounts } from './validate-resources.js';

const supported = ['cpu', 'hugepages-', 'memory'];

function podResourceErrors(field: string, name: string): FieldError[] {
  if (name === 'cpu' || name === 'memory') return [];
  const errors = resourceNameErrors(field, name);
  if (errors.length === 0 && !isHugePages(name)) errors.push(notSupported(field, name, supported));
  return errors;
}

/** What the pod asks for must be enough for its containers. */
function checkTotals(
  errors: FieldError[],
  field: string,
  what: 'requests' | 'limits',
  own: Amounts | undefined,
  totals: ReadonlyMap<string, Quantity>,
): void {
  for (const name in own) {
    const total = totals.get(name);
    if (total === undefined || (what === 'limits' && !isHugePages(name))) continue;
    const text = own[name]!;
    if (compareQuantities(parseQuantity(text), total) >= 0) continue;
    const why = `must be greater than or equal to aggregate container ${what} of ${formatQuantity(total)}`;
    errors.push(invalid(`${field}.${what}[${name}]`, String(text), why));
  }
}

/** No container may have more than the pod. */
function checkContainerLimits(errors: FieldError[], field: string, spec: PodSpec, own: Amounts): void {
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach(({ resources }, index) => {
      for (const name in resources?.limits) {
        const text = resources.limits[name]!;
        const most = own[name];
        if (most === undefined || compareQuantities(parseQuantity(text), parseQuantity(most)) <= 0) continue;
        errors.push(
          invalid(`${field}.${list}[${index}][${name}].limits`, String(text), `must be less than or equal to pod limits of ${most}`),
        );
      }
    });
  }
}

/** The rules of `resources` of a pod's spec. */
export function checkPodResources(errors: FieldError[], field: string, spec: PodSpec): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (spec.os?.name === 'windows') return void errors.push(fieldForbidden(field, 'may not be set for a windows pod'));
  if (resources.claims !== undefined && resources.claims.length > 0) {
    errors.push(fieldForbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'));
  }
  checkResources(errors, field, resources, podResourceErrors);
  checkClaims(errors, field, resources, spec);
  checkTotals(errors, field, 'requests', resources.requests, totalResources(spec, 'requests'));
  checkTotals(errors, field, 'limits', resources.limits, totalResources(spec, 'limits'));
  if (resources.limits !== undefined) checkContainerLimits(errors, field, spec, resources.limits);
}
