// Alternatives and where they are, pools, limits. Scores and sentences are those of a real kube-scheduler v1.36.3.
import type { NodeInfo } from '../framework.js';
import { dynamicResources } from './dynamic-resources.js';
import { RESOURCE_CLAIMS, RESOURCE_SLICES, DEVICE_CLASSES } from '../../client/resources.js';
import { driver, exactly, setUpDevices } from '../testing/devices.js';
import { createWorld } from '../testing/world.js';

const model = (name: string, value: string) => ({ name, attributes: { model: { string: value } } });
const wants = (value: string) => ({
  name: value,
  deviceClassName: 'gpu',
  selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "${value}"` } }],
});
const wantsAny = (name: string) => ({ name, deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 });
const firstOf = (name: string, ...models: string[]) => ({ name, firstAvailable: models.map(wants) });

test('nodes with the alternatives that are liked better get better scores', async () => {
  const world = createWorld();
  for (const name of ['n0', 'n1', 'n2']) world.node(name);
  world.seed(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: {} });
  const offers = { n0: ['a', 'c'], n1: ['b', 'b'], n2: ['c', 'c'] };
  for (const [node, models] of Object.entries(offers))
    world.seed(RESOURCE_SLICES, {
      metadata: { name: node },
      spec: {
        driver,
        nodeName: node,
        pool: { name: node, generation: 1, resourceSliceCount: 1 },
        devices: models.map((value, index) => model(`d${index}`, value)),
      },
    });
  world.seed(RESOURCE_CLAIMS, {
    metadata: { name: 'a', namespace: 't' },
    spec: { devices: { requests: [firstOf('r', 'a', 'b', 'c'), firstOf('q', 'c', 'b')] } },
  });
  await world.start();
  const plugin = dynamicResources(world.handle, {});
  await world.settle();
  const pod = world.info('p', { spec: { resourceClaims: [{ name: 'a', resourceClaimName: 'a' }] } });
  const check = plugin.preFilter!(pod);
  if (check === undefined || 'rejected' in check) throw new Error('the plugin should look at the nodes');
  const nodes: readonly NodeInfo[] = world.cache.nodes;
  expect(nodes.map((node) => check.filter(node))).toEqual([undefined, undefined, undefined]);
  const scorer = plugin.preScore!(pod, nodes)!;
  const scores = nodes.map((node) => scorer.score(node));
  expect(scores).toEqual([16, 14, 14]);
  scorer.normalize!(scores, nodes);
  expect(scores).toEqual([100, 87, 87]);
  world.stop();
});

test('configuration for an alternative that was not taken is left out', async () => {
  const { slice, claim, using, claimOf, start, stop } = setUpDevices();
  slice('n0', [model('d0', 'b')]);
  const config = (k: string, ...requests: string[]) => ({ requests, opaque: { driver, parameters: { k } } });
  claim('a', [firstOf('r', 'a', 'b')], { config: [config('1', 'r'), config('2', 'r/a'), config('3', 'r/b')] });
  using('a', 'a');
  await start();
  const written = (await claimOf('a')).status?.allocation?.devices.config;
  expect(written?.map(({ opaque }) => opaque?.parameters)).toEqual([{ k: '1' }, { k: '3' }]);
  await stop();
});

test('a claim has 32 devices at most, and an alternative with more is no alternative', async () => {
  const { slice, device, claim, using, condition, devicesOf, start, stop } = setUpDevices();
  slice(
    'n0',
    Array.from({ length: 40 }, (_, index) => device(`d${index}`)),
  );
  claim('many', [exactly({ count: 20 }), exactly({ count: 13 }, 's')]);
  claim('few', [{ name: 'r', firstAvailable: [{ name: 'all', deviceClassName: 'gpu', allocationMode: 'All' }, wantsAny('one')] }]);
  for (const name of ['many', 'few']) using(name, name);
  await start();
  expect((await condition('many'))?.message).toBe(
    'running "DynamicResources" filter plugin: claim t/many: number of requested devices 33 exceeds the claim limit of 32',
  );
  expect(await devicesOf('few')).toEqual(['r/one n0/d0']);
  await stop();
});
test('the nodes that can use the devices of a claim are those that all its slices choose', async () => {
  const { slice, device, claim, using, claimOf, start, stop } = setUpDevices();
  const on = (...values: string[]) => ({ key: 'kubernetes.io/hostname', operator: 'In', values });
  const selecting = (...all: object[]) => ({ nodeSelector: { nodeSelectorTerms: [{ matchExpressions: all }] } });
  slice(undefined, [device('d0')], { pool: 'everywhere', allNodes: true });
  slice(undefined, [device('d0')], { pool: 'p', ...selecting(on('n0', 'n1')) });
  slice(undefined, [device('d0')], { pool: 'q', ...selecting(on('n0', 'n1'), on('n1', 'n2')) });
  claim('a', [exactly({ count: 3 })]);
  using('a', 'a');
  await start();
  expect((await claimOf('a')).status?.allocation?.nodeSelector).toEqual({
    nodeSelectorTerms: [{ matchExpressions: [on('n0', 'n1'), on('n1', 'n2')] }],
  });
  await stop();
});

test('a claim that asks for nothing gets that', async () => {
  const { claim, using, claimOf, nodeOf, start, stop } = setUpDevices();
  claim('a', []);
  using('a', 'a');
  await start();
  expect(await nodeOf('a')).toBeDefined();
  expect((await claimOf('a')).status).toMatchObject({ allocation: { devices: {} }, reservedFor: [{ name: 'a' }] });
  await stop();
});

test('two devices of one name on a node make its pool invalid; those of other nodes do not matter', async () => {
  const { slice, device, claim, using, why, devicesOf, start, stop } = setUpDevices();
  slice('n0', [device('d0')], { pool: 'apart', suffix: '-0', count: 2 });
  slice('n1', [device('d0')], { pool: 'apart', suffix: '-1', count: 2 });
  slice('n2', [device('d0')], { pool: 'twice', suffix: '-0', count: 2 });
  slice('n2', [device('d0')], { pool: 'twice', suffix: '-1', count: 2 });
  claim('one', [exactly()]);
  claim('two', [exactly({ count: 2 })]);
  for (const name of ['one', 'two']) using(name, name);
  await start();
  expect(await devicesOf('one')).toHaveLength(1);
  expect(await why('two')).toBe('1 invalid resource pools were encountered, 2 cannot allocate all claims.');
  await stop();
});

test('who wants all gets none while some are kept by taints, or a pool is not complete', async () => {
  const { slice, device, claim, using, condition, why, start, stop, clock, settle } = setUpDevices();
  slice('n0', [device('d0', { taints: [{ key: 'k', effect: 'NoSchedule' }] }), device('d1')]);
  claim('all', [exactly({ allocationMode: 'All' })]);
  using('all', 'all');
  await start();
  expect(await why('all')).toBe('3 cannot allocate all claims.');
  slice('n1', [device('d0')], { count: 2 });
  await clock.advance(2000);
  await settle();
  expect((await condition('all'))?.message).toBe(
    'running "DynamicResources" filter plugin: claim t/all, request r: asks for all devices, but resource pool gpu.example.com/n1 is currently being updated',
  );
  await stop();
});

test('a selector is asked about no more devices than needed, unless all are wanted', async () => {
  const { slice, device, claim, using, devicesOf, condition, start, stop } = setUpDevices();
  slice('n0', [model('d0', 'a'), device('d1')]);
  const { selectors } = wants('a');
  claim('one', [exactly({ selectors })]);
  claim('all', [exactly({ selectors, allocationMode: 'All' })]);
  using('one', 'one');
  using('all', 'all');
  await start();
  expect(await devicesOf('one')).toEqual(['r n0/d0']);
  expect((await condition('all'))?.message).toMatch(/: selector #0: CEL runtime error: no such key: model$/);
  await stop();
});

test('each device differs from the one before it, and all must meet the constraints', async () => {
  const { slice, claim, using, devicesOf, condition, start, stop } = setUpDevices();
  slice('n0', [model('d0', 'a'), model('d1', 'a'), model('d2', 'b'), model('d3', 'a')]);
  const constraints = [{ distinctAttribute: `${driver}/model` }];
  claim('all', [exactly({ allocationMode: 'All' })], { constraints });
  claim('three', [exactly({ count: 3 })], { constraints });
  using('all', 'all');
  using('three', 'three');
  await start();
  expect((await condition('all'))?.message).toBe(
    'running "DynamicResources" filter plugin: claim t/all, request r: cannot add device gpu.example.com/n0/d1 because a claim constraint would not be satisfied',
  );
  expect(await devicesOf('three')).toEqual(['r n0/d0', 'r n0/d2', 'r n0/d3']);
  await stop();
});
