// The rules of a Service's addresses and families, which are looked at before any address is given out.
// https://kubernetes.io/docs/concepts/services-networking/dual-stack/
import type { ServiceSpec } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { addressErrors, addressFamily } from '../../rules/addresses.js';
import { isHeadless, needsClusterIP } from './shape.js';

const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const families = ['IPv4', 'IPv6'];

/** The broken rules of `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` on a cluster with IPv4 alone. */
export function addressRuleErrors(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!needsClusterIP(spec)) {
    if ((spec.clusterIPs ?? []).length > 0) errors.push(fieldForbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
    if ((spec.ipFamilies ?? []).length > 0) errors.push(fieldForbidden('spec.ipFamilies', 'may not be set for ExternalName services'));
    if (spec.ipFamilyPolicy !== undefined) errors.push(fieldForbidden('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
    return errors;
  }
  checkFamilies(errors, spec);
  checkClusterIPs(errors, spec);
  if (errors.length === 0) checkAgainstCluster(errors, spec);
  return errors;
}

/** Addresses that a service has stay. Of lists that cannot be read as addresses only {@link addressRuleErrors} tells. */
export function addressChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (!needsClusterIP(spec) || !needsClusterIP(old)) return [];
  const now = spec.clusterIPs ?? [];
  const readable = now[0] === spec.clusterIP && now.every((address) => address === 'None' || addressFamily(address) !== undefined);
  if (!readable) return [];
  return (old.clusterIPs ?? []).flatMap((address, index) =>
    now[index] === address ? [] : [invalid(`spec.clusterIPs[${index}]`, now, 'may not change once set')],
  );
}

function checkFamilies(errors: FieldError[], { ipFamilyPolicy, ipFamilies = [], clusterIPs = [] }: ServiceSpec): void {
  const seen = new Set<string>();
  // Families that were read off addresses of one family, or off no addresses, are the addresses' problem.
  const read = clusterIPs.map((address) => addressFamily(address));
  const own = clusterIPs.length <= 1 || (!read.includes(undefined) && new Set(read).size === clusterIPs.length);
  ipFamilies.forEach((family, index) => {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, families));
    else if (seen.has(family) && own) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
    seen.add(family);
  });
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, familyPolicies));
}

function checkClusterIPs(errors: FieldError[], spec: ServiceSpec): void {
  const { clusterIP = '', clusterIPs = [], type } = spec;
  if (clusterIPs.length > 0 && clusterIP === '')
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'));
  else if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
    return;
  } else if (clusterIPs[0] === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
    return;
  }
  const headless = clusterIPs[0] === 'None';
  if (headless && clusterIPs.length > 1) errors.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"));
  const found = new Set<string>();
  let twice = false;
  clusterIPs.forEach((address, index) => {
    if (headless && index === 0) return;
    errors.push(...addressErrors(`spec.clusterIPs[${index}]`, address));
    const family = addressFamily(address) ?? '';
    if (family !== '' && found.has(family)) twice = true;
    found.add(family);
  });
  if (clusterIPs.length > 2) errors.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  else if (twice) errors.push(invalid('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family'));
}

/** A cluster of one family: services cannot ask for the other, but for those that have no addresses of their own. */
function checkAgainstCluster(errors: FieldError[], spec: ServiceSpec): void {
  const { ipFamilyPolicy, ipFamilies = [], clusterIPs = [] } = spec;
  if (ipFamilyPolicy === 'SingleStack' && clusterIPs.length > 1) {
    const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified";
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why));
  }
  clusterIPs.forEach((address, index) => {
    const field = `spec.clusterIPs[${index}]`;
    const family = addressFamily(address);
    const wanted = ipFamilies[index];
    if (family === 'IPv6') errors.push(invalid(field, clusterIPs, 'IPv6 is not configured on this cluster'));
    else if (family !== undefined && wanted !== undefined && wanted !== family)
      errors.push(invalid(field, address, `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``));
  });
  const unselected = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  if (unselected || errors.length > 0) return;
  if (ipFamilyPolicy === 'RequireDualStack') {
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  }
  if (ipFamilyPolicy === 'SingleStack' && ipFamilies.length > 1) {
    const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified";
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why));
    return;
  }
  ipFamilies.forEach((family, index) => {
    const given = clusterIPs[index];
    if (family === 'IPv6' && (given === undefined || given === 'None'))
      errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  });
}
