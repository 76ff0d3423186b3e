// The rules of a pod's names and name resolution. https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
import type { HostAlias, PodDNSConfig, PodSpec } from '../../../../openapi/types/core.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { eachApart } from '../../../clock/apart.js';
import { givenAddressErrors } from '../../rules/addresses.js';
import { checkSubdomain } from '../../rules/fields.js';

/** The rules of `hostAliases`. */
export function checkHostAliases(errors: FieldError[], field: string, aliases: readonly HostAlias[] | undefined): void {
  eachApart(field, aliases?.length ?? 0, errors, (index) => {
    const { ip, hostnames } = aliases![index]!;
    errors.push(...givenAddressErrors(`${field}[${index}].ip`, ip ?? ''));
    hostnames?.forEach((name, at) => errors.push(...checkSubdomain(`${field}[${index}].hostnames[${at}]`, name)));
  });
}

const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** The rules of `dnsPolicy`. */
export function checkDnsPolicy(errors: FieldError[], field: string, policy: PodSpec['dnsPolicy']): void {
  if (policy === undefined) errors.push(required(field));
  else if (!policies.includes(policy)) errors.push(notSupported(field, policy, policies));
}

const mostNameservers = 3;
const mostSearches = 32;
const longestSearches = 2048;
const longestSearch = 253;
const searchForm = /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const badSearch =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

/** The rules of `dnsConfig`. */
export function checkDnsConfig(errors: FieldError[], field: string, config: PodDNSConfig | undefined, policy: PodSpec['dnsPolicy']): void {
  if (policy === 'None') {
    if (config === undefined) return void errors.push(required(field, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    if (config.nameservers === undefined || config.nameservers.length === 0) {
      errors.push(required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
    }
  }
  if (config === undefined) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (nameservers.length > mostNameservers) {
    errors.push(invalid(`${field}.nameservers`, nameservers, `must not have more than ${mostNameservers} nameservers`));
  }
  nameservers.forEach((server, index) => errors.push(...givenAddressErrors(`${field}.nameservers[${index}]`, server)));
  if (searches.length > mostSearches)
    errors.push(invalid(`${field}.searches`, searches, `must not have more than ${mostSearches} search paths`));
  if (searches.join(' ').length > longestSearches) {
    errors.push(
      invalid(`${field}.searches`, searches, `must not have more than ${longestSearches} characters (including spaces) in the search list`),
    );
  }
  searches.forEach((search, index) => {
    const at = `${field}.searches[${index}]`;
    const name = search.length > 1 && search.endsWith('.') ? search.slice(0, -1) : search;
    if (name.length > longestSearch) errors.push(invalid(at, search, `must be no more than ${longestSearch} characters`));
    if (name !== '.' && !name.split('.').every((part) => searchForm.test(part))) errors.push(invalid(at, search, badSearch));
  });
  options.forEach(({ name }, index) => {
    if (name === undefined || name === '') errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  });
}
