// An API that fails now and then, answers that get lost, watches that are cut, a scheduler that starts anew: every pod gets its node in the
// end, none gets two, no node gets more than it has, and what pods ask of each other holds.
import { internalError } from '../apimachinery/errors/api-error.js';
import { createFaultyClient } from '../client/faults/faults.js';
import { createInformerFactory } from '../client/informer/factory.js';
import { NODES, PODS } from '../client/resources.js';
import { createMemoryClient } from '../client/testing/memory-client.js';
import { manualClock } from '../clock/manual-clock.js';
import { seededRandom } from '../clock/random.js';
import { createScheduler } from './scheduler.js';
import { nodeOf, podOf } from './testing/world.js';

const nodes = 6;
const groups = 5;
const perGroup = 4;

test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
  const clock = manualClock();
  const random = seededRandom(seed);
  const chance = (share: number): boolean => random.next() < share;
  const bindings = new Map<string, number>();
  const memory = createMemoryClient({ clock });
  const client = createFaultyClient({
    client: memory,
    clock,
    random,
    rules: [
      { verbs: ['create', 'patch', 'delete'], resources: ['pods'], probability: 0.2, error: internalError('no') },
      { verbs: ['create', 'patch'], resources: ['pods'], probability: 0.15, afterwards: true },
      { verbs: ['create'], resources: ['pods'], subresource: 'binding', probability: 0.2, latency: 700 },
      { verbs: ['watch'], probability: 0.3, cutAfter: 900 },
    ],
  });
  const start = () => {
    const informers = createInformerFactory({ client, clock, random });
    const scheduler = createScheduler({ client, informers, clock, random });
    scheduler.start();
    informers.start();
    return async () => {
      let ended = false;
      const ending = scheduler.stop().then(() => (ended = true));
      while (!ended) await clock.advance(100);
      await ending;
      informers.stop();
    };
  };
  for (let i = 0; i < nodes; i++) memory.seed(NODES, nodeOf(`n${i}`));
  let stop = start();
  for (let i = 0; i < groups * perGroup; i++) {
    const app = `g${i % groups}`;
    const term = { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    memory.seed(PODS, podOf(`p${i}`, { labels: { app }, requests: { cpu: '1' }, spec: { affinity } }));
    if (chance(0.3)) client.cutWatches();
    await clock.advance(Math.floor(random.next() * 500));
    if (chance(0.15)) {
      await stop();
      stop = start();
    }
  }
  await clock.advance(20_000);
  client.clearRules();
  await clock.advance(6 * 60_000);

  const { items } = await memory.list(PODS, { namespace: 't' });
  const byNode = new Map<string, string[]>();
  for (const { spec, metadata } of items) {
    const node = spec.nodeName ?? 'nowhere';
    byNode.set(node, [...(byNode.get(node) ?? []), metadata.labels!['app']!]);
  }
  expect(items).toHaveLength(groups * perGroup);
  expect(byNode.has('nowhere')).toBe(false);
  for (const apps of byNode.values()) {
    expect(apps.length).toBeLessThanOrEqual(4);
    expect(new Set(apps).size).toBe(apps.length);
  }
  for (const { verb, subresource, name = '' } of memory.requests) {
    if (verb === 'create' && subresource === 'binding') bindings.set(name, (bindings.get(name) ?? 0) + 1);
  }
  expect([...bindings.keys()].sort()).toEqual(items.map(({ metadata }) => metadata.name).sort());
  await stop();
  expect(clock.pending()).toBe(0);
});
