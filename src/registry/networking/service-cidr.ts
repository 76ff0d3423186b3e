// Service CIDRs. https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
import type { ServiceCIDR } from '../../../openapi/types/networking.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { cidrErrors, parseCidr } from '../rules/addresses.js';
import { each, immutableText, type Errors } from '../rules/fields.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';

const most = 2;

function cidrsOf(object: Draft<ServiceCIDR>): readonly string[] {
  return object.spec?.cidrs ?? [];
}

function validate(object: Draft<ServiceCIDR>, created: boolean): Errors {
  const cidrs = cidrsOf(object);
  if (cidrs.length === 0 && !created) return [];
  if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
  if (cidrs.length > most) return [invalid('spec.cidrs', { CIDRs: cidrs }, `may only hold up to ${most} values`)];
  const errors: Errors[number][] = [...each('spec.cidrs', cidrs, (field, cidr) => cidrErrors(field, cidr, true))];
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.family);
  if (first !== undefined && first === second) {
    errors.push(invalid('spec.cidrs', cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'));
  }
  return errors;
}

/** A second family may be added; nothing else changes. */
function validateUpdate(object: Draft<ServiceCIDR>, old: Draft<ServiceCIDR>): Errors {
  const before = cidrsOf(old);
  const now = cidrsOf(object);
  if (before.length > now.length) return [invalid('spec.cidrs', object.spec?.cidrs ?? null, immutableText)];
  return before.flatMap((cidr, index) => (cidr === now[index] ? [] : [invalid(`spec.cidrs[${index}]`, now[index], immutableText)]));
}

export const serviceCIDR: KindDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'servicecidrs',
  strategy: {
    ...statusHooks(() => ({})),
    prepareForStatusUpdate: keepAllButStatus,
    statusResetFields: { 'f:spec': {}, 'f:metadata': {} },
    validate: (object, old) => validate(object, old === undefined),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
  cells: (object, context) => [nameOf(object), cidrsOf(object).join(','), ageOf(object, context)],
};
