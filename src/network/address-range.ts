// Hands out the addresses of one CIDR.
import ipaddr from 'ipaddr.js';

/** At most so many addresses of a range are used: enough for any node, and IPv6 ranges are vast. */
const most = 65_536;

export interface AddressRange {
  /** The next free address; undefined when all are taken. An address comes again only after all others, as CNI's host-local does. */
  take(): string | undefined;
  /** Gives an address back; one that is not taken is ignored. */
  release(address: string): void;
}

/**
 * The addresses of an IPv4 or IPv6 CIDR, without the network's own, the first (the gateway) and, in IPv4, the last (broadcast).
 * Throws an Error when the text is no CIDR.
 */
export function createAddressRange(cidr: string): AddressRange {
  const [base, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = base.toByteArray();
  const hostBits = bytes.length * 8 - prefix;
  const size = Math.min(2 ** hostBits, most);
  const network = bytes.map((byte, index) => byte & (0xff << Math.min(8, Math.max(0, hostBits - (bytes.length - 1 - index) * 8))) & 0xff);
  const taken = new Map<string, number>();
  const used = new Set<number>();
  const last = bytes.length === 4 ? size - 2 : size - 1;
  let next = 2;

  const addressAt = (offset: number): string => {
    const address = [...network];
    let rest = offset;
    for (let index = address.length - 1; rest > 0; index--) {
      rest += address[index]!;
      address[index] = rest & 0xff;
      rest >>>= 8;
    }
    return ipaddr.fromByteArray(address).toString();
  };

  return {
    take() {
      for (let tried = 2; tried <= last; tried++) {
        const offset = next > last ? 2 : next;
        next = offset + 1;
        if (used.has(offset)) continue;
        const address = addressAt(offset);
        used.add(offset);
        taken.set(address, offset);
        return address;
      }
      return undefined;
    },
    release(address) {
      const offset = taken.get(address);
      if (offset === undefined) return;
      taken.delete(address);
      used.delete(offset);
    },
  };
}
