// Devices that are prepared before a pod is bound. Writes, reasons and messages are those of a real kube-scheduler v1.36.3.
import { PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import { exactly, setUpDevices } from '../testing/devices.js';

const prepared = { bindingConditions: ['Ready'], bindingFailureConditions: ['Failed'] };
const pluginConfig = [{ name: 'DynamicResources', args: { bindingTimeout: '30s' } }];

async function waiting(configuration?: Readonly<Record<string, unknown>>) {
  const set = setUpDevices(configuration ? { configuration } : {});
  set.slice('n0', [set.device('d0', prepared)]);
  set.claim('a', [exactly()]);
  set.using('a', 'a');
  await set.start();
  const says = async (type: string) => {
    const { driver, pool, device } = (await set.claimOf('a')).status.allocation!.devices.results![0]!;
    const conditions = [{ type, status: 'True', reason: 'Why', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    const status = { devices: [{ driver, pool, device, conditions }] };
    await set.client.patch(RESOURCE_CLAIMS, { namespace: 't', name: 'a' }, 'merge', { status }, { subresource: 'status' });
    await set.settle();
  };
  return { ...set, says };
}

test('the pod is nominated until its device is ready', async () => {
  const { claimOf, get, nodeOf, events, says, stop } = await waiting();
  expect((await claimOf('a')).status).toMatchObject({
    allocation: { devices: { results: [{ device: 'd0', ...prepared }] } },
    reservedFor: [{ name: 'a' }],
  });
  expect(await nodeOf('a')).toBeUndefined();
  expect((await get('a')).status?.nominatedNodeName).toBe('n0');
  expect(await events('a')).toEqual([
    {
      type: 'Normal',
      reason: 'BindingConditionsPending',
      message: 'waiting for binding conditions for device on node n0',
      action: 'Scheduling',
    },
  ]);
  await says('Other');
  expect(await nodeOf('a')).toBeUndefined();
  await says('Ready');
  expect(await nodeOf('a')).toBe('n0');
  await stop();
});

test('when the device fails, the claim gets others', async () => {
  const { claimOf, client, get, condition, says, clock, settle, slice, device, devicesOf, stop, nodeOf } = await waiting();
  await says('Failed');
  expect(await condition('a')).toMatchObject({
    reason: 'SchedulerError',
    message: 'running PreBind plugin "DynamicResources": device binding failed: claim=a, reason=Why, message="m"',
  });
  expect((await get('a')).status?.nominatedNodeName).toBeUndefined();
  expect((await claimOf('a')).status?.reservedFor).toBeUndefined();
  await client.delete(RESOURCE_SLICES, { name: 'n0' });
  slice('n1', [device('d1')]);
  await clock.advance(1000);
  await settle();
  expect((await condition('a'))?.message).toMatch(
    /^0\/3 nodes are available: 3 resourceclaim not available on the node\. deallocation of ResourceClaim completed, preemption: /,
  );
  await clock.advance(2000);
  await settle();
  expect(await devicesOf('a')).toEqual(['r n1/d1']);
  expect((await claimOf('a')).status?.devices).toBeUndefined();
  expect(await nodeOf('a')).toBe('n1');
  await stop();
});

test('preparation that takes too long is given up, and the claim is not counted on', async () => {
  const { claimOf, condition, clock, settle, stop } = await waiting({ profiles: [{ pluginConfig }] });
  await clock.advance(30_000);
  await settle();
  expect((await condition('a'))?.message).toBe(
    'running PreBind plugin "DynamicResources": device binding timeout: context deadline exceeded',
  );
  const before = (await claimOf('a')).status.allocation!.allocationTimestamp;
  await clock.advance(5000);
  await settle();
  // Given back, and given again.
  expect((await claimOf('a')).status.allocation!.allocationTimestamp).not.toBe(before);
  await stop();
});

test('a pod that goes meanwhile leaves no reservation', async () => {
  const { claimOf, client, settle, nodeOf, using, stop } = await waiting();
  using('b', 'a');
  await settle();
  expect((await claimOf('a')).status?.reservedFor).toHaveLength(2);
  await client.delete(PODS, { namespace: 't', name: 'a' });
  await settle();
  expect((await claimOf('a')).status?.reservedFor?.map(({ name }) => name)).toEqual(['b']);
  expect(await nodeOf('b')).toBeUndefined();
  await stop();
});

test('devices of pools without such conditions come first', async () => {
  const { slice, device, claim, using, devicesOf, start, stop } = setUpDevices();
  slice('n0', [device('x', prepared), device('y')], { pool: 'a' });
  slice('n0', [device('z')], { pool: 'b' });
  claim('a', [exactly()]);
  using('a', 'a');
  await start();
  expect(await devicesOf('a')).toEqual(['r b/z']);
  await stop();
});
