import { NODES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node } from '../testing/objects.js';
import { createTtlController, ttlSeconds } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

test('larger clusters cache longer', () => {
  expect([0, 100, 101, 500, 1000, 2000, 2001].map(ttlSeconds)).toEqual([0, 0, 15, 15, 30, 60, 300]);
});

test('annotates nodes, and all of them again when the cluster grows past a step', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('first'));
  await kit.start(createTtlController);
  const ttl = async (): Promise<unknown> =>
    (await kit.client.get(NODES, { name: 'first' })).metadata.annotations?.['node.alpha.kubernetes.io/ttl'];
  expect(await ttl()).toBe('0');
  for (let i = 0; i < 100; i++) kit.client.seed(NODES, node(`n${i}`));
  await kit.run();
  expect(await ttl()).toBe('15');
});
