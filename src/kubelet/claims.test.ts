// Pods that claim persistent volumes: what they wait for, and what is said of it.
import { CSI_NODES, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../client/resources.js';
import { createBench } from './testing/bench.js';

type Bench = Awaited<ReturnType<typeof createBench>>;

const namespace = 'default';
const using = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
const unprocessed =
  'FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: ';

function seedClaim(bench: Bench, phase: string, metadata: object = {}): void {
  bench.client.seed(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name: 'data', namespace, uid: 'uid-data', ...metadata },
    spec: { volumeName: 'pv' },
    status: { phase },
  });
}
function seedVolume(bench: Bench, spec: object): void {
  bench.client.seed(PERSISTENT_VOLUMES, {
    metadata: { name: 'pv' },
    spec: { claimRef: { namespace, name: 'data', uid: 'uid-data' }, ...spec },
  });
}
const waiting = { waiting: { reason: 'ContainerCreating' } };

test('a pod waits for its claim to be there, to be bound, and for the volume, and then runs', async () => {
  const bench = await createBench();
  bench.pod('web', using);
  await bench.clock.advance(10);
  expect((await bench.get('web')).status.containerStatuses![0]!.state).toEqual(waiting);
  expect(await bench.events('web')).toEqual([
    `${unprocessed}error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found`,
  ]);
  seedClaim(bench, 'Pending');
  await bench.clock.advance(500);
  expect(await bench.events('web')).toContain(`${unprocessed}error processing PVC default/data: PVC is not bound`);
  seedClaim(bench, 'Bound');
  seedVolume(bench, { hostPath: { path: '/tmp/x' } });
  await bench.clock.advance(5000);
  expect((await bench.get('web')).status.phase).toBe('Running');
  await bench.kubelets.stop();
});

test('a claim of an ephemeral volume must be the pod’s own', async () => {
  const bench = await createBench();
  bench.client.seed(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name: 'web-v', namespace, uid: 'uid-data' },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' },
  });
  bench.pod('web', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] });
  await bench.clock.advance(10);
  expect(await bench.events('web')).toEqual([`${unprocessed}PVC default/web-v was not created for pod default/web (pod is not owner)`]);
  await bench.kubelets.stop();
});

test('a volume of a driver waits for its attachment, quietly for two minutes, and for the driver on the node', async () => {
  const bench = await createBench();
  seedClaim(bench, 'Bound');
  seedVolume(bench, { csi: { driver: 'example.com', volumeHandle: 'h' } });
  bench.pod('web', using);
  await bench.clock.advance(60_000);
  expect(await bench.events('web')).toEqual([]);
  await bench.clock.advance(300_000);
  expect(await bench.events('web')).toEqual([
    'FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[]: context deadline exceeded',
  ]);
  const node = (await bench.get('web')).spec.nodeName!;
  const attached = [{ name: 'kubernetes.io/csi/example.com^h', devicePath: '' }];
  await bench.client.patch(NODES, { name: node }, 'merge', { status: { volumesAttached: attached } }, { subresource: 'status' });
  await bench.clock.advance(130_000);
  expect((await bench.events('web')).at(-1)).toBe(
    'FailedMount: MountVolume.MountDevice failed for volume "pv" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name example.com not found in the list of registered CSI drivers',
  );
  bench.client.seed(CSI_NODES, { metadata: { name: node }, spec: { drivers: [{ name: 'example.com', nodeID: node }] } });
  await bench.clock.advance(11_000);
  expect((await bench.get('web')).status.phase).toBe('Running');
  // The node tells that it uses the volume for as long as the pod is there.
  await bench.clock.advance(11_000);
  const inUse = async (): Promise<readonly string[] | undefined> => (await bench.client.get(NODES, { name: node })).status.volumesInUse;
  expect(await inUse()).toEqual(['kubernetes.io/csi/example.com^h']);
  await bench.client.delete(PODS, { namespace, name: 'web' }, { gracePeriodSeconds: 0 });
  await bench.clock.advance(11_000);
  expect((await inUse()) ?? []).toEqual([]);
  await bench.kubelets.stop();
});
