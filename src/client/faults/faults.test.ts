import { ApiError } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { createInformer } from '../informer/informer.js';
import { CONFIG_MAPS, PODS } from '../resources.js';
import { createMemoryClient } from '../testing/memory-client.js';
import { createFaultyClient } from './faults.js';

function setUp() {
  const clock = manualClock();
  const random = seededRandom(5);
  const memory = createMemoryClient({ clock });
  return { clock, random, memory, client: createFaultyClient({ client: memory, clock, random }) };
}
const draft = (name: string) => ({ metadata: { name, namespace: 'default' } });
const broken = new ApiError(503, 'ServiceUnavailable', 'broken');

test('a rule takes what it matches, as often as it says', async () => {
  const { client } = setUp();
  client.addRule({ verbs: ['create'], resources: ['configmaps'], error: broken, times: 1 });
  await expect(client.create(CONFIG_MAPS, draft('a'))).rejects.toBe(broken);
  await expect(client.create(PODS, draft('a'))).resolves.toBeDefined();
  await expect(client.create(CONFIG_MAPS, draft('a'))).resolves.toBeDefined();
});

test('an error afterwards: the write happened', async () => {
  const { client, memory } = setUp();
  const remove = client.addRule({ afterwards: true, error: broken });
  await expect(client.create(CONFIG_MAPS, draft('a'))).rejects.toBe(broken);
  remove();
  await expect(memory.get(CONFIG_MAPS, { namespace: 'default', name: 'a' })).resolves.toBeDefined();
});

test('latency is waited on the clock', async () => {
  const { client, clock } = setUp();
  client.addRule({ latency: 500 });
  let done = false;
  const request = client.create(CONFIG_MAPS, draft('a')).then(() => (done = true));
  await clock.advance(499);
  expect(done).toBe(false);
  await clock.advance(1);
  await request;
});

test('probability takes a share', async () => {
  const { client } = setUp();
  client.addRule({ probability: 0.5, error: broken });
  let failed = 0;
  for (let i = 0; i < 200; i++) await client.create(CONFIG_MAPS, draft(`c${i}`)).catch(() => failed++);
  expect(failed).toBeGreaterThan(70);
  expect(failed).toBeLessThan(130);
});

test('an informer lives through cut and failing watches', async () => {
  const { client, clock, random } = setUp();
  client.addRule({ verbs: ['watch'], probability: 0.5, error: broken, times: 20 });
  client.addRule({ verbs: ['watch'], cutAfter: 300 });
  const informer = createInformer({ client, type: CONFIG_MAPS, clock, random });
  informer.start();
  for (let i = 0; i < 20; i++) {
    await client.create(CONFIG_MAPS, draft(`c${i}`));
    await clock.advance(700);
    client.cutWatches();
  }
  await clock.advance(60_000);
  expect(informer.store.size).toBe(20);
  informer.stop();
  expect(clock.pending()).toBe(0);
});

test('every request is told of, those that fail as well', async () => {
  const { clock, random, memory } = setUp();
  const seen: string[] = [];
  const client = createFaultyClient({
    client: memory,
    clock,
    random,
    rules: [{ verbs: ['get'], error: broken }],
    onRequest: ({ verb, resource, name }) => void seen.push(`${verb} ${resource} ${name}`),
  });
  await client.create(CONFIG_MAPS, draft('a'));
  await expect(client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' })).rejects.toBe(broken);
  expect(seen).toEqual(['create configmaps a', 'get configmaps a']);
});
