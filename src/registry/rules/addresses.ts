// IP addresses, CIDRs and ports as the API accepts them in new fields: canonical, without leading zeros, never IPv4-mapped.
// https://kubernetes.io/docs/concepts/services-networking/dual-stack/
import ipaddr from 'ipaddr.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Errors } from './fields.js';

const badAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const badCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

interface ParsedAddress {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  readonly leadingZeros: boolean;
  readonly mapped: boolean;
}

function hasLeadingZero(text: string): boolean {
  return text.split('.').some((part) => part.length > 1 && part.startsWith('0'));
}

/** The four numbers of an IPv4 address; there may be zeros before them. */
function octetsOf(text: string): number[] | undefined {
  const octets: number[] = [];
  let octet = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : dot;
    if (code === dot) {
      if (digits === 0 || digits > 3 || octet > 255 || octets.push(octet) > 4) return undefined;
      octet = digits = 0;
    } else {
      if (code < zero || code > zero + 9) return undefined;
      octet = octet * 10 + code - zero;
      digits++;
    }
  }
  return octets.length === 4 ? octets : undefined;
}

const dot = 0x2e;
const zero = 0x30;

function parse(text: string): ParsedAddress | undefined {
  if (text.length > 45 || text.includes('%')) return undefined;
  if (!text.includes(':')) {
    const octets = octetsOf(text);
    return octets && { address: new ipaddr.IPv4(octets), leadingZeros: hasLeadingZero(text), mapped: false };
  }
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return {
    address,
    leadingZeros: text.includes('.') && hasLeadingZero(text.slice(text.lastIndexOf(':') + 1)),
    mapped: address.isIPv4MappedAddress(),
  };
}

function canonical(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();
}

/** `IPv4`, `IPv6`, or undefined when the text is no address. */
export function addressFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  const parsed = parse(text);
  return parsed === undefined ? undefined : parsed.address.kind() === 'ipv4' ? 'IPv4' : 'IPv6';
}

/** What is wrong with an address of a new field. */
export function addressErrors(field: string, value: string): Errors {
  const parsed = parse(value);
  if (parsed === undefined) return [invalid(field, value, badAddress)];
  if (parsed.leadingZeros) return [invalid(field, value, 'must not have leading 0s')];
  if (parsed.mapped) return [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')];
  const text = canonical(parsed.address);
  return text === value ? [] : [invalid(field, value, `must be in canonical form ("${text}")`)];
}

/** What is wrong with an address whose spelling is the client's own: any form of IPv6 will do. */
export function givenAddressErrors(field: string, value: string): Errors {
  const parsed = parse(value);
  if (parsed === undefined) return [invalid(field, value, badAddress)];
  if (parsed.leadingZeros) return [invalid(field, value, 'must not have leading 0s')];
  return parsed.mapped ? [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** Addresses that no endpoint may have. https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors */
export function specialAddressErrors(field: string, value: string): Errors {
  const address = parse(value)?.address;
  if (address === undefined) return [];
  const range: string = address.range();
  const bytes = address.toByteArray();
  if (range === 'unspecified' && bytes.every((byte) => byte === 0)) {
    return [invalid(field, value, `may not be unspecified (${address.kind() === 'ipv4' ? '0.0.0.0' : '::'})`)];
  }
  if (range === 'loopback') return [invalid(field, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (range === 'linkLocal') return [invalid(field, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  const localMulticast =
    address.kind() === 'ipv4' ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0 : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
  if (localMulticast) return [invalid(field, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  return [];
}

const badInterface = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
const mappedBits = 96;

/** What is wrong with an interface's address and its network, such as `10.9.8.7/24`. */
export function interfaceAddressErrors(field: string, value: string): Errors {
  const split = splitCidr(value);
  if (split === undefined) return [invalid(field, value, badInterface)];
  const { address, mapped } = split.parsed;
  const text = mapped
    ? `${(address as ipaddr.IPv6).toIPv4Address().toString()}/${Math.max(split.prefix - mappedBits, 0)}`
    : `${canonical(address)}/${split.prefix}`;
  return text === value ? [] : [invalid(field, value, `must be in canonical form ("${text}")`)];
}

export interface Cidr {
  readonly bytes: readonly number[];
  readonly prefix: number;
  readonly family: 'IPv4' | 'IPv6';
}

function splitCidr(value: string): { readonly parsed: ParsedAddress; readonly prefix: number; readonly prefixText: string } | undefined {
  const slash = value.indexOf('/');
  if (slash < 0) return undefined;
  const parsed = parse(value.slice(0, slash));
  const prefixText = value.slice(slash + 1);
  if (parsed === undefined || !/^[0-9]{1,3}$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  return prefix > (parsed.address.kind() === 'ipv4' ? 32 : 128) ? undefined : { parsed, prefix, prefixText };
}

/** A CIDR, or undefined when the text is none. */
export function parseCidr(value: string): Cidr | undefined {
  const split = splitCidr(value);
  if (split === undefined) return undefined;
  const { address } = split.parsed;
  return { bytes: address.toByteArray(), prefix: split.prefix, family: address.kind() === 'ipv4' ? 'IPv4' : 'IPv6' };
}

function bit(bytes: readonly number[], index: number): number {
  return (bytes[index >> 3]! >> (7 - (index & 7))) & 1;
}

/** Whether `inner` lies in `outer` and is smaller. */
export function isStrictSubset(inner: Cidr, outer: Cidr): boolean {
  if (inner.family !== outer.family || inner.prefix <= outer.prefix) return false;
  for (let index = 0; index < outer.prefix; index++) if (bit(inner.bytes, index) !== bit(outer.bytes, index)) return false;
  return true;
}

/** What is wrong with a CIDR; with `strict`, upper case and long forms of IPv6 as well. */
export function cidrErrors(field: string, value: string, strict: boolean): Errors {
  const split = splitCidr(value);
  if (split === undefined) return [invalid(field, value, badCidr)];
  const { parsed, prefix, prefixText } = split;
  if (parsed.leadingZeros || (prefixText.length > 1 && prefixText.startsWith('0'))) {
    return [invalid(field, value, 'must not have leading 0s in IP or prefix length')];
  }
  if (parsed.mapped) return [invalid(field, value, 'must not have an IPv4-mapped IPv6 address')];
  const bytes = parsed.address.toByteArray();
  for (let index = prefix; index < bytes.length * 8; index++) {
    if (bit(bytes, index) !== 0) return [invalid(field, value, 'must not have bits set beyond the prefix length')];
  }
  const text = `${canonical(parsed.address)}/${prefix}`;
  return strict && text !== value ? [invalid(field, value, `must be in canonical form ("${text}")`)] : [];
}

/** Warns of an address with leading zeros, and of an IPv6 one that is not written as RFC 5952 says. https://www.rfc-editor.org/rfc/rfc5952 */
export function addressWarnings(field: string, value: string): readonly string[] {
  const parsed = parse(value);
  if (parsed === undefined) return [];
  const text = canonical(parsed.address);
  if (text === value) return [];
  const [given, better] = [JSON.stringify(value), JSON.stringify(text)];
  return parsed.address.kind() === 'ipv4'
    ? [`${field}: non-standard IP address ${given} is invalid: use ${better}`]
    : [`${field}: IPv6 address ${given} should be in RFC 5952 canonical format (${better})`];
}

/** Warns of an IPv6 network that is not written as RFC 5952 says. https://www.rfc-editor.org/rfc/rfc5952 */
export function cidrWarnings(field: string, value: string): readonly string[] {
  const split = splitCidr(value);
  if (split === undefined || split.parsed.address.kind() === 'ipv4') return [];
  const text = `${canonical(split.parsed.address)}/${split.prefix}`;
  return text === value
    ? []
    : [`${field}: IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(text)})`];
}

const portRange = 'must be between 1 and 65535, inclusive';

export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}

export function portErrors(field: string, value: number): Errors {
  return isPort(value) ? [] : [invalid(field, value, portRange)];
}

/** A port of a service that a webhook or API server is called at. */
export function servicePortErrors(field: string, value: number): Errors {
  return isPort(value) ? [] : [invalid(field, value, `port is not valid: ${portRange}`)];
}

/** A port's name: an IANA service name. https://www.rfc-editor.org/rfc/rfc6335#section-5.1 */
export function portNameErrors(field: string, value: string): Errors {
  const problems: string[] = [];
  if (value.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)');
  if (value.includes('--')) problems.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems.map((why) => invalid(field, value, why));
}
