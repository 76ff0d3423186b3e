import type { ServiceCIDR } from '../../../openapi/types/networking.v1.js';
import { alreadyExists, notFound } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { seededRandom } from '../../clock/random.js';
import { createAllocator, type Allocator } from './allocator.js';

const owner = { namespace: 'default', name: 's' };

function cidr(cidrs: readonly string[], more: object = {}): ServiceCIDR {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'c' },
    spec: { cidrs },
    ...more,
  } as unknown as ServiceCIDR;
}

/** An allocator over a client that keeps the names of IPAddress objects. */
function make(...cidrs: readonly ServiceCIDR[]): Allocator & { readonly objects: Set<string> } {
  const objects = new Set<string>();
  const client = {
    create: async (type: never, draft: { metadata: { name: string } }) => {
      const { name } = draft.metadata;
      if (objects.has(name)) throw alreadyExists(type, name);
      objects.add(name);
    },
    delete: async (type: never, { name }: { name: string }) => {
      if (!objects.delete(name)) throw notFound(type, name);
    },
  } as unknown as Client;
  const allocator = createAllocator({
    nodePorts: [30000, 30002],
    random: seededRandom(1),
    client: () => client,
    serviceCidrs: async () => cidrs,
    isTaken: (address) => objects.has(address),
  });
  return { ...allocator, objects };
}

it('gives out every address of the range once, but for the network and the broadcast address', async () => {
  const allocator = make(cidr(['10.96.0.0/29']));
  const taken: unknown[] = [];
  for (let i = 0; i < 6; i++) taken.push(await allocator.takeAddress(undefined, owner));
  expect([...taken].sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.96.0.${last}`));
  expect(await allocator.takeAddress(undefined, owner)).toBeUndefined();
  await allocator.releaseAddress('10.96.0.3');
  expect(await allocator.takeAddress(undefined, owner)).toBe('10.96.0.3');
});

it('takes an address that is asked for, when it is free and in the range', async () => {
  const allocator = make(cidr(['10.96.0.0/12']));
  expect(await allocator.takeAddress('10.96.0.1', owner)).toBe('10.96.0.1');
  expect(await allocator.takeAddress('10.96.0.1', owner)).toBeUndefined();
  expect(await allocator.addressProblem?.('10.96.0.1')).toBe('provided IP is already allocated');
  expect(await allocator.takeAddress('10.95.0.1', owner)).toBeUndefined();
  expect(await allocator.addressProblem?.('10.95.0.1')).toBe('the provided network does not match the current range');
  for (const odd of ['', '1', '10.96.0', '::1', '10.96.0.1/32']) expect(await allocator.takeAddress(odd, owner)).toBeUndefined();
});

it('takes nothing in a dry run, which only looks at the range', async () => {
  const allocator = make(cidr(['10.96.0.0/12']));
  await allocator.takeAddress('10.96.0.9', owner);
  expect(await allocator.takeAddress('10.96.0.9', owner, true)).toBe('10.96.0.9');
  expect(await allocator.takeAddress(undefined, owner, true)).toBe('10.96.0.0');
  expect(await allocator.takeAddress('10.95.0.9', owner, true)).toBeUndefined();
  expect([...allocator.objects]).toEqual(['10.96.0.9']);
});

it('leaves the lower band to those who ask for an address by name', async () => {
  const allocator = make(cidr(['10.96.0.0/24']));
  for (let i = 0; i < 200; i++) {
    const address = await allocator.takeAddress(undefined, owner);
    expect(Number(address!.split('.')[3])).toBeGreaterThan(16);
  }
});

it('uses further ranges once they are there, and not those that are going or not ready', async () => {
  const ready = (status: string): object => ({ status: { conditions: [{ type: 'Ready', status }] } });
  const going = { metadata: { name: 'g', deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const allocator = make(
    cidr(['10.1.0.0/30']),
    cidr(['10.2.0.0/30', '2001:db8::/64'], ready('True')),
    cidr(['10.3.0.0/30'], ready('False')),
    cidr(['10.4.0.0/30'], going),
  );
  const taken: unknown[] = [];
  for (let i = 0; i < 5; i++) taken.push(await allocator.takeAddress(undefined, owner));
  expect([taken.slice(0, 2).sort(), taken.slice(2, 4).sort(), taken[4]]).toEqual([
    ['10.1.0.1', '10.1.0.2'],
    ['10.2.0.1', '10.2.0.2'],
    undefined,
  ]);
  expect(await allocator.takeAddress('10.3.0.1', owner)).toBeUndefined();
  expect(await allocator.takeAddress('10.4.0.1', owner)).toBeUndefined();
});

it('gives out node ports of the range once', () => {
  const allocator = make();
  expect([allocator.takeNodePort(undefined), allocator.takeNodePort(undefined), allocator.takeNodePort(undefined)].sort()).toEqual([
    30000, 30001, 30002,
  ]);
  expect(allocator.takeNodePort(undefined)).toBeUndefined();
  allocator.releaseNodePort(30001);
  expect(allocator.takeNodePort(30001)).toBe(30001);
  expect(allocator.takeNodePort(29999)).toBeUndefined();
});

it('knows what ports stored services hold', () => {
  const allocator = make();
  allocator.adopt([30000]);
  expect(allocator.takeNodePort(30000)).toBeUndefined();
});
