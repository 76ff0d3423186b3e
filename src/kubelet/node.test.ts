// Nodes: registration, heartbeat, and turning them off and on.
import type { Lease } from '../../openapi/types/coordination.v1.js';
import { ApiError } from '../apimachinery/errors/api-error.js';
import { CSI_NODES, LEASES, NODES, PODS } from '../client/resources.js';
import { createBench } from './testing/bench.js';

test('a node registers Ready, with everything a real kubelet says', async () => {
  const bench = await createBench();
  const node = await bench.node();
  expect(node.metadata.labels).toEqual({
    'beta.kubernetes.io/arch': expect.stringMatching(/^(amd|arm)64$/),
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': expect.stringMatching(/^(amd|arm)64$/),
    'kubernetes.io/hostname': 'node-0',
    'kubernetes.io/os': 'linux',
  });
  expect(node.status).toMatchObject({
    addresses: [
      { type: 'InternalIP', address: '172.18.0.2' },
      { type: 'Hostname', address: 'node-0' },
    ],
    capacity: { cpu: '8', pods: '110' },
    nodeInfo: { kubeletVersion: 'v1.36.3', containerRuntimeVersion: expect.stringMatching(/^kubedouble:\/\//), operatingSystem: 'linux' },
  });
  expect(node.status.conditions!.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ]);
  await bench.kubelets.stop();
});

test('the lease is renewed every ten seconds, the status told every five minutes, or when the API says otherwise', async () => {
  const bench = await createBench();
  const lease = (): Promise<Lease> => bench.client.get(LEASES, { namespace: 'kube-node-lease', name: 'node-0' });
  const first = await lease();
  expect(first).toMatchObject({
    metadata: { ownerReferences: [{ kind: 'Node', name: 'node-0', uid: (await bench.node()).metadata.uid }] },
    spec: { holderIdentity: 'node-0', leaseDurationSeconds: 40 },
  });
  const writes = (resource: string): number =>
    bench.client.requests.filter((one) => one.resource === resource && ['update', 'patch', 'create'].includes(one.verb)).length;
  const leases = writes('leases');
  const statuses = writes('nodes');
  await bench.clock.advance(200_000);
  expect(writes('leases') - leases).toBeGreaterThanOrEqual(19);
  expect(writes('leases') - leases).toBeLessThanOrEqual(22);
  expect(writes('nodes')).toBe(statuses);
  await bench.clock.advance(120_000);
  expect(writes('nodes')).toBe(statuses + 1);
  expect(Date.parse((await lease()).spec.renewTime!)).toBeGreaterThan(bench.clock.now() - 11_000);
  // As the node lifecycle controller does it to a node that it has not heard of.
  await bench.client.patch(
    NODES,
    { name: 'node-0' },
    'strategic',
    { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    { subresource: 'status' },
  );
  await bench.clock.advance(11_000);
  expect((await bench.node()).status.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
  });
  await bench.kubelets.stop();
  expect(bench.clock.pending()).toBe(0);
});

test('a node has a CSINode of its own, which outlives neither it nor a node of the same name', async () => {
  let failures = 2;
  const bench = await createBench({
    reactor: ({ verb, resource }) => {
      if (verb === 'create' && resource === 'csinodes' && failures-- > 0) throw new ApiError(503, 'ServiceUnavailable', 'not yet');
    },
  });
  const csiNode = () => bench.client.get(CSI_NODES, { name: 'node-0' });
  await expect(csiNode()).rejects.toThrow('not found');
  await bench.clock.advance(30_000);
  const { uid } = (await bench.node()).metadata;
  expect(await csiNode()).toMatchObject({
    metadata: {
      annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': expect.stringContaining('kubernetes.io/aws-ebs,') },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-0', uid }],
    },
    spec: { drivers: [] },
  });
  await bench.client.patch(CSI_NODES, { name: 'node-0' }, 'merge', {
    spec: { drivers: [{ name: 'csi.example.com', nodeID: 'n', topologyKeys: [] }] },
  });
  const restart = async (): Promise<void> => {
    await bench.kubelets.stop();
    const starting = bench.kubelets.start();
    await bench.clock.advance(0);
    await starting;
  };
  await restart();
  expect((await csiNode()).spec.drivers).toHaveLength(1);
  await bench.kubelets.stop();
  await bench.client.delete(NODES, { name: 'node-0' });
  await restart();
  const anew = (await bench.node()).metadata.uid;
  expect(anew).not.toBe(uid);
  expect((await csiNode()).metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Node', name: 'node-0', uid: anew }]);
  await bench.kubelets.stop();
});

test('the images of a node are told once, however often they are used', async () => {
  const bench = await createBench();
  bench.pod('a', { containers: [{ name: 'web', image: 'redis', imagePullPolicy: 'Always' }] });
  bench.pod('b');
  await bench.clock.advance(11_000);
  expect((await bench.node()).status.images!.map(({ names }) => names![1])).toEqual([
    'docker.io/library/nginx:latest',
    'docker.io/library/redis:latest',
  ]);
  const writes = (): number => bench.client.requests.filter(({ resource, verb }) => resource === 'nodes' && verb === 'patch').length;
  const before = writes();
  bench.pod('c', { containers: [{ name: 'web', image: 'redis', imagePullPolicy: 'Always' }] });
  await bench.clock.advance(30_000);
  expect(writes()).toBe(before);
  await bench.kubelets.stop();
});

test('a node that is known keeps its taints and others’ labels', async () => {
  const bench = await createBench();
  await bench.kubelets.stop();
  const taints = [{ key: 'example.com/broken', effect: 'NoSchedule' }];
  await bench.client.patch(NODES, { name: 'node-0' }, 'merge', {
    metadata: { labels: { tier: 'gold', 'kubernetes.io/os': 'plan9' } },
    spec: { taints, unschedulable: true },
  });
  const starting = bench.kubelets.start();
  await bench.clock.advance(0);
  await starting;
  const { metadata, spec } = await bench.node();
  expect(metadata.labels).toMatchObject({ tier: 'gold', 'kubernetes.io/os': 'linux' });
  expect(spec).toMatchObject({ taints, unschedulable: true });
  await bench.kubelets.stop();
});

test('registration is tried until the server answers', async () => {
  let failures = 3;
  const starting = createBench({
    reactor: ({ verb, resource }) => {
      if (verb === 'create' && resource === 'nodes' && failures-- > 0) throw new ApiError(503, 'ServiceUnavailable', 'not yet');
    },
    // The bench waits for the start, which needs time to go on.
    clock: (await import('../clock/real-clock.js')).realClock(),
  });
  const bench = await starting;
  expect((await bench.node()).metadata.name).toBe('node-0');
  await bench.kubelets.stop();
});

test('a node that loses power says nothing; back again, it runs its pods anew and doubles nothing', async () => {
  const bench = await createBench();
  bench.pod('once', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1h'] }] });
  bench.pod('web');
  bench.pod('kept', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['true'] }] });
  bench.pod('done', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['true'] }] });
  await bench.clock.advance(50);
  const before = await bench.get('web');
  expect(before.status.podIP).toBe('10.244.0.3');
  const handle = bench.kubelets.node('node-0');
  await handle.drainPower();
  await handle.drainPower();
  const requests = bench.client.requests.length;
  await bench.client.delete(PODS, { namespace: 'default', name: 'done' });
  await bench.clock.advance(600_000);
  expect(bench.client.requests.length).toBe(requests + 1);
  expect(bench.endpoints.get('node-0')).toBeUndefined();
  expect(bench.clock.pending()).toBe(0);

  const starting = Promise.all([handle.start(), handle.start()]);
  await bench.clock.advance(100);
  await starting;
  const web = await bench.get('web');
  expect(web.status).toMatchObject({
    phase: 'Running',
    startTime: before.status.startTime,
    podIP: '10.244.0.2',
    podIPs: [{ ip: '10.244.0.2' }],
    containerStatuses: [
      {
        restartCount: 1,
        ready: true,
        state: { running: { startedAt: '2026-01-01T00:10:00Z' } },
        lastState: { terminated: { exitCode: 255, reason: 'Unknown', containerID: before.status.containerStatuses![0]!.containerID } },
      },
    ],
  });
  expect(web.status.containerStatuses![0]!.containerID).not.toBe(before.status.containerStatuses![0]!.containerID);
  expect(await bench.events('web')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
  expect((await bench.get('once')).status).toMatchObject({
    phase: 'Failed',
    containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 255, reason: 'Unknown' } } }],
  });
  expect(bench.client.requests.slice(requests).filter(({ name, subresource }) => name === 'kept' && subresource === 'status')).toEqual([]);
  expect((await bench.get('kept')).status).toMatchObject({
    phase: 'Succeeded',
    containerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
  });
  expect(await bench.log('kept')).toMatch(/^unable to retrieve container logs for kubedouble:/);
  await bench.client.delete(PODS, { namespace: 'default', name: 'kept' });
  await bench.clock.advance(10);
  const { items } = await bench.client.list(PODS, {});
  expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(['once', 'web']);
  const started = (await bench.events('web')).filter((text) => text.startsWith('Started'));
  expect(started).toHaveLength(2);
  await bench.kubelets.stop();
});

test('a kubelet that is stopped says nothing, and its containers run on; back again, it ends what has gone and starts nothing twice', async () => {
  const bench = await createBench();
  bench.pod('web');
  bench.pod('gone');
  bench.pod('going', { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1h'] }] });
  bench.pod('short', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '60'] }] });
  await bench.clock.advance(50);
  const before = await bench.get('web');
  const { bootID } = (await bench.node()).status.nodeInfo;
  const handle = bench.kubelets.node('node-0');
  expect(handle.power).toBe('on');
  await handle.stop();
  await handle.stop();
  expect(handle.power).toBe('stopped');
  const requests = bench.client.requests.length;
  await bench.client.delete(PODS, { namespace: 'default', name: 'gone' }, { gracePeriodSeconds: 0 });
  await bench.client.patch(PODS, { namespace: 'default', name: 'going' }, 'merge', {
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1 },
  });
  await bench.clock.advance(600_000);
  expect(bench.client.requests.length).toBe(requests + 2);
  expect((await bench.get('short')).status.phase).toBe('Running');

  const starting = handle.start();
  await bench.clock.advance(100);
  await starting;
  await bench.clock.advance(5000);
  expect((await bench.get('web')).status.containerStatuses).toEqual(before.status.containerStatuses);
  expect((await bench.get('short')).status).toMatchObject({
    phase: 'Succeeded',
    containerStatuses: [{ state: { terminated: { finishedAt: '2026-01-01T00:01:00Z' } } }],
  });
  const { items } = await bench.client.list(PODS, {});
  expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(['short', 'web']);
  expect((await bench.node()).status.nodeInfo.bootID).toBe(bootID);
  expect(await bench.events('web')).not.toContainEqual(expect.stringMatching(/^(Killing|SandboxChanged)/));
  expect(await bench.events('gone')).toContain('Killing: Stopping container web');
  await bench.kubelets.stop();
  expect(handle.power).toBe('off');
  expect(bench.clock.pending()).toBe(0);
});

test('a machine that was off has another boot id, and says so', async () => {
  const bench = await createBench();
  const { bootID } = (await bench.node()).status.nodeInfo;
  const handle = bench.kubelets.node('node-0');
  await handle.drainPower();
  await handle.stop();
  expect(handle.power).toBe('off');
  const starting = handle.start();
  await bench.clock.advance(100);
  await starting;
  const now = (await bench.node()).status.nodeInfo.bootID;
  expect(now).not.toBe(bootID);
  expect(await bench.events('node-0')).toContain(`Rebooted: Node node-0 has been rebooted, boot id: ${now}`);
  await bench.kubelets.stop();
});

test('many nodes have names, addresses and ranges of their own; an unknown one is refused', async () => {
  const bench = await createBench({ count: 200, nodeAddress: (index) => `172.18.1.${index}` });
  expect(bench.kubelets.nodes).toHaveLength(200);
  expect((await bench.node('node-7')).status.addresses![0]!.address).toBe('172.18.1.7');
  expect(() => bench.kubelets.node('node-200')).toThrow('there is no node "node-200"');
  await bench.kubelets.stop();
  expect(bench.clock.pending()).toBe(0);
});
