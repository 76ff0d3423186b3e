// Cluster addresses and node ports: given out once each. An address is taken by the IPAddress object of its name, so that every server of a
// store sees it. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import type { IPAddress, ServiceCIDR } from '../../../openapi/types/networking.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { IP_ADDRESSES } from '../../client/resources.js';
import type { Random } from '../../clock/random.js';
import type { AddressOwner, ServiceAllocator } from '../../registry/kind.js';
import { addressOf, contains, numberOf, rangesOf, usableRanges, type AddressRange } from './cidrs.js';
import { createNodePorts } from './node-ports.js';
import { pickFree } from './pick.js';

export const managedBy = 'ipaddress.kubernetes.io/managed-by';
export const allocatorName = 'ipallocator.k8s.io';
const familyLabel = 'ipaddress.kubernetes.io/ip-family';

export interface AllocatorOptions {
  /** First and last. */
  readonly nodePorts: readonly [number, number];
  readonly random: Random;
  /** Writes IPAddress objects, as the API server itself. */
  client(): Client;
  /** The ServiceCIDRs of now, oldest first. */
  serviceCidrs(): Promise<readonly ServiceCIDR[]>;
  /** Whether an IPAddress object of this name is known: may lag behind the store. */
  isTaken(address: string): Promise<boolean> | boolean;
}

export interface Allocator extends ServiceAllocator {
  /** Marks the node ports that a stored service holds, when a server starts on a store that is not empty. */
  adopt(ports: readonly number[]): void;
}

/** The IPAddress that holds an address for a service. */
export function ipAddressFor(address: string, { namespace, name }: AddressOwner): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: address, labels: { [familyLabel]: address.includes(':') ? 'IPv6' : 'IPv4', [managedBy]: allocatorName } },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  } as unknown as IPAddress;
}

/** So often another address is tried at random before the range is searched for one that is free. */
const guesses = 8;

export function createAllocator(options: AllocatorOptions): Allocator {
  const { nodePorts, random } = options;
  const client = (): Client => options.client();
  const isTaken = (address: string): Promise<boolean> | boolean => options.isTaken(address);
  const serviceCidrs = (): Promise<readonly ServiceCIDR[]> => options.serviceCidrs();
  const ports = createNodePorts(nodePorts, random);

  const ranges = async (): Promise<readonly AddressRange[]> => (await serviceCidrs()).flatMap(usableRanges);

  /** Writes the object; false when another service has the address. */
  const claim = async (address: string, owner: AddressOwner): Promise<boolean> => {
    try {
      await client().create(IP_ADDRESSES, ipAddressFor(address, owner));
      return true;
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return false;
      throw error;
    }
  };

  const claimFree = async (range: AddressRange, owner: AddressOwner): Promise<string | undefined> => {
    const { first, size, band } = range;
    for (let i = 0; i < guesses; i++) {
      const guess = pickFree(() => true, first, size, band, random);
      if (guess === undefined) return undefined;
      const address = addressOf(guess);
      if (!(await isTaken(address)) && (await claim(address, owner))) return address;
    }
    // The range is full or nearly so: each address once, from above the band first.
    const start = Math.floor(random.next() * (size - band));
    for (let i = 0; i < size; i++) {
      const above = i < size - band;
      const address = addressOf(above ? first + band + ((start + i) % (size - band)) : first + i - (size - band));
      if (!(await isTaken(address)) && (await claim(address, owner))) return address;
    }
    return undefined;
  };

  return {
    takeAddress: async (asked, owner, dryRun = false) => {
      const all = await ranges();
      if (asked === undefined) {
        for (const range of all) {
          const address = dryRun ? dryAddress(range) : await claimFree(range, owner);
          if (address !== undefined) return address;
        }
        return undefined;
      }
      const number = numberOf(asked);
      if (number === undefined || !all.some((range) => contains(range, number))) return undefined;
      // A dry run does not look who has the address.
      return dryRun || (await claim(asked, owner)) ? asked : undefined;
    },
    releaseAddress: async (address) => {
      const number = numberOf(address);
      const all = (await serviceCidrs()).flatMap(rangesOf);
      // What no range has any more is left to the repair.
      if (number === undefined || !all.some((range) => contains(range, number))) return;
      await client()
        .delete(IP_ADDRESSES, { name: address })
        .catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error;
        });
    },
    addressProblem: async (address, dryRun = false) => {
      const all = await ranges();
      const number = numberOf(address);
      if (number !== undefined && all.some((range) => contains(range, number))) return 'provided IP is already allocated';
      return dryRun && all[0] !== undefined
        ? `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${all[0].cidr}`
        : 'the provided network does not match the current range';
    },
    takeNodePort: (port) => ports.take(port),
    releaseNodePort: (port) => ports.release(port),
    nodePortProblem: (port) => ports.problem(port),
    adopt: (held) => held.forEach((port) => ports.adopt(port)),
  };
}

/** What a dry run answers: the network's own address, which no service ever gets. */
function dryAddress({ first }: AddressRange): string {
  return addressOf(first - 1);
}
