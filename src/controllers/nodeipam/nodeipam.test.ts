import { NODES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node } from '../testing/objects.js';
import { createCidrSet } from './cidr-set.js';
import { createNodeIpamController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

test('gives ranges once, marks those in use, and ends when they are all taken', () => {
  const cidrs = createCidrSet('10.244.0.0/22', 24);
  cidrs.mark('10.244.1.0/24');
  cidrs.mark('192.168.0.0/24');
  cidrs.mark('fd00::/64');
  expect([cidrs.take(), cidrs.take(), cidrs.take(), cidrs.take()]).toEqual(['10.244.0.0/24', '10.244.2.0/24', '10.244.3.0/24', undefined]);
  cidrs.release('10.244.2.0/24');
  expect(cidrs.take()).toBe('10.244.2.0/24');
});

test('gives each node a range of its own and takes it back', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('b', 'True', { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] } }));
  await kit.start(createNodeIpamController);
  for (const name of ['a', 'c']) kit.client.seed(NODES, node(name));
  await kit.run();
  const ranges = async (): Promise<unknown> =>
    Object.fromEntries((await kit.client.list(NODES)).items.map(({ metadata, spec }) => [metadata.name, spec.podCIDRs]));
  expect(await ranges()).toEqual({ a: ['10.244.1.0/24'], b: ['10.244.0.0/24'], c: ['10.244.2.0/24'] });
  expect((await kit.client.get(NODES, { name: 'a' })).spec.podCIDR).toBe('10.244.1.0/24');
});

test('more nodes than the usual range has room for have ranges too', async () => {
  kit = createKit();
  await kit.start(createNodeIpamController);
  for (let i = 0; i < 300; i++) kit.client.seed(NODES, node(`n${i}`));
  await kit.run();
  const ranges = (await kit.client.list(NODES)).items.map(({ spec }) => spec.podCIDR ?? '');
  expect(new Set(ranges).size).toBe(300);
  expect(ranges.filter((range) => range.startsWith('10.244.'))).toHaveLength(256);
  expect(ranges.filter((range) => range.startsWith('10.128.'))).toHaveLength(44);
});
