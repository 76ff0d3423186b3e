// Devices for resource claims. The sentences are those of a real kube-scheduler v1.36.3.
import { DEVICE_CLASSES, PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import type { SelectableDevice } from '../framework.js';
import { setUpScheduler } from '../testing/world.js';

type Fields = Readonly<Record<string, unknown>>;

/** Stands for CEL: `model=b`, and an error for what is not there. */
function evaluate(expression: string, { attributes }: SelectableDevice): boolean {
  const [name = '', wanted] = expression.split('=');
  const attribute = attributes[name] as { readonly string?: string } | undefined;
  if (attribute === undefined) throw new Error(`CEL runtime error: no such key: ${name}`);
  return attribute.string === wanted;
}

function cluster() {
  const set = setUpScheduler({ deviceSelectors: evaluate });
  const { client } = set;
  for (const name of ['n0', 'n1', 'n2']) set.node(name);
  const device = (name: string, model: string, more: Fields = {}) => ({ name, attributes: { model: { string: model } }, ...more });
  const slice = (node: string, devices: readonly unknown[], more: Fields = {}) =>
    client.seed(RESOURCE_SLICES, {
      metadata: { name: `${node}-gpu` },
      spec: { driver: 'gpu.example.com', nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 }, devices, ...more },
    });
  const claim = (name: string, requests: readonly unknown[], more: Fields = {}) =>
    client.seed(RESOURCE_CLAIMS, { metadata: { name, namespace: 't' }, spec: { devices: { requests, ...more } } });
  const claimOf = (name: string) => client.get(RESOURCE_CLAIMS, { namespace: 't', name });
  client.seed(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: { config: [{ opaque: { driver: 'gpu.example.com', parameters: {} } }] } });
  slice('n0', [device('g0', 'a'), device('g1', 'a')]);
  slice('n1', [device('g0', 'b')]);
  return { ...set, device, slice, claim, claimOf };
}

const exactly = (more: Fields = {}, name = 'r') => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...more },
});
const selecting = (expression: string) => ({ selectors: [{ cel: { expression } }] });
const using = (...claims: string[]) => ({
  spec: { resourceClaims: claims.map((resourceClaimName, index) => ({ name: `c${index}`, resourceClaimName })) },
});
const devicesOf = ({ status }: Awaited<ReturnType<ReturnType<typeof cluster>['claimOf']>>) =>
  status?.allocation?.devices.results?.map(({ request, pool, device }) => `${request} ${pool}/${device}`);

test('devices are given to a claim, and the claim to the pod', async () => {
  const { client, claim, claimOf, pod, start, stop, settle, nodeOf } = cluster();
  claim('two', [exactly({ count: 2 })]);
  pod('first', using('two'));
  await start();
  expect(await nodeOf('first')).toBe('n0');
  const { metadata, status } = await claimOf('two');
  expect(metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
  const result = { driver: 'gpu.example.com', pool: 'n0', request: 'r' };
  expect(status).toEqual({
    allocation: {
      allocationTimestamp: '2026-01-01T00:00:00Z',
      devices: {
        config: [{ source: 'FromClass', requests: ['r'], opaque: { driver: 'gpu.example.com', parameters: {} } }],
        results: [
          { ...result, device: 'g0' },
          { ...result, device: 'g1' },
        ],
      },
      nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n0'] }] }] },
    },
    reservedFor: [{ name: 'first', resource: 'pods', uid: 'uid-t-first' }],
  });
  // A second pod of the same claim goes where the devices are.
  pod('second', using('two'));
  await settle();
  expect(await nodeOf('second')).toBe('n0');
  expect((await claimOf('two')).status?.reservedFor).toHaveLength(2);
  expect((await client.list(PODS, { namespace: 't' })).items).toHaveLength(2);
  await stop();
});

test.each<[string, readonly unknown[], Fields, readonly string[] | undefined]>([
  ['by a selector', [exactly(selecting('model=b'))], {}, ['r n1/g0']],
  ['all of a node', [exactly({ allocationMode: 'All', count: undefined, ...selecting('model=a') })], {}, ['r n0/g0', 'r n0/g1']],
  [
    'the first alternative that can be had',
    [
      {
        name: 'r',
        firstAvailable: [
          { name: 'x', deviceClassName: 'gpu', count: 4, allocationMode: 'ExactCount' },
          { name: 'y', deviceClassName: 'gpu', count: 1, allocationMode: 'ExactCount', ...selecting('model=b') },
        ],
      },
    ],
    {},
    ['r/y n1/g0'],
  ],
  ['two requests', [exactly(), exactly({}, 'q')], {}, ['r n0/g0', 'q n0/g1']],
  [
    'devices that are alike',
    [exactly({ count: 2 })],
    { constraints: [{ matchAttribute: 'gpu.example.com/model' }] },
    ['r n0/g0', 'r n0/g1'],
  ],
  ['devices that differ', [exactly({ count: 2 })], { constraints: [{ distinctAttribute: 'gpu.example.com/model' }] }, undefined],
  ['too many', [exactly({ count: 3 })], {}, undefined],
])('%s', async (_name, requests, more, expected) => {
  const { claim, claimOf, pod, start, stop, condition } = cluster();
  claim('asked', requests, more);
  pod('web', using('asked'));
  await start();
  expect(devicesOf(await claimOf('asked'))).toEqual(expected);
  if (expected === undefined) {
    expect((await condition('web'))?.message).toBe(
      '0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
  }
  await stop();
});

test('what cannot be had says why', async () => {
  const { claim, pod, start, stop, condition } = cluster();
  claim('classless', [exactly({ deviceClassName: 'absent' })]);
  claim('broken', [exactly(selecting('nope=b'))]);
  pod('a', using('classless'));
  pod('b', using('broken'));
  await start();
  expect((await condition('a'))?.message).toBe(
    '0/3 nodes are available: request r: device class absent does not exist. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  );
  expect(await condition('b')).toMatchObject({
    reason: 'SchedulerError',
    message: 'running "DynamicResources" filter plugin: claim t/broken: selector #0: CEL runtime error: no such key: nope',
  });
  await stop();
});

test('a pod waits outside the queue for its claims, and for devices inside', async () => {
  const { clock, claim, device, slice, pod, start, stop, settle, nodeOf, condition, events } = cluster();
  pod('early', using('later'));
  await start();
  expect(await condition('early')).toBeUndefined();
  expect(await events('early')).toEqual([]);
  claim('later', [exactly({ count: 2, ...selecting('model=c') })]);
  await settle();
  expect((await condition('early'))?.message).toMatch(/^0\/3 nodes are available: 3 cannot allocate all claims\./);
  slice('n2', [device('g0', 'c'), device('g1', 'c')]);
  await clock.advance(1000);
  await settle();
  expect(await nodeOf('early')).toBe('n2');
  await stop();
});

test('tainted devices, old generations and incomplete pools are left out', async () => {
  const { claim, claimOf, device, slice, pod, start, stop } = cluster();
  const taints = [{ key: 'broken', effect: 'NoSchedule' }];
  slice('n0', [device('g0', 'a', { taints })]);
  slice('n1', [device('g0', 'b')], { pool: { name: 'n1', generation: 2, resourceSliceCount: 2 } });
  slice('n2', [device('g9', 'a')]);
  claim('asked', [exactly()]);
  claim('tolerant', [exactly({ tolerations: [{ key: 'broken', operator: 'Exists' }], ...selecting('model=a') })]);
  pod('web', using('asked'));
  await start();
  expect(devicesOf(await claimOf('asked'))).toEqual(['r n2/g9']);
  pod('brave', using('tolerant'));
  await stop();
});

test('parts of one device share its counters', async () => {
  const { claim, claimOf, device, slice, pod, start, stop, condition } = cluster();
  const part = (name: string, value: string) =>
    device(name, 'part', { consumesCounters: [{ counterSet: 'card', counters: { memory: { value } } }] });
  slice('n2', [part('half-0', '20Gi'), part('half-1', '20Gi'), part('whole', '40Gi')], {
    sharedCounters: [{ name: 'card', counters: { memory: { value: '40Gi' } } }],
  });
  claim('one', [exactly(selecting('model=part'))]);
  claim('two', [exactly(selecting('model=part'))]);
  claim('three', [exactly(selecting('model=part'))]);
  for (const name of ['one', 'two', 'three']) pod(name, using(name));
  await start();
  expect(devicesOf(await claimOf('one'))).toEqual(['r n2/half-0']);
  expect(devicesOf(await claimOf('two'))).toEqual(['r n2/half-1']);
  expect((await condition('three'))?.message).toMatch(/3 cannot allocate all claims/);
  await stop();
});
