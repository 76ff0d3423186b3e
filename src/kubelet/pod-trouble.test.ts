// Pods that lack something, or whose server fails: what they wait for, and that they go on.
import { CONFIG_MAPS, PODS } from '../client/resources.js';
import { createBench } from './testing/bench.js';

test('an image that cannot be pulled: ErrImagePull, then ImagePullBackOff, and again', async () => {
  const bench = await createBench();
  bench.pod('nope', { containers: [{ name: 'web', image: 'nginx:nosuch' }] });
  await bench.clock.advance(100);
  const why =
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nosuch": failed to resolve reference "docker.io/library/nginx:nosuch": docker.io/library/nginx:nosuch: not found';
  const waiting = async (): Promise<unknown> => (await bench.get('nope')).status.containerStatuses![0]!.state.waiting;
  expect(await waiting()).toEqual({ reason: 'ErrImagePull', message: why });
  await bench.clock.advance(1000);
  expect(await waiting()).toEqual({ reason: 'ImagePullBackOff', message: `Back-off pulling image "nginx:nosuch": ErrImagePull: ${why}` });
  expect(await bench.events('nope')).toEqual([
    'Pulling: Pulling image "nginx:nosuch"',
    `Failed: Failed to pull image "nginx:nosuch": ${why}`,
    'Failed: Error: ErrImagePull',
    'BackOff: Back-off pulling image "nginx:nosuch"',
    'Failed: Error: ImagePullBackOff',
  ]);
  await bench.clock.advance(9000);
  expect(await waiting()).toMatchObject({ reason: 'ErrImagePull' });
  await bench.client.patch(PODS, { namespace: 'default', name: 'nope' }, 'strategic', {
    spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
  });
  await bench.clock.advance(21_000);
  expect((await bench.get('nope')).status.phase).toBe('Running');
  await bench.kubelets.stop();
});

test('a pod waits for config maps of its environment and volumes, and goes on when they are there', async () => {
  const bench = await createBench();
  bench.pod('env', {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'echo $GREETING; sleep 1h'],
        env: [{ name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } }],
      },
    ],
  });
  bench.pod('volume', { volumes: [{ name: 'cfg', configMap: { name: 'settings' } }] });
  await bench.clock.advance(10);
  expect((await bench.get('env')).status.containerStatuses![0]!.state).toEqual({
    waiting: { reason: 'CreateContainerConfigError', message: 'configmap "settings" not found' },
  });
  expect((await bench.get('volume')).status.containerStatuses![0]!.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  expect(await bench.events('volume')).toEqual(['FailedMount: MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found']);
  expect(await bench.events('env')).toContain('Failed: Error: configmap "settings" not found');
  bench.client.seed(CONFIG_MAPS, { metadata: { name: 'settings', namespace: 'default' }, data: { greeting: 'hello' } });
  await bench.clock.advance(2000);
  expect((await bench.get('volume')).status.phase).toBe('Running');
  expect((await bench.get('env')).status.phase).toBe('Running');
  expect(await bench.log('env')).toBe('hello\n');
  await bench.kubelets.stop();
});

test('a pod past its active deadline fails', async () => {
  const bench = await createBench();
  bench.pod('late', { activeDeadlineSeconds: 30 });
  await bench.clock.advance(29_000);
  expect((await bench.get('late')).status.phase).toBe('Running');
  await bench.clock.advance(2000);
  expect((await bench.get('late')).status).toMatchObject({
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
    containerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
  });
  await bench.kubelets.stop();
});

test('pods on the host’s network have the node’s address and need no range', async () => {
  const bench = await createBench({ ranges: false });
  bench.pod('host', { hostNetwork: true });
  bench.pod('own');
  await bench.clock.advance(100);
  expect((await bench.get('host')).status).toMatchObject({ phase: 'Running', podIP: '172.18.0.2' });
  expect((await bench.get('own')).status.phase).toBe('Pending');
  // Nobody allocates ranges: the node takes one of its own in the end.
  await bench.clock.advance(2500);
  expect((await bench.get('own')).status).toMatchObject({ phase: 'Running', podIP: '10.244.0.2' });
  await bench.kubelets.stop();
});

test('a server that fails for a while is asked again, and nothing is started twice', async () => {
  let failures = 3;
  const bench = await createBench({
    reactor: ({ verb, subresource }) => {
      if (verb === 'patch' && subresource === 'status' && failures-- > 0) throw new Error('connection refused');
    },
  });
  bench.pod('web');
  await bench.clock.advance(20_000);
  expect((await bench.get('web')).status).toMatchObject({ phase: 'Running', containerStatuses: [{ restartCount: 0, ready: true }] });
  expect((await bench.events('web')).filter((text) => text.startsWith('Started'))).toHaveLength(1);
  await bench.kubelets.stop();
});

test('a hundred pods at once all run, each with an address of its own', async () => {
  const bench = await createBench();
  for (let i = 0; i < 100; i++) bench.pod(`p${i}`);
  await bench.clock.advance(200);
  const { items } = await bench.client.list(PODS, {});
  expect(items.every(({ status }) => status.phase === 'Running')).toBe(true);
  expect(new Set(items.map(({ status }) => status.podIP)).size).toBe(100);
  expect(items.reduce((sum, { metadata }) => sum + bench.statusWrites(metadata.name), 0)).toBe(200);
  await bench.kubelets.stop();
});
