// The search for a node: how far it goes, where it begins, and in what order.
import { defaultConfiguration } from '../profile/configuration.js';
import { createProfile } from '../profile/profile.js';
import { createWorld, nodeOf } from '../testing/world.js';
import { createCycle, enoughNodes } from './cycle.js';
import { MutableNodeInfo } from './node-info.js';
import { arrangeByZone } from './node-order.js';
import { createResourceReader } from './resources.js';

// The figures that the documentation names: https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/
test.each([
  [50, 0, 50],
  [99, 10, 99],
  [100, 0, 100],
  [1000, 0, 420],
  [1000, 30, 300],
  [1000, 5, 100],
  [5000, 0, 500],
  [6000, 0, 300],
  [5000, 100, 5000],
])('of %d nodes at %d %%, %d are enough', (all, percentage, expected) => {
  expect(enoughNodes(all, percentage)).toBe(expected);
});

test('nodes of all zones in turn', () => {
  const reader = createResourceReader();
  const nodes = ['a', 'a', 'a', 'b', 'c', 'b', ''].map((zone, index) => {
    const info = new MutableNodeInfo(`n${index}`);
    info.read(nodeOf(info.name, zone === '' ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }), reader);
    return info;
  });
  expect(arrangeByZone(nodes).map(({ name }) => name)).toEqual(['n0', 'n3', 'n4', 'n6', 'n1', 'n5', 'n2']);
});

test('the search ends when enough nodes do, and the next one goes on from there', async () => {
  const world = createWorld();
  for (let i = 0; i < 1000; i++) world.node(`n${i}`);
  await world.start();
  const asked: string[] = [];
  const counting = {
    name: 'Counting',
    preFilter: () => ({ filter: ({ name }: { readonly name: string }) => void asked.push(name) }),
  };
  const profile = createProfile(defaultConfiguration.profiles[0]!, world.handle);
  const watched = { ...profile, checks: [counting], filters: new Set(['Counting']) };
  const cycle = createCycle(world.cache, world.nominations);
  for (let i = 0; i < 5; i++) cycle.run(world.info(`p${i}`), watched);
  expect(asked).toHaveLength(5 * 420);
  expect(asked.slice(420, 422)).toEqual(['n420', 'n421']);
  expect(asked[1000]).toBe('n0');
  world.stop();
});
