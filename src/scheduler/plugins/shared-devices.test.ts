// Devices that claims share or that share counters. Choices and sentences are those of a real kube-scheduler v1.36.3.
import { RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import { driver, exactly, setUpDevices } from '../testing/devices.js';

const takes = (amount: string, more = {}) => exactly({ capacity: { requests: { m: amount } }, ...more });
const m = (value: string) => ({ m: { value, requestPolicy: { default: '1' } } });
const shared = { allowMultipleAllocations: true, capacity: m('10') };

test('claims share a device as long as its capacity lasts', async () => {
  const { slice, device, claim, using, claimOf, consumedBy, start, stop, settle, nodeOf, why, client, clock } = setUpDevices();
  slice('n0', [device('d0', shared)]);
  claim('a', [takes('6')]);
  claim('b', [exactly()]);
  claim('c', [takes('4')]);
  for (const name of ['a', 'b', 'c']) using(name, name);
  await start();
  expect(await consumedBy('a')).toEqual([{ m: '6' }]);
  expect(await consumedBy('b')).toEqual([{ m: '1' }]);
  const shares = await Promise.all(
    ['a', 'b'].map(async (name) => (await claimOf(name)).status.allocation!.devices.results![0]!.shareID ?? ''),
  );
  expect(new Set(shares).size).toBe(2);
  expect(shares[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(await why('c')).toBe('3 cannot allocate all claims.');
  await client.patch(RESOURCE_CLAIMS, { namespace: 't', name: 'a' }, 'merge', { status: null }, { subresource: 'status' });
  await settle();
  await clock.advance(2000);
  await settle();
  expect(await nodeOf('c')).toBe('n0');
  expect(await consumedBy('c')).toEqual([{ m: '4' }]);
  await stop();
});

test('two requests of a claim may share a device, but one request gets different ones', async () => {
  const { slice, device, claim, using, devicesOf, start, stop } = setUpDevices();
  slice('n0', [device('d0', shared), device('d1', shared)]);
  claim('two', [takes('1', {}), { ...takes('1'), name: 's' }]);
  claim('three', [takes('1', { count: 3 })]);
  claim('all', [takes('9', { allocationMode: 'All', count: undefined })]);
  for (const name of ['two', 'three', 'all']) using(name, name);
  await start();
  expect(await devicesOf('two')).toEqual(['r n0/d0', 's n0/d0']);
  expect(await devicesOf('three')).toBeUndefined();
  // What has not got enough is not among all.
  expect(await devicesOf('all')).toEqual(['r n0/d1']);
  await stop();
});

test('administrators have what others have, when its capacity allows, and take nothing of it', async () => {
  const { slice, device, claim, using, devicesOf, start, stop } = setUpDevices();
  slice('n0', [device('d0', { allowMultipleAllocations: true, capacity: { m: { value: '1' } } })]);
  for (const [name, more] of Object.entries({ admin: { adminAccess: true }, user: {}, late: { adminAccess: true } })) {
    claim(name, [exactly(more)]);
    using(name, name);
  }
  await start();
  expect(await devicesOf('admin')).toEqual(['r n0/d0']);
  expect(await devicesOf('user')).toEqual(['r n0/d0']);
  expect(await devicesOf('late')).toBeUndefined();
  await stop();
});

test('an administrator gets each device once in a claim, but again in the next claim of the pod', async () => {
  const { slice, device, claim, using, devicesOf, start, stop } = setUpDevices();
  slice('n0', [device('d0')]);
  const admin = exactly({ adminAccess: true });
  claim('twice', [admin, { ...admin, name: 's' }]);
  claim('one', [admin]);
  claim('other', [admin]);
  claim('own', [exactly()]);
  using('a', 'twice');
  using('b', 'one', 'other');
  using('c', 'one', 'own');
  await start();
  expect(await devicesOf('twice')).toBeUndefined();
  expect(await devicesOf('one')).toEqual(['r n0/d0']);
  expect(await devicesOf('other')).toEqual(['r n0/d0']);
  expect(await devicesOf('own')).toEqual(['r n0/d0']);
  await stop();
});

describe('counters', () => {
  const drawing = (name: string, amount: string, more = {}) => ({
    name,
    consumesCounters: [{ counterSet: 'set', counters: { memory: { value: amount } } }],
    ...more,
  });
  const partitioned = (devices: readonly unknown[]) => {
    const set = setUpDevices();
    const pool = { name: 'n0', generation: 1, resourceSliceCount: 2 };
    const sharedCounters = [{ name: 'set', counters: { memory: { value: '40' } } }];
    set.client.seed(RESOURCE_SLICES, { metadata: { name: 'n0-counters' }, spec: { driver, nodeName: 'n0', pool, sharedCounters } });
    set.client.seed(RESOURCE_SLICES, { metadata: { name: 'n0-devices' }, spec: { driver, nodeName: 'n0', pool, devices } });
    return set;
  };

  test('a shared device draws on them once', async () => {
    const { claim, using, devicesOf, start, stop } = partitioned([drawing('s', '20', shared), drawing('a', '20'), drawing('b', '20')]);
    claim('first', [exactly()]);
    claim('second', [takes('9')]);
    claim('third', [exactly()]);
    claim('fourth', [exactly()]);
    for (const name of ['first', 'second', 'third', 'fourth']) using(name, name);
    await start();
    expect(await devicesOf('first')).toEqual(['r n0/s']);
    expect(await devicesOf('second')).toEqual(['r n0/s']);
    expect(await devicesOf('third')).toEqual(['r n0/a']);
    expect(await devicesOf('fourth')).toBeUndefined();
    await stop();
  });

  test('an administrator needs what is left of them', async () => {
    const { claim, using, devicesOf, start, stop } = partitioned([drawing('a', '40'), drawing('b', '20'), drawing('c', '10')]);
    claim('user', [exactly({ count: 2 })]);
    claim('two', [exactly({ count: 2, adminAccess: true })]);
    claim('one', [exactly({ adminAccess: true })]);
    for (const name of ['user', 'two', 'one']) using(name, name);
    await start();
    expect(await devicesOf('user')).toEqual(['r n0/b', 'r n0/c']);
    expect(await devicesOf('two')).toBeUndefined();
    expect(await devicesOf('one')).toEqual(['r n0/c']);
    await stop();
  });

  test('a pool with a counter that is not there is invalid, seen from every node', async () => {
    const { claim, using, why, condition, start, stop } = partitioned([
      { name: 'a', consumesCounters: [{ counterSet: 'set', counters: { no: { value: '1' } } }] },
      { name: 'b' },
    ]);
    claim('one', [exactly()]);
    claim('all', [exactly({ allocationMode: 'All' })]);
    for (const name of ['one', 'all']) using(name, name);
    await start();
    expect(await why('one')).toBe('3 invalid resource pools were encountered.');
    expect((await condition('all'))?.message).toBe(
      'running "DynamicResources" filter plugin: claim t/all, request r: asks for all devices, but resource pool gpu.example.com/n0 is currently invalid',
    );
    await stop();
  });
});
