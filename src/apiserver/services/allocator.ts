// Cluster addresses and node ports: given out once each. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import ipaddr from 'ipaddr.js';
import type { Random } from '../../clock/random.js';
import type { ServiceAllocator } from '../../registry/kind.js';

export interface AllocatorOptions {
  /** IPv4, such as `10.96.0.0/12`. */
  readonly serviceCidr: string;
  /** First and last. */
  readonly nodePorts: readonly [number, number];
  readonly random: Random;
}

/** The network's own address is never given out; nor is the last one, which is the broadcast address. */
interface Range {
  readonly first: number;
  readonly size: number;
}

export interface Allocator extends ServiceAllocator {
  /** Marks what a stored service holds, when a server starts on a store that is not empty. Taken twice is no error. */
  adopt(addresses: readonly string[], ports: readonly number[]): void;
}

/** Addresses below this offset are for who asks for one by name; dynamic ones come from above while there are any. */
function staticBand(size: number): number {
  return size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
}

export function createAllocator({ serviceCidr, nodePorts, random }: AllocatorOptions): Allocator {
  const range = rangeOf(serviceCidr);
  const [firstPort, lastPort] = nodePorts;
  const addresses = new Set<number>();
  const ports = new Set<number>();

  const freeAddress = (): number | undefined => {
    const band = staticBand(range.size);
    return pick(addresses, range.first + band, range.size - band, random) ?? pick(addresses, range.first, band, random);
  };
  return {
    takeAddress: (asked) => {
      const address = asked === undefined ? freeAddress() : numberOf(asked);
      if (address === undefined || address < range.first || address >= range.first + range.size || addresses.has(address)) return undefined;
      addresses.add(address);
      return textOf(address);
    },
    releaseAddress: (text) => {
      const address = numberOf(text);
      if (address !== undefined) addresses.delete(address);
    },
    takeNodePort: (asked) => {
      const port = asked ?? pick(ports, firstPort, lastPort - firstPort + 1, random);
      if (port === undefined || port < firstPort || port > lastPort || ports.has(port)) return undefined;
      ports.add(port);
      return port;
    },
    releaseNodePort: (port) => void ports.delete(port),
    addressProblem: (text) => {
      const address = numberOf(text);
      const inRange = address !== undefined && address >= range.first && address < range.first + range.size;
      return inRange ? 'provided IP is already allocated' : 'the provided network does not match the current range';
    },
    nodePortProblem: (port) =>
      port < firstPort || port > lastPort
        ? `provided port is not in the valid range. The range of valid ports is ${firstPort}-${lastPort}`
        : 'provided port is already allocated',
    adopt: (held, heldPorts) => {
      for (const text of held) {
        const address = numberOf(text);
        if (address !== undefined) addresses.add(address);
      }
      for (const port of heldPorts) ports.add(port);
    },
  };
}

/** A free number of the range: at random, then the next one that is free. */
function pick(taken: ReadonlySet<number>, first: number, size: number, random: Random): number | undefined {
  const start = Math.floor(random.next() * size);
  for (let i = 0; i < size; i++) {
    const candidate = first + ((start + i) % size);
    if (!taken.has(candidate)) return candidate;
  }
  return undefined;
}

function rangeOf(cidr: string): Range {
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const size = 2 ** (32 - bits);
  const base = numberOf(address.toString())!;
  return { first: base - (base % size) + 1, size: size - 2 };
}

function numberOf(text: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
