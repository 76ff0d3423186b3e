import { seededRandom } from '../../clock/random.js';
import { createAllocator } from './allocator.js';

const make = (serviceCidr = '10.96.0.0/29') => createAllocator({ serviceCidr, nodePorts: [30000, 30002], random: seededRandom(1) });

it('gives out every address of the range once, but for the network and the broadcast address', () => {
  const allocator = make();
  const taken = Array.from({ length: 6 }, () => allocator.takeAddress(undefined));
  expect([...taken].sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.96.0.${last}`));
  expect(allocator.takeAddress(undefined)).toBeUndefined();
  allocator.releaseAddress('10.96.0.3');
  expect(allocator.takeAddress(undefined)).toBe('10.96.0.3');
});

it('takes an address that is asked for, when it is free and in the range', () => {
  const allocator = make('10.96.0.0/12');
  expect(allocator.takeAddress('10.96.0.1')).toBe('10.96.0.1');
  expect(allocator.takeAddress('10.96.0.1')).toBeUndefined();
  expect(allocator.addressProblem?.('10.96.0.1')).toBe('provided IP is already allocated');
  expect(allocator.takeAddress('10.95.0.1')).toBeUndefined();
  expect(allocator.addressProblem?.('10.95.0.1')).toBe('the provided network does not match the current range');
  for (const odd of ['', '1', '10.96.0', '::1', '10.96.0.1/32']) expect(allocator.takeAddress(odd)).toBeUndefined();
});

it('leaves the lower band to those who ask for an address by name', () => {
  const allocator = make('10.96.0.0/24');
  for (let i = 0; i < 200; i++) expect(Number(allocator.takeAddress(undefined)!.split('.')[3])).toBeGreaterThan(16);
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

it('knows what stored services hold', () => {
  const allocator = make();
  allocator.adopt(['10.96.0.2', 'None'], [30000]);
  expect(allocator.takeAddress('10.96.0.2')).toBeUndefined();
  expect(allocator.takeNodePort(30000)).toBeUndefined();
});
