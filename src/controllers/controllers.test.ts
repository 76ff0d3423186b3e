// The controllers together, on the real API server in process and with its nodes.
import { startCluster, type Cluster } from '../cluster/cluster.js';
import type { Draft, KubeObject } from '../apimachinery/object.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Deployment } from '../../openapi/types/apps.v1.js';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../client/resources.js';
import { controllerNames } from './index.js';
import { chooseControllers, withoutCounterpart } from './selection.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, freeze: true });
});
afterAll(() => cluster?.stop());

/** Tries again and again for a minute at least. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await check();
    } catch (error) {
      if (attempt === 1200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
const deployment = (namespace: string, name: string, replicas: number): Draft<Deployment> => ({
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'nginx' }] },
    },
  },
});
async function makeNamespace(name: string): Promise<void> {
  await cluster.client.create(NAMESPACES, { metadata: { name } });
  await eventually(async () => {
    await cluster.client.get(SERVICE_ACCOUNTS, { namespace: name, name: 'default' });
    await cluster.client.get(CONFIG_MAPS, { namespace: name, name: 'kube-root-ca.crt' });
  });
}
const isGone = async (get: Promise<KubeObject>): Promise<void> => {
  const error: unknown = await get.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(isReason(error, 'NotFound')).toBe(true);
};

test('a deployment runs, is reached through its service, rolls out, and goes with its namespace', async () => {
  const { client } = cluster;
  await makeNamespace('story');
  await client.create(SERVICES, {
    metadata: { name: 'web', namespace: 'story' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await client.create(DEPLOYMENTS, deployment('story', 'web', 3));
  const key = { namespace: 'story', name: 'web' };
  await eventually(async () => {
    const { status, metadata } = await client.get(DEPLOYMENTS, key);
    expect(status).toMatchObject({ availableReplicas: 3, updatedReplicas: 3, replicas: 3 });
    expect(metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' });
    const { items } = await client.list(ENDPOINT_SLICES, { namespace: 'story' });
    expect(items.flatMap(({ endpoints }) => endpoints ?? [])).toHaveLength(3);
    expect((await client.get(ENDPOINTS, key)).subsets?.[0]?.addresses).toHaveLength(3);
  });
  const managers = (await client.get(DEPLOYMENTS, key)).metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource]);
  expect(managers).toContainEqual(['kube-controller-manager', 'status']);

  await client.patch(DEPLOYMENTS, key, 'strategic', { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } } });
  await eventually(async () => {
    const { items } = await client.list(REPLICA_SETS, { namespace: 'story' });
    expect(items.map(({ spec }) => spec.replicas).sort()).toEqual([0, 3]);
    expect((await client.get(DEPLOYMENTS, key)).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', reason: 'NewReplicaSetAvailable' }),
    );
  });

  await client.delete(NAMESPACES, { name: 'story' });
  await eventually(() => isGone(client.get(NAMESPACES, { name: 'story' })));
  expect((await client.list(PODS, { namespace: 'story' })).items).toEqual([]);
});

test.each(['Background', 'Foreground', 'Orphan'] as const)('%s deletion of a deployment', async (propagationPolicy) => {
  const { client } = cluster;
  const namespace = propagationPolicy.toLowerCase();
  await makeNamespace(namespace);
  await client.create(DEPLOYMENTS, deployment(namespace, 'web', 2));
  await eventually(async () => expect((await client.get(DEPLOYMENTS, { namespace, name: 'web' })).status.availableReplicas).toBe(2));
  await client.delete(DEPLOYMENTS, { namespace, name: 'web' }, { propagationPolicy });
  await eventually(() => isGone(client.get(DEPLOYMENTS, { namespace, name: 'web' })));
  const left = propagationPolicy === 'Orphan' ? 1 : 0;
  await eventually(async () => {
    const { items } = await client.list(REPLICA_SETS, { namespace });
    expect(items).toHaveLength(left);
    expect(items.flatMap(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([]);
    expect((await client.list(PODS, { namespace })).items).toHaveLength(2 * left);
  });
});

test('nodes have pod ranges and annotations, and are free of taints', async () => {
  await eventually(async () => {
    const { items } = await cluster.client.list(NODES);
    expect(items.map(({ spec }) => spec.podCIDR).sort()).toEqual(['10.244.0.0/24', '10.244.1.0/24']);
    for (const { metadata, spec } of items) {
      expect(metadata.annotations).toMatchObject({ 'node.alpha.kubernetes.io/ttl': '0' });
      expect(spec.taints ?? []).toEqual([]);
    }
  });
});

test('controllers are chosen as --controllers does', () => {
  expect([...chooseControllers(['*', '-b'], ['a', 'b', 'c'])]).toEqual(['a', 'c']);
  expect([...chooseControllers(['b'], ['a', 'b'])]).toEqual(['b']);
  expect([...chooseControllers(['a', '-a', '-b', '*'], ['a', 'b', 'c'])]).toEqual(['a', 'c']);
  expect([...chooseControllers(['*'], ['a', 'off'], ['off'])]).toEqual(['a']);
  expect([...chooseControllers(['*', 'off'], ['a', 'off'], ['off'])]).toEqual(['a', 'off']);
  expect([...chooseControllers(['*', '-node-route-controller', 'selinux-warning-controller'], ['a'])]).toEqual(['a']);
  expect(() => chooseControllers(['x'], ['a'])).toThrow('there is no controller "x": choose from a, ');
});

test('all names of kube-controller-manager v1.36 are known', () => {
  const real =
    'bootstrap-signer certificatesigningrequest-approving certificatesigningrequest-cleaner certificatesigningrequest-signing cloud-node-lifecycle clusterrole-aggregation cronjob daemonset deployment device-taint-eviction disruption endpoints endpointslice endpointslice-mirroring ephemeral-volume garbage-collector horizontal-pod-autoscaler job kube-apiserver-serving-clustertrustbundle-publisher legacy-serviceaccount-token-cleaner namespace node-ipam node-lifecycle node-route persistentvolume-attach-detach persistentvolume-binder persistentvolume-expander persistentvolume-protection persistentvolumeclaim-protection pod-garbage-collector podcertificaterequest-cleaner podgroup-protection replicaset replicationcontroller resourceclaim resourcepoolstatusrequest resourcequota root-ca-certificate-publisher selinux-warning service-cidr service-lb serviceaccount serviceaccount-token statefulset storage-version-migrator storageversion-garbage-collector taint-eviction token-cleaner ttl-after-finished ttl validatingadmissionpolicy-status volumeattributesclass-protection';
  const known = [...controllerNames, ...withoutCounterpart(controllerNames)];
  expect(known).toEqual(expect.arrayContaining(real.split(' ').map((name) => `${name}-controller`)));
  expect(new Set(known).size).toBe(known.length);
});
