// The ranges that cluster addresses come from. https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
import ipaddr from 'ipaddr.js';
import type { ServiceCIDR } from '../../../openapi/types/networking.v1.js';

/** The addresses of one CIDR that may be given out: not the network's own, and not the last one, which is the broadcast address. */
export interface AddressRange {
  readonly cidr: string;
  readonly first: number;
  readonly size: number;
  /** How many at the beginning are for who asks for one by name. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/ */
  readonly band: number;
}

/** The range of an IPv4 CIDR; undefined for other text. */
export function rangeOf(cidr: string): AddressRange | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const all = 2 ** (32 - bits);
  const base = numberOf(address.toString())!;
  const size = Math.max(all - 2, 0);
  return { cidr, first: base - (base % all) + 1, size, band: size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256) };
}

export function contains({ first, size }: AddressRange, address: number): boolean {
  return address >= first && address < first + size;
}

/** The IPv4 ranges of a ServiceCIDR that new addresses may come from: of one that is not going and not said to be unready. */
export function usableRanges(object: ServiceCIDR): readonly AddressRange[] {
  if (object.metadata.deletionTimestamp !== undefined) return [];
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready !== undefined && ready.status !== 'True') return [];
  return rangesOf(object);
}

/** The IPv4 ranges of a ServiceCIDR in whatever state. */
export function rangesOf({ spec }: ServiceCIDR): readonly AddressRange[] {
  return (spec?.cidrs ?? []).flatMap((cidr) => rangeOf(cidr) ?? []);
}

/** An IPv4 address as a number; undefined for other text. */
export function numberOf(text: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
