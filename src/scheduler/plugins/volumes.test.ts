// Volumes: which nodes reach them, which are found or made. The sentences are those of a real kube-scheduler v1.36.3.
import {
  CSI_DRIVERS,
  CSI_NODES,
  CSI_STORAGE_CAPACITIES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
} from '../../client/resources.js';
import { setUpScheduler } from '../testing/world.js';

const zone = 'topology.kubernetes.io/zone';
const bound = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const to = (...claims: string[]) => ({
  volumes: claims.map((claimName, index) => ({ name: `v${index}`, persistentVolumeClaim: { claimName } })),
});
const only = (hostname: string) => ({ nodeSelector: { 'kubernetes.io/hostname': hostname } });

function cluster() {
  const set = setUpScheduler();
  const { client } = set;
  set.node('n0', { labels: { [zone]: 'a', zone: 'a' } });
  set.node('n1', { labels: { [zone]: 'a', zone: 'a' } });
  set.node('n2', { labels: { [zone]: 'b', zone: 'b' } });
  set.node('n3');
  const storageClass = (name: string, volumeBindingMode: string, provisioner = 'kubernetes.io/no-provisioner', more: object = {}) =>
    client.seed(STORAGE_CLASSES, { metadata: { name }, provisioner, volumeBindingMode, ...more });
  const claim = (name: string, storageClassName: string, more: { size?: string; modes?: string[]; volume?: string; phase?: string } = {}) =>
    client.seed(PERSISTENT_VOLUME_CLAIMS, {
      metadata: { name, namespace: 't', ...(more.volume === undefined ? {} : bound) },
      spec: {
        storageClassName,
        accessModes: more.modes ?? ['ReadWriteOnce'],
        resources: { requests: { storage: more.size ?? '1Gi' } },
        ...(more.volume === undefined ? {} : { volumeName: more.volume }),
      },
      status: { phase: more.phase ?? (more.volume === undefined ? 'Pending' : 'Bound') },
    });
  const volume = (name: string, storageClassName: string, storage: string, more: object = {}, labels = {}) =>
    client.seed(PERSISTENT_VOLUMES, {
      metadata: { name, labels },
      spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName, ...more },
      status: { phase: 'Available' },
    });
  storageClass('now', 'Immediate');
  storageClass('wait', 'WaitForFirstConsumer');
  storageClass('made', 'WaitForFirstConsumer', 'x.example.com');
  return { ...set, storageClass, claim, volume };
}

const near = (hostname: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] }] },
  },
});
const notHelpful = 'no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.';
const otherNodes = "3 node(s) didn't match Pod's node affinity/selector.";

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['no claim', to('absent'), 'persistentvolumeclaim "absent" not found. not found'],
  ['an immediate claim', to('unbound'), 'pod has unbound immediate PersistentVolumeClaims. not found'],
  ['a class that is not there', to('classless'), 'pod has unbound immediate PersistentVolumeClaims. not found'],
  ['a lost claim', to('lost'), 'persistentvolumeclaim "lost" bound to non-existent persistentvolume "gone". not found'],
  ['a claim without its volume', to('bereft'), 'persistentvolume "nowhere" not found. not found'],
  [
    'an ephemeral claim',
    { volumes: [{ name: 'e', ephemeral: { volumeClaimTemplate: {} } }] },
    'waiting for ephemeral volume controller to create the persistentvolumeclaim "asked-e". not found',
  ],
  ['no volume that is large enough', to('large'), `4 node(s) didn't find available persistent volumes to bind. ${notHelpful}`],
  [
    'a volume on another node',
    { ...to('local'), ...only('n0') },
    `1 node(s) didn't match PersistentVolume's node affinity, ${otherNodes} ${notHelpful}`,
  ],
  ['a volume in another zone', { ...to('zonal'), ...only('n0') }, `1 node(s) had no available volume zone, ${otherNodes} ${notHelpful}`],
  [
    'a volume to be found elsewhere',
    { ...to('waits'), ...only('n0') },
    `1 node(s) didn't find available persistent volumes to bind, ${otherNodes} ${notHelpful}`,
  ],
  [
    'a volume to be made elsewhere',
    { ...to('topology'), ...only('n2') },
    `1 node(s) didn't find available persistent volumes to bind, ${otherNodes} ${notHelpful}`,
  ],
  ['no space for it', { ...to('spacious'), ...only('n2') }, `1 node(s) did not have enough free storage, ${otherNodes} ${notHelpful}`],
  [
    'one pod at a time',
    to('exclusive'),
    '4 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. no new claims to deallocate, preemption: 0/4 nodes are available: 4 No preemption victims found for incoming pod.',
  ],
  [
    'too many volumes',
    { ...to('second'), ...only('n0') },
    `1 node(s) exceed max volume count, ${otherNodes} no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.`,
  ],
])('%s', async (_name, spec, expected) => {
  const { client, pod, claim, volume, storageClass, start, stop, condition } = cluster();
  claim('unbound', 'now');
  claim('classless', 'absent');
  claim('lost', 'now', { volume: 'gone', phase: 'Lost' });
  claim('bereft', 'now', { volume: 'nowhere' });
  claim('large', 'wait', { size: '50Gi' });
  claim('waits', 'wait');
  volume('small', 'wait', '2Gi', near('n2'));
  claim('local', 'now', { volume: 'v-local' });
  volume('v-local', 'now', '1Gi', near('n1'));
  claim('zonal', 'now', { volume: 'v-zonal' });
  volume('v-zonal', 'now', '1Gi', {}, { [zone]: 'b' });
  const allowedTopologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }];
  storageClass('zoned', 'WaitForFirstConsumer', 'x.example.com', { allowedTopologies });
  claim('topology', 'zoned');
  storageClass('counted', 'WaitForFirstConsumer', 'counted.example.com');
  client.seed(CSI_DRIVERS, { metadata: { name: 'counted.example.com' }, spec: { storageCapacity: true } });
  client.seed(CSI_STORAGE_CAPACITIES, {
    metadata: { name: 'c', namespace: 't' },
    storageClassName: 'counted',
    nodeTopology: { matchLabels: { zone: 'a' } },
    capacity: '100Gi',
  });
  claim('spacious', 'counted', { size: '10Gi' });
  claim('exclusive', 'now', { volume: 'v-exclusive', modes: ['ReadWriteOncePod'] });
  volume('v-exclusive', 'now', '1Gi');
  pod('user', { spec: { ...to('exclusive'), nodeName: 'n3' } });
  for (const name of ['first', 'second']) {
    claim(name, 'now', { volume: `v-${name}` });
    volume(`v-${name}`, 'now', '1Gi', { csi: { driver: 'x.example.com', volumeHandle: name } });
  }
  client.seed(CSI_NODES, {
    metadata: { name: 'n0' },
    spec: { drivers: [{ name: 'x.example.com', nodeID: 'n0', topologyKeys: [], allocatable: { count: 1 } }] },
  });
  // As the API shows one without drivers.
  client.seed(CSI_NODES, { metadata: { name: 'n1' }, spec: { drivers: null } });
  pod('holder', { spec: { ...to('first'), nodeName: 'n0' } });
  pod('asked', { spec });
  await start();
  expect((await condition('asked'))?.message).toBe(`0/4 nodes are available: ${expected}`);
  await stop();
});

test('an existing volume is bound to a claim that waited, and the pod follows it', async () => {
  const { client, pod, claim, volume, start, stop, settle, get, nodeOf } = cluster();
  claim('waits', 'wait');
  volume('bigger', 'wait', '5Gi', near('n2'));
  volume('smaller', 'wait', '2Gi', near('n2'));
  pod('web', { spec: to('waits') });
  await start();
  const { metadata, spec } = await client.get(PERSISTENT_VOLUMES, { name: 'smaller' });
  expect(metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' });
  expect(spec?.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 't', name: 'waits' });
  expect((await client.get(PERSISTENT_VOLUMES, { name: 'bigger' })).spec?.claimRef).toBeUndefined();
  expect((await get('web')).status?.nominatedNodeName).toBe('n2');
  expect(await nodeOf('web')).toBeUndefined();
  // What the volume controller does.
  await client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace: 't', name: 'waits' }, 'merge', {
    metadata: bound,
    spec: { volumeName: 'smaller' },
  });
  await settle();
  expect(await nodeOf('web')).toBe('n2');
  await stop();
});

test('a volume is asked for on the chosen node; when it cannot be made there, another is tried', async () => {
  const { client, clock, pod, claim, start, stop, settle, nodeOf, condition } = cluster();
  const key = { namespace: 't', name: 'data' };
  const selected = async () =>
    (await client.get(PERSISTENT_VOLUME_CLAIMS, key)).metadata.annotations?.['volume.kubernetes.io/selected-node'];
  claim('data', 'made');
  pod('web', { spec: { ...to('data'), ...only('n3') } });
  await start();
  expect(await selected()).toBe('n3');
  await client.patch(PERSISTENT_VOLUME_CLAIMS, key, 'merge', { metadata: { annotations: { 'volume.kubernetes.io/selected-node': null } } });
  await settle();
  expect(await condition('web')).toMatchObject({
    reason: 'SchedulerError',
    message: 'running PreBind plugin "VolumeBinding": provisioning failed for PVC "data"',
  });
  await clock.advance(1000);
  await settle();
  expect(await selected()).toBe('n3');
  await client.patch(PERSISTENT_VOLUME_CLAIMS, key, 'merge', { metadata: bound, spec: { volumeName: 'new' } });
  await settle();
  expect(await nodeOf('web')).toBe('n3');
  await stop();
});

test('waiting for a volume ends with its time, and with the pod', async () => {
  const { client, clock, pod, claim, start, stop, settle, condition, events } = cluster();
  claim('data', 'made');
  claim('other', 'made');
  pod('slow', { spec: to('data') });
  pod('gone', { spec: to('other') });
  await start();
  await client.delete(PODS, { namespace: 't', name: 'gone' }, { gracePeriodSeconds: 0 });
  await clock.advance(600_000);
  await settle();
  expect((await condition('slow'))?.message).toBe('running PreBind plugin "VolumeBinding": timed out waiting for the condition');
  expect(await events('gone')).toEqual([]);
  await stop();
});

test('a waiting claim wakes the pod when its volume comes', async () => {
  const { client, clock, pod, claim, volume, start, stop, settle, nodeOf } = cluster();
  claim('data', 'now');
  pod('web', { spec: to('data') });
  await start();
  volume('v', 'now', '1Gi');
  await client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace: 't', name: 'data' }, 'merge', { metadata: bound, spec: { volumeName: 'v' } });
  await clock.advance(1000);
  await settle();
  expect(await nodeOf('web')).toBeDefined();
  await stop();
});
