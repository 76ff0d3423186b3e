// A node that falls silent: it is marked after 40 to 50 seconds, its pods leave five minutes later. Time is moved by hand.
import { resources, type Cluster, type manualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';
import { pod } from '../support/workloads.js';

const { LEASES, NODES, PODS, SERVICE_ACCOUNTS } = resources;
let cluster: Cluster;
let clock: ReturnType<typeof manualClock>;

beforeAll(async () => {
  // No kubelets: the test itself is the kubelet of two nodes.
  ({ cluster, clock } = await startByHand({ components: ['apiserver', 'controllers', 'scheduler'], freeze: true }));
});

afterAll(() => stopByHand(cluster, clock));

const seconds = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z/, 'Z');

/** What a kubelet does at its start. */
const register = async (name: string): Promise<void> => {
  const now = seconds(clock.now());
  await cluster.client.create(NODES, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
    },
  });
  await renew(name);
};

/** What a kubelet does every ten seconds. */
const renew = async (name: string): Promise<void> => {
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: `${new Date(clock.now()).toISOString().slice(0, 23)}000Z` };
  await cluster.client.patch(
    LEASES,
    { namespace: 'kube-node-lease', name },
    'apply',
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' }, spec },
    { fieldManager: 'kubelet', force: true },
  );
};

const ready = async (name: string): Promise<string | undefined> =>
  (await cluster.client.get(NODES, { name })).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const taints = async (name: string): Promise<readonly string[]> =>
  ((await cluster.client.get(NODES, { name })).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();

it('is marked, tainted, and its pods are evicted; the other node is left alone', async () => {
  await register('silent');
  await register('alive');
  await advanceUntil(clock, 20_000, async () =>
    (await taints('silent')).length + (await taints('alive')).length === 0 ? true : undefined,
  );
  await advanceUntil(clock, 10_000, async () => (await cluster.client.list(SERVICE_ACCOUNTS, { namespace: 'default' })).items[0]);
  for (const node of ['silent', 'alive']) {
    const draft = pod('default', `on-${node}`);
    await cluster.client.create(PODS, { ...draft, spec: { ...draft.spec, nodeName: node } });
  }

  // From here on only one of them is heard of.
  const beat = async <T>(check: () => Promise<T | undefined>): Promise<T | undefined> => {
    await renew('alive');
    return check();
  };
  const unknown = await advanceUntil(clock, 70_000, () => beat(async () => ((await ready('silent')) === 'Unknown' ? true : undefined)));
  expect(unknown.took).toBeGreaterThanOrEqual(20_000);
  expect(unknown.took).toBeLessThanOrEqual(60_000);
  expect(await ready('alive')).toBe('True');
  const { value: keys } = await advanceUntil(clock, 20_000, () =>
    beat(async () => ((await taints('silent')).length === 2 ? taints('silent') : undefined)),
  );
  expect(keys).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']);
  expect(await taints('alive')).toEqual([]);

  const evicted = await advanceUntil(
    clock,
    400_000,
    () => beat(async () => (await cluster.client.get(PODS, { namespace: 'default', name: 'on-silent' })).metadata.deletionTimestamp),
    5000,
  );
  expect(evicted.took).toBeGreaterThanOrEqual(280_000);
  expect(evicted.took).toBeLessThanOrEqual(320_000);
  expect((await cluster.client.get(PODS, { namespace: 'default', name: 'on-alive' })).metadata.deletionTimestamp).toBeUndefined();
});

it('is welcome again when it is back', async () => {
  await renew('silent');
  const now = seconds(clock.now());
  await cluster.client.patch(
    NODES,
    { name: 'silent' },
    'strategic',
    {
      status: {
        conditions: [
          { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now, lastTransitionTime: now },
        ],
      },
    },
    { subresource: 'status' },
  );
  await advanceUntil(clock, 20_000, async () => {
    await renew('silent');
    return (await taints('silent')).length === 0 ? true : undefined;
  });
  expect(await ready('silent')).toBe('True');
});
