// Where pods go: spread over zones, away from each other, near what they need, and by the rules of another profile.
import { resources, seededRandom, type Cluster, type ClusterOptions, type ManualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';

const { DEPLOYMENTS, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } = resources;
const namespace = 'default';
const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
let cluster: Cluster;
let clock: ManualClock;

/** Six nodes, two in each of three zones. */
const begin = async (options: Partial<ClusterOptions> = {}): Promise<void> => {
  ({ cluster, clock } = await startByHand({ nodes: 6, random: seededRandom(1), freeze: true, ...options }));
  for (const [index, name] of [...cluster.nodes].entries()) {
    await cluster.client.patch(NODES, { name }, 'merge', { metadata: { labels: { [zone]: `zone-${index % 3}` } } });
  }
  await clock.advance(1000);
};
afterEach(() => stopByHand(cluster, clock));

const deploy = (app: string, replicas: number, spec: Readonly<Record<string, unknown>>) =>
  cluster.client.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec } },
    },
  });
const podsOf = async (app: string) => (await cluster.client.list(PODS, { namespace, labelSelector: `app=${app}` })).items;
/** The nodes of an app's pods, once so many have one. */
const nodesOf = async (app: string, count: number): Promise<readonly string[]> =>
  (
    await advanceUntil(
      clock,
      30_000,
      async () => {
        const nodes = (await podsOf(app)).flatMap(({ spec }) => spec.nodeName ?? []);
        return nodes.length === count ? nodes : undefined;
      },
      500,
    )
  ).value;
const zoneOf = async (node: string): Promise<string> => (await cluster.client.get(NODES, { name: node })).metadata.labels![zone]!;
const message = async (app: string): Promise<string | undefined> =>
  (await podsOf(app)).find(({ spec }) => spec.nodeName === undefined)?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    ?.message;

it('spreads over zones, and waits when a zone would get too many', async () => {
  await begin();
  const labelSelector = { matchLabels: { app: 'web' } };
  await deploy('web', 9, {
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector }],
  });
  const zones = await Promise.all((await nodesOf('web', 9)).map(zoneOf));
  for (const name of ['zone-0', 'zone-1', 'zone-2']) expect(zones.filter((one) => one === name)).toHaveLength(3);

  // A zone is closed: its share of the next pods finds no place, and gets it when the zone opens again.
  for (const name of ['node-2', 'node-5']) await cluster.client.patch(NODES, { name }, 'merge', { spec: { unschedulable: true } });
  await cluster.client.patch(DEPLOYMENTS, { namespace, name: 'web' }, 'merge', { spec: { replicas: 12 } });
  await nodesOf('web', 11);
  expect(await message('web')).toBe(
    "0/6 nodes are available: 2 node(s) were unschedulable, 4 node(s) didn't match pod topology spread constraints. no new claims to deallocate, preemption: 0/6 nodes are available: 2 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.",
  );
  await cluster.client.patch(NODES, { name: 'node-2' }, 'merge', { spec: { unschedulable: false } });
  await nodesOf('web', 12);
});

it('keeps replicas on hosts of their own, and puts a cache beside each', async () => {
  await begin();
  const term = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: hostname });
  const required = (app: string) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term(app)] });
  await deploy('db', 4, { affinity: { podAntiAffinity: required('db') } });
  const db = await nodesOf('db', 4);
  expect(new Set(db).size).toBe(4);
  await deploy('cache', 4, { affinity: { podAffinity: required('db'), podAntiAffinity: required('cache') } });
  expect([...(await nodesOf('cache', 4))].sort()).toEqual([...db].sort());

  await cluster.client.patch(DEPLOYMENTS, { namespace, name: 'cache' }, 'merge', { spec: { replicas: 5 } });
  await advanceUntil(clock, 10_000, () => message('cache'), 500);
  expect(await message('cache')).toBe(
    "0/6 nodes are available: 2 node(s) didn't match pod affinity rules, 4 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/6 nodes are available: 2 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.",
  );
  // A fifth database makes a place for it.
  await cluster.client.patch(DEPLOYMENTS, { namespace, name: 'db' }, 'merge', { spec: { replicas: 5 } });
  expect([...(await nodesOf('cache', 5))].sort()).toEqual([...(await nodesOf('db', 5))].sort());
});

it('takes a pod to the node that has its volume', async () => {
  await begin();
  await cluster.client.create(STORAGE_CLASSES, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await cluster.client.create(PERSISTENT_VOLUMES, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'disk' },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path: '/disk' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: hostname, operator: 'In', values: ['node-4'] }] }] } },
    },
  });
  await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage: '5Gi' } } },
  });
  await clock.advance(2000);
  expect((await cluster.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' })).spec.volumeName).toBeUndefined();
  await deploy('web', 1, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  expect(await nodesOf('web', 1)).toEqual(['node-4']);
  expect((await cluster.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' })).spec.volumeName).toBe('disk');
});

it('a second profile packs where the first one spreads', async () => {
  await begin({
    schedulerConfig: {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [
        { schedulerName: 'default-scheduler' },
        {
          schedulerName: 'packing',
          plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit', weight: 1 }] } },
          pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
        },
      ],
    },
  });
  const containers = [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '1', memory: '1Gi' } } }];
  await deploy('packed', 6, { schedulerName: 'packing', containers });
  expect(new Set(await nodesOf('packed', 6)).size).toBe(1);
  await deploy('spread', 5, { containers });
  expect(new Set(await nodesOf('spread', 5)).size).toBe(5);
});
