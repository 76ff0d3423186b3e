// A scheduler with nodes and devices, for tests.
import { DEVICE_CLASSES, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import { setUpScheduler, type SchedulerSetUp } from './world.js';

type Fields = Readonly<Record<string, unknown>>;

export const driver = 'gpu.example.com';

/** Nodes `n0` to `n2` and the class `gpu` of all devices. */
export function setUpDevices(options: SchedulerSetUp = {}) {
  const set = setUpScheduler(options);
  const { client } = set;
  for (const name of ['n0', 'n1', 'n2']) set.node(name);
  client.seed(DEVICE_CLASSES, { metadata: { name: 'gpu', creationTimestamp: '2026-01-01T00:00:00Z' }, spec: {} });
  const pods = (names: readonly string[]) => ({
    spec: { resourceClaims: names.map((resourceClaimName, index) => ({ name: `c${index}`, resourceClaimName })) },
  });
  const claimOf = (name: string) => client.get(RESOURCE_CLAIMS, { namespace: 't', name });
  return {
    ...set,
    claimOf,
    device: (name: string, more: Fields = {}) => ({ name, ...more }),
    /** A slice of a pool of `count` slices; of the node alone when `node` is a name. */
    slice: (node: string | undefined, devices: readonly unknown[], { pool = node, suffix = '', count = 1, ...more }: Fields = {}) =>
      client.seed(RESOURCE_SLICES, {
        metadata: { name: `${pool as string}${suffix as string}` },
        spec: {
          driver,
          ...(node === undefined ? {} : { nodeName: node }),
          pool: { name: pool, generation: 1, resourceSliceCount: count },
          devices,
          ...more,
        },
      }),
    claim: (name: string, requests: readonly unknown[], more: Fields = {}) =>
      client.seed(RESOURCE_CLAIMS, { metadata: { name, namespace: 't' }, spec: { devices: { requests, ...more } } }),
    /** A pod that uses these claims. */
    using: (name: string, ...claims: string[]) => set.pod(name, pods(claims)),
    /** `request pool/device` of all that a claim has. */
    devicesOf: async (name: string) =>
      (await claimOf(name)).status?.allocation?.devices.results?.map(({ request, pool, device }) => `${request} ${pool}/${device}`),
    /** What the shares of a claim take. */
    consumedBy: async (name: string) =>
      (await claimOf(name)).status?.allocation?.devices.results?.map(({ consumedCapacity }) => consumedCapacity),
    why: async (name: string) => (await set.condition(name))?.message?.replace(/\. .*/s, '.').replace('0/3 nodes are available: ', ''),
  };
}

export const exactly = (more: Fields = {}, name = 'r') => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', ...more },
});
