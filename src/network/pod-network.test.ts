// Pod addresses: ranges, sandboxes, and the ranges of nodes that were given none.
import { createAddressRange } from './address-range.js';
import { createPodNetwork, fallbackRange } from './pod-network.js';

test('a range gives every address but the network, the gateway and the broadcast', () => {
  const range = createAddressRange('10.244.3.8/29');
  expect([range.take(), range.take(), range.take(), range.take(), range.take(), range.take()]).toEqual([
    '10.244.3.10',
    '10.244.3.11',
    '10.244.3.12',
    '10.244.3.13',
    '10.244.3.14',
    undefined,
  ]);
  range.release('10.244.3.12');
  range.release('10.244.3.12');
  range.release('1.2.3.4');
  expect([range.take(), range.take()]).toEqual(['10.244.3.12', undefined]);
});

test('an address comes again only after all others', () => {
  const range = createAddressRange('10.0.0.0/24');
  range.release(range.take()!);
  expect(range.take()).toBe('10.0.0.3');
});

test('ranges may be IPv6, large, or begin within', () => {
  const six = createAddressRange('fd00:10:244:1::/64');
  for (let i = 0; i < 300; i++) six.take();
  expect(six.take()).toBe('fd00:10:244:1::12e');
  expect(createAddressRange('10.244.1.77/16').take()).toBe('10.244.0.2');
  expect(() => createAddressRange('10.244.0.0')).toThrow();
});

test('a sandbox has one address of each range, and gives them back', async () => {
  const network = createPodNetwork();
  await expect(network.add('a')).rejects.toThrow('no range');
  network.setRanges(['10.244.0.0/30', 'fd00::/64']);
  expect(await network.add('a')).toEqual(['10.244.0.2', 'fd00::2']);
  await expect(network.add('b')).rejects.toThrow('no IP addresses available');
  await network.remove('a');
  await network.remove('a');
  expect(await network.add('b')).toEqual(['10.244.0.2', 'fd00::3']);
  // Addresses of an old range are given back to it.
  network.setRanges(['10.9.0.0/24']);
  expect(await network.add('b')).toEqual(['10.9.0.2']);
});

test('ten thousand nodes have fallback ranges of their own', () => {
  const ranges = Array.from({ length: 10_000 }, (_, index) => fallbackRange(index));
  expect(new Set(ranges).size).toBe(10_000);
  expect([ranges[0], ranges[255], ranges[256]]).toEqual(['10.244.0.0/24', '10.244.255.0/24', '10.129.0.0/24']);
});
