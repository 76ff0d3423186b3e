// The addresses that services of type LoadBalancer may have, and which are taken.
import ipaddr from 'ipaddr.js';

export type Family = 'IPv4' | 'IPv6';

interface Range {
  readonly family: Family;
  /** The first address that may be given out, as a number. */
  readonly first: bigint;
  readonly last: bigint;
}

export interface AddressPool {
  /** The owner's address of this family: the one asked for, the one it has, or the lowest free one. Throws an Error that says why there is none. */
  take(owner: string, family: Family, asked?: string): string;
  /** Takes note of an address that the owner has; false when it is another's or of no range of the pool. */
  adopt(owner: string, address: string): boolean;
  /** Gives all addresses of the owner back. */
  release(owner: string): void;
}

/**
 * @param cidrs `203.0.113.0/24`, `2001:db8::/112`; of a range with more than two addresses the first (and in IPv4 the last) is not given out
 * Throws RangeError for what is no CIDR.
 */
export function createAddressPool(cidrs: readonly string[]): AddressPool {
  const ranges = cidrs.map(rangeOf);
  const owners = new Map<string, string>();
  /** Where to look first in each range: below it all are taken. */
  const next = ranges.map(({ first }) => first);
  const holds = (address: string): boolean => {
    const family = familyOf(address);
    const number = family === undefined ? 0n : numberOf(address);
    return ranges.some((range) => range.family === family && number >= range.first && number <= range.last);
  };
  const adopt = (owner: string, address: string): boolean => {
    if (familyOf(address) === undefined) return false;
    const known = canonical(address);
    const holder = owners.get(known);
    if (!holds(known) || (holder !== undefined && holder !== owner)) return false;
    owners.set(known, owner);
    return true;
  };
  return {
    adopt,
    take(owner, family, asked) {
      if (asked !== undefined) {
        if (adopt(owner, asked)) return canonical(asked);
        throw new Error(
          familyOf(asked) !== undefined && holds(canonical(asked))
            ? `the address ${asked} belongs to another service`
            : `the address ${asked} is not in the pool ${cidrs.join(', ')}`,
        );
      }
      for (const [address, holder] of owners) if (holder === owner && familyOf(address) === family) return address;
      for (const [index, range] of ranges.entries()) {
        if (range.family !== family) continue;
        for (let number = next[index]!; number <= range.last; number++) {
          const address = textOf(number, family);
          next[index] = number + 1n;
          if (owners.has(address)) continue;
          owners.set(address, owner);
          return address;
        }
      }
      throw new Error(`no free ${family} address is left in the pool ${cidrs.join(', ')}`);
    },
    release(owner) {
      for (const [address, holder] of owners) {
        if (holder !== owner) continue;
        owners.delete(address);
        const number = numberOf(address);
        const index = ranges.findIndex(({ family, first, last }) => family === familyOf(address) && number >= first && number <= last);
        if (index >= 0 && number < next[index]!) next[index] = number;
      }
    },
  };
}

function rangeOf(cidr: string): Range {
  if (!ipaddr.isValidCIDR(cidr)) throw new RangeError(`${JSON.stringify(cidr)} is no CIDR, such as 203.0.113.0/24`);
  const [address, length] = ipaddr.parseCIDR(cidr);
  const family = address.kind() === 'ipv4' ? 'IPv4' : 'IPv6';
  const bits = BigInt((family === 'IPv4' ? 32 : 128) - length);
  const start = (numberOf(address.toString()) >> bits) << bits;
  const end = start + (1n << bits) - 1n;
  // The first and the last address of a network are no host's.
  return { family, first: bits > 1n ? start + 1n : start, last: bits > 1n && family === 'IPv4' ? end - 1n : end };
}

function familyOf(address: string): Family | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return 'IPv4';
  return ipaddr.IPv6.isValid(address) ? 'IPv6' : undefined;
}

function canonical(address: string): string {
  return ipaddr.parse(address).toString();
}

function numberOf(address: string): bigint {
  return ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function textOf(number: bigint, family: Family): string {
  const length = family === 'IPv4' ? 4 : 16;
  const bytes = Array.from({ length }, (_, index) => Number((number >> BigInt(8 * (length - 1 - index))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}
