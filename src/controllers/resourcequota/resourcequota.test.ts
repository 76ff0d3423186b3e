import { CONFIG_MAPS, defineResource, PODS, RESOURCE_QUOTAS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createResourceQuotaController } from './index.js';

let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit.clock.pending()).toBe(0);
});

const key = { namespace: 'default', name: 'q' };
const seedQuota = (hard: Record<string, string>, more: object = {}): unknown =>
  kit.client.seed(RESOURCE_QUOTAS, { metadata: key, spec: { hard, ...more }, status: {} });
const seedPod = (name: string, cpu?: string, phase = 'Running', namespace = 'default'): unknown =>
  kit.client.seed(PODS, {
    metadata: { namespace, name },
    spec: { containers: [{ name: 'a', resources: cpu === undefined ? {} : { requests: { cpu } } }] },
    status: { phase },
  });
const seedConfigMap = (name: string, namespace: string): unknown => kit.client.seed(CONFIG_MAPS, { metadata: { namespace, name } });
const status = async (): Promise<unknown> => (await kit.client.get(RESOURCE_QUOTAS, key)).status;
const writes = (): number => kit.client.requests.filter(({ verb }) => verb === 'update').length;

test('counts what is there, of its namespace and in its scopes, and writes nothing more', async () => {
  kit = createKit();
  seedQuota({ pods: '5', 'requests.cpu': '2', configmaps: '3' });
  seedConfigMap('a', 'other');
  seedPod('one', '300m');
  seedPod('two', '200m');
  seedPod('done', '1', 'Succeeded');
  seedPod('elsewhere', '1', 'Running', 'other');
  await kit.start(createResourceQuotaController);
  expect(await status()).toEqual({
    hard: { pods: '5', 'requests.cpu': '2', configmaps: '3' },
    used: { pods: '2', 'requests.cpu': '500m', configmaps: '0' },
  });
  const before = writes();
  await kit.run(700_000);
  expect(writes()).toBe(before);
});

test('follows deletions, pods that end and changes of what is limited', async () => {
  kit = createKit();
  seedQuota({ pods: '5' }, { scopes: ['NotBestEffort'] });
  seedPod('one', '300m');
  seedPod('two', '200m');
  seedPod('besteffort');
  await kit.start(createResourceQuotaController);
  expect(await status()).toMatchObject({ used: { pods: '2' } });
  await kit.client.delete(PODS, { namespace: 'default', name: 'one' });
  await kit.run();
  expect(await status()).toMatchObject({ used: { pods: '1' } });
  await kit.client.patch(PODS, { namespace: 'default', name: 'two' }, 'merge', { status: { phase: 'Failed' } }, { subresource: 'status' });
  await kit.run();
  expect(await status()).toMatchObject({ used: { pods: '0' } });
  await kit.client.patch(RESOURCE_QUOTAS, key, 'merge', { spec: { hard: { pods: '7', 'count/pods': '9' } } });
  await kit.run();
  expect(await status()).toEqual({ hard: { pods: '7', 'count/pods': '9' }, used: { pods: '0', 'count/pods': '1' } });
});

test('what counts a kind that nobody knows is left out, and counted once it is known', async () => {
  kit = createKit();
  seedConfigMap('a', 'other');
  seedQuota({ configmaps: '3', 'count/widgets.example.com': '1' });
  await kit.start(createResourceQuotaController);
  expect(await status()).toEqual({ hard: { configmaps: '3', 'count/widgets.example.com': '1' }, used: { configmaps: '0' } });
  const widgets = defineResource('example.com', 'v1', 'widgets', 'Widget', true);
  await kit.client.create(widgets, { metadata: { namespace: 'default', name: 'a' } });
  await kit.run(61_000);
  expect(await status()).toMatchObject({ used: { configmaps: '0', 'count/widgets.example.com': '1' } });
});

test('a status that has lost a charge is set right soon after the object has come', async () => {
  kit = createKit();
  seedConfigMap('a', 'other');
  seedQuota({ configmaps: '3' });
  await kit.start(createResourceQuotaController);
  await kit.client.create(CONFIG_MAPS, { metadata: { namespace: 'default', name: 'a' } });
  await kit.run(6000);
  expect(await status()).toMatchObject({ used: { configmaps: '1' } });
});

test('many quotas at once are counted, each by the kinds that discovery tells of meanwhile', async () => {
  kit = createKit();
  seedPod('one', '300m');
  for (let index = 0; index < 10; index++)
    kit.client.seed(RESOURCE_QUOTAS, { metadata: { namespace: 'default', name: `q${index}` }, spec: { hard: { pods: '5' } }, status: {} });
  await kit.start(createResourceQuotaController);
  const { items } = await kit.client.list(RESOURCE_QUOTAS);
  expect(items.map((quota) => quota.status?.used)).toEqual(Array.from({ length: 10 }, () => ({ pods: '1' })));
});
