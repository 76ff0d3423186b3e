// IP addresses and networks. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library

import ipaddr from 'ipaddr.js';
import { addCosts, perCharacter, scaleCost, sizeAt, sizeOf, traversal } from '../cost/costs.js';
import { failure } from '../evaluate/errors.js';
import { opaqueType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { OpaqueValue } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';

/** Bytes of an address, 4 or 16. */
interface Address {
  readonly bytes: readonly number[];
}

interface Network extends Address {
  readonly bits: number;
}

const ipType = opaqueType('net.IP');
const cidrType = opaqueType('net.CIDR');
const longestText = 100;

/** Four decimal parts without leading zeros, or IPv6; not IPv4 within IPv6. The error is a text. */
function parseAddress(text: string): Address | string {
  if (text.length > longestText) return unparsable(text);
  if (!text.includes(':')) {
    const bytes = fourBytes(text);
    return bytes === undefined ? unparsable(text) : { bytes };
  }
  // Only here: asked whether it is IPv4, the library throws and catches an error, which takes twenty times as long.
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return unparsable(text);
  const address = ipaddr.IPv6.parse(text.includes('.') ? inHexadecimal(text) : text);
  if (address.isIPv4MappedAddress()) return `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`;
  return { bytes: address.toByteArray() };
}

/** The bytes of four decimal parts; undefined when it is something else. */
function fourBytes(text: string): readonly number[] | undefined {
  const bytes: number[] = [];
  let byte = -1;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? point : text.charCodeAt(at);
    if (code === point) {
      if (byte < 0 || bytes.length === 4) return undefined;
      bytes.push(byte);
      byte = -1;
    } else {
      const digit = code - zero;
      if (digit < 0 || digit > 9 || byte === 0) return undefined;
      byte = byte < 0 ? digit : byte * 10 + digit;
      if (byte > 255) return undefined;
    }
  }
  return bytes.length === 4 ? bytes : undefined;
}

const point = 0x2e;
const zero = 0x30;

/** `::1.2.3.4` with its end as two groups; ipaddr.js takes it for an IPv4-mapped address. */
function inHexadecimal(text: string): string {
  const colon = text.lastIndexOf(':');
  const [first = 0, second = 0, third = 0, fourth = 0] = text
    .slice(colon + 1)
    .split('.')
    .map(Number);
  return `${text.slice(0, colon + 1)}${((first << 8) | second).toString(16)}:${((third << 8) | fourth).toString(16)}`;
}

function unparsable(text: string): string {
  return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${parseError(text)}`;
}

/** What is wrong with a text that is no address, as far as it can be told from one that was to be IPv4. */
function parseError(text: string): string {
  const separator = /[.:%]/.exec(text)?.[0];
  return `ParseAddr(${JSON.stringify(text)}): ${separator === '.' ? ipv4Error(text) : 'unable to parse IP'}`;
}

function ipv4Error(text: string): string {
  const odd = /[^0-9.]/.exec(text);
  const parts = text.split('.');
  for (const part of parts) {
    if (part.length > 1 && part.startsWith('0')) return 'IPv4 field has octet with leading zero';
    if (Number(part) > 255) return 'IPv4 field has value >255';
  }
  if (odd !== null) return `unexpected character (at ${JSON.stringify(text.slice(odd.index))})`;
  if (parts.some((part) => part === '')) return 'IPv4 field must have at least one digit';
  return parts.length < 4 ? 'IPv4 address too short' : 'IPv4 address too long';
}

function parseNetwork(text: string): Network | string {
  const prefix = 'network address parse error during conversion from string: ';
  const wrong = (reason: string): string => `${prefix}${prefix}netip.ParsePrefix(${JSON.stringify(text)}): ${reason}`;
  const slash = text.lastIndexOf('/');
  if (slash < 0) return wrong("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === 'string') {
    return address.startsWith('IPv4-mapped')
      ? `${prefix}IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`
      : wrong(parseError(text.slice(0, slash)));
  }
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits)) return wrong(`bad bits after slash: ${JSON.stringify(bits)}`);
  if (Number(bits) > address.bytes.length * 8) return wrong('prefix length out of range');
  return { bytes: address.bytes, bits: Number(bits) };
}

/** As RFC 5952 writes it. */
function formatAddress({ bytes }: Address): string {
  return bytes.length === 4 ? bytes.join('.') : ipaddr.fromByteArray([...bytes]).toString();
}

function sameBytes(left: Address, right: Address): boolean {
  return left.bytes.length === right.bytes.length && left.bytes.every((byte, index) => byte === right.bytes[index]);
}

function ipValue(address: Address): OpaqueValue {
  return new OpaqueValue(ipType, address, (other) => sameBytes(address, other as Address));
}

function cidrValue(network: Network): OpaqueValue {
  return new OpaqueValue(cidrType, network, (other) => sameBytes(network, other as Network) && network.bits === (other as Network).bits);
}

function ip(text: CelValue): OpaqueValue {
  const address = parseAddress(text as string);
  if (typeof address === 'string') throw failure(address);
  return ipValue(address);
}

function cidr(text: CelValue): OpaqueValue {
  const network = parseNetwork(text as string);
  if (typeof network === 'string') throw failure(network);
  return cidrValue(network);
}

const address = (value: CelValue): Address => (value as OpaqueValue).content as Address;
const network = (value: CelValue): Network => (value as OpaqueValue).content as Network;

/** The first `bits` of an address, the rest zero. */
function masked(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

function containsAddress(outer: Network, { bytes }: Address): boolean {
  return outer.bytes.length === bytes.length && sameBytes({ bytes: masked(outer.bytes, outer.bits) }, { bytes: masked(bytes, outer.bits) });
}

function containsNetwork(outer: Network, inner: Network): boolean {
  return inner.bits >= outer.bits && containsAddress(outer, inner);
}

function first({ bytes }: Address): readonly [number, number] {
  return [bytes[0] ?? 0, bytes[1] ?? 0];
}

function isLoopback(value: Address): boolean {
  return value.bytes.length === 4 ? first(value)[0] === 127 : value.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function isUnspecified({ bytes }: Address): boolean {
  return bytes.every((byte) => byte === 0);
}

function isLinkLocalMulticast(value: Address): boolean {
  const [one_, two] = first(value);
  if (value.bytes.length === 4) return one_ === 224 && two === 0 && value.bytes[2] === 0;
  return one_ === 0xff && (two & 0x0f) === 0x02;
}

function isLinkLocalUnicast(value: Address): boolean {
  const [one_, two] = first(value);
  return value.bytes.length === 4 ? one_ === 169 && two === 254 : one_ === 0xfe && (two & 0xc0) === 0x80;
}

function isMulticast(value: Address): boolean {
  const [one_] = first(value);
  return value.bytes.length === 4 ? (one_ & 0xf0) === 224 : one_ === 0xff;
}

function isGlobalUnicast(value: Address): boolean {
  const broadcast = value.bytes.length === 4 && value.bytes.every((byte) => byte === 255);
  return !broadcast && !isUnspecified(value) && !isLoopback(value) && !isMulticast(value) && !isLinkLocalUnicast(value);
}

const reading = traversal([0]);
const twice: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * 2 * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), 2 * perCharacter) }),
};

/** Bytes compared (at most 16 of each), and the text read where one is given. */
function comparing(cost: number, text: boolean): Costs {
  const own = { min: cost, max: cost };
  return {
    cost: (args) => cost + (text ? Math.ceil(sizeOf(args[1]) * perCharacter) : 0),
    estimate: (args) => ({ cost: text ? addCosts(own, scaleCost(sizeAt(args, 1), perCharacter)) : own }),
  };
}
const containsIp = 4;
const containsCidr = 7;

export function networkLibrary(): Library {
  return library(
    [
      overload('ip(string): net.IP', ip, reading),
      overload('!ip.isCanonical(string): bool', (text) => formatAddress(address(ip(text))) === text, twice),
      overload('isIP(string): bool', (text) => typeof parseAddress(text as string) !== 'string', reading),
      overload('string(net.IP): string', (value) => formatAddress(address(value))),
      overload('net.IP.family(): int', (value) => (address(value).bytes.length === 4 ? 4n : 6n)),
      overload('net.IP.isUnspecified(): bool', (value) => isUnspecified(address(value))),
      overload('net.IP.isLoopback(): bool', (value) => isLoopback(address(value))),
      overload('net.IP.isLinkLocalMulticast(): bool', (value) => isLinkLocalMulticast(address(value))),
      overload('net.IP.isLinkLocalUnicast(): bool', (value) => isLinkLocalUnicast(address(value))),
      overload('net.IP.isGlobalUnicast(): bool', (value) => isGlobalUnicast(address(value))),
      overload('cidr(string): net.CIDR', cidr, reading),
      overload('isCIDR(string): bool', (text) => typeof parseNetwork(text as string) !== 'string', reading),
      overload('string(net.CIDR): string', (value) => `${formatAddress(network(value))}/${network(value).bits}`),
      overload('net.CIDR.ip(): net.IP', (value) => ipValue({ bytes: network(value).bytes })),
      overload('net.CIDR.prefixLength(): int', (value) => BigInt(network(value).bits)),
      overload('net.CIDR.masked(): net.CIDR', (value) =>
        cidrValue({ bytes: masked(network(value).bytes, network(value).bits), bits: network(value).bits }),
      ),
      overload(
        'net.CIDR.containsIP(net.IP): bool',
        (outer, inner) => containsAddress(network(outer), address(inner)),
        comparing(containsIp, false),
      ),
      overload(
        'net.CIDR.containsIP(string): bool',
        (outer, text) => containsAddress(network(outer), within(parseAddress(text as string))),
        comparing(containsIp, true),
      ),
      overload(
        'net.CIDR.containsCIDR(net.CIDR): bool',
        (outer, inner) => containsNetwork(network(outer), network(inner)),
        comparing(containsCidr, false),
      ),
      overload(
        'net.CIDR.containsCIDR(string): bool',
        (outer, text) => containsNetwork(network(outer), within(parseNetwork(text as string))),
        comparing(containsCidr, true),
      ),
    ],
    [],
    [ipType, cidrType],
  );
}

/** A text that is no address is to the real server an argument of the wrong type. */
function within<T extends Address>(parsed: T | string): T {
  if (typeof parsed === 'string') throw failure('no such overload');
  return parsed;
}
