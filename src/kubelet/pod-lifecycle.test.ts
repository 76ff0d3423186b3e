// Pods through their phases: what the API is told, and the events.
import type { Pod } from '../../openapi/types/core.v1.js';
import { PODS } from '../client/resources.js';
import { createBench } from './testing/bench.js';

function condition(pod: Pod, type: string): unknown {
  const {
    lastTransitionTime: _,
    lastProbeTime: __,
    ...rest
  } = (pod.status.conditions?.find((one) => one.type === type) ?? {}) as Record<string, unknown>;
  return rest;
}

function shell(script: string, more: object = {}): object {
  return { containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', script], ...more }] };
}

test('a pod becomes Running in two status writes, with everything a real kubelet reports', async () => {
  const bench = await createBench();
  const resources = { requests: { cpu: '100m' }, limits: { memory: '64Mi' } };
  const volumeMounts = [{ name: 'data', mountPath: '/data', readOnly: true }];
  const made = bench.pod('web', {
    containers: [{ name: 'web', image: 'nginx:1.27', resources, volumeMounts }],
    volumes: [{ name: 'data', emptyDir: {} }],
  });
  const seen: unknown[] = [];
  const watch = bench.client.watch(
    PODS,
    { resourceVersion: made.metadata.resourceVersion },
    { event: ({ object }) => void seen.push(object.status), end: () => {} },
  );
  await bench.clock.advance(50);
  watch.stop();
  expect(bench.statusWrites('web')).toBe(2);
  expect(seen[0]).toMatchObject({
    phase: 'Pending',
    hostIP: '172.18.0.2',
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: [
      {
        name: 'web',
        image: 'nginx:1.27',
        imageID: '',
        ready: false,
        started: false,
        restartCount: 0,
        state: { waiting: { reason: 'ContainerCreating' } },
        lastState: {},
      },
    ],
  });
  const pod = await bench.get('web');
  expect(pod.status).toMatchObject({
    observedGeneration: 1,
    phase: 'Running',
    hostIPs: [{ ip: '172.18.0.2' }],
    podIP: '10.244.0.2',
    podIPs: [{ ip: '10.244.0.2' }],
    containerStatuses: [
      {
        name: 'web',
        image: 'docker.io/library/nginx:1.27',
        imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/),
        containerID: expect.stringMatching(/^kubedouble:\/\/[0-9a-f]{64}$/),
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        lastState: {},
        resources,
        allocatedResources: resources.requests,
        user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
        volumeMounts: [{ ...volumeMounts[0], recursiveReadOnly: 'Disabled' }],
      },
    ],
  });
  expect(pod.status.conditions!.map(({ type, status, observedGeneration }) => [type, status, observedGeneration])).toEqual([
    ['PodReadyToStartContainers', 'True', 1],
    ['Initialized', 'True', 1],
    ['Ready', 'True', 1],
    ['ContainersReady', 'True', 1],
    ['PodScheduled', 'True', 1],
  ]);
  expect(pod.status.conditions!.at(-1)!.lastTransitionTime).toBe('2025-12-31T23:59:59Z');
  expect(await bench.events('web')).toEqual([
    'Pulling: Pulling image "nginx:1.27"',
    'Pulled: Successfully pulled image "nginx:1.27" in 0s (0s including waiting). Image size: 72000000 bytes.',
    'Created: Container created',
    'Started: Container started',
  ]);
  await bench.kubelets.stop();
});

test('an image that is there is not pulled again; the next pod has the next address', async () => {
  const bench = await createBench();
  bench.pod('a');
  await bench.clock.advance(50);
  bench.pod('b');
  await bench.clock.advance(50);
  expect((await bench.events('b'))[0]).toBe('Pulled: Container image "nginx" already present on machine and can be accessed by the pod');
  expect((await bench.get('b')).status.podIP).toBe('10.244.0.3');
  await bench.kubelets.stop();
});

test('nothing is written for a pod in which nothing changes', async () => {
  const bench = await createBench();
  bench.pod('web');
  await bench.clock.advance(50);
  await bench.client.patch(PODS, { namespace: 'default', name: 'web' }, 'merge', { metadata: { labels: { a: 'b' } } });
  await bench.clock.advance(3_600_000);
  expect(bench.statusWrites('web')).toBe(2);
  await bench.kubelets.stop();
});

test('a new image in the spec restarts the container with it', async () => {
  const bench = await createBench();
  bench.pod('web');
  await bench.clock.advance(50);
  await bench.client.patch(PODS, { namespace: 'default', name: 'web' }, 'strategic', {
    spec: { containers: [{ name: 'web', image: 'nginx:2' }] },
  });
  await bench.clock.advance(100);
  const { status } = await bench.get('web');
  expect(status).toMatchObject({
    observedGeneration: 2,
    containerStatuses: [{ image: 'docker.io/library/nginx:2', restartCount: 1, ready: true }],
  });
  expect(await bench.events('web')).toContain('Killing: Container web definition changed, will be restarted');
  await bench.kubelets.stop();
});

test('a command that ends makes the pod Succeeded or Failed, by the restart policy', async () => {
  const bench = await createBench();
  bench.pod('good', { restartPolicy: 'Never', ...shell('echo hi; sleep 3') });
  bench.pod('bad', { restartPolicy: 'Never', ...shell('echo hi; exit 3', { terminationMessagePolicy: 'FallbackToLogsOnError' }) });
  await bench.clock.advance(2000);
  expect((await bench.get('good')).status.phase).toBe('Running');
  await bench.clock.advance(2000);
  const good = await bench.get('good');
  expect(good.status).toMatchObject({
    phase: 'Succeeded',
    containerStatuses: [
      {
        ready: false,
        started: false,
        state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:03Z' } },
      },
    ],
  });
  expect(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => condition(good, type))).toEqual([
    { type: 'PodReadyToStartContainers', status: 'False', observedGeneration: 1 },
    { type: 'Initialized', status: 'True', reason: 'PodCompleted', observedGeneration: 1 },
    { type: 'Ready', status: 'False', reason: 'PodCompleted', observedGeneration: 1 },
    { type: 'ContainersReady', status: 'False', reason: 'PodCompleted', observedGeneration: 1 },
  ]);
  const bad = await bench.get('bad');
  expect(bad.status).toMatchObject({
    phase: 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error', message: 'hi\n' } } }],
  });
  expect(condition(bad, 'Ready')).toEqual({ type: 'Ready', status: 'False', reason: 'PodFailed', observedGeneration: 1 });
  expect(await bench.log('good')).toBe('hi\n');
  await bench.kubelets.stop();
});

test('a container that keeps failing waits 10 s, 20 s, 40 s, up to 5 minutes', async () => {
  const bench = await createBench();
  bench.pod('crash', shell('echo run; exit 1'));
  await bench.clock.advance(100);
  const restarts = async (): Promise<number> => (await bench.get('crash')).status.containerStatuses![0]!.restartCount;
  const pod = await bench.get('crash');
  expect(pod.status).toMatchObject({
    phase: 'Running',
    containerStatuses: [
      {
        restartCount: 1,
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: `back-off 10s restarting failed container=main pod=crash_default(${pod.metadata.uid})`,
          },
        },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  });
  expect(condition(pod, 'Ready')).toEqual({
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [main]',
    observedGeneration: 1,
  });
  expect(await bench.events('crash')).toContain(
    `BackOff: Back-off restarting failed container main in pod crash_default(${pod.metadata.uid})`,
  );
  await bench.clock.advance(10_000);
  expect(await restarts()).toBe(2);
  await bench.clock.advance(19_000);
  expect(await restarts()).toBe(2);
  await bench.clock.advance(2000);
  expect(await restarts()).toBe(3);
  await bench.clock.advance((40 + 80 + 160) * 1000);
  expect(await restarts()).toBe(6);
  expect((await bench.get('crash')).status.containerStatuses![0]!.state.waiting!.message).toContain('back-off 5m0s restarting');
  expect(await bench.log('crash', { previous: true })).toBe('run\n');
  await bench.kubelets.stop();
});

test('restart policies of containers come before the pod’s', async () => {
  const bench = await createBench();
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  bench.pod('rules', { restartPolicy: 'Never', ...shell('exit 42', { restartPolicy: 'Never', restartPolicyRules: rules }) });
  bench.pod('failing', { restartPolicy: 'OnFailure', ...shell('exit 0') });
  await bench.clock.advance(100);
  expect((await bench.get('rules')).status).toMatchObject({ phase: 'Running', containerStatuses: [{ restartCount: 1 }] });
  expect((await bench.get('failing')).status).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ restartCount: 0 }] });
  await bench.kubelets.stop();
});

test('init containers run in order, sidecars stay, and then the others start', async () => {
  const bench = await createBench();
  const sleeper = (name: string): object => ({ name, image: 'busybox', command: ['sleep', '5'] });
  bench.pod('init', { initContainers: [sleeper('first'), { name: 'side', image: 'redis', restartPolicy: 'Always' }, sleeper('second')] });
  await bench.clock.advance(1000);
  const early = await bench.get('init');
  expect(early.status).toMatchObject({
    phase: 'Pending',
    initContainerStatuses: [
      { state: { running: {} }, ready: false, started: true },
      { state: { waiting: { reason: 'PodInitializing' } } },
      { state: { waiting: { reason: 'PodInitializing' } } },
    ],
    containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
  });
  expect(condition(early, 'Initialized')).toEqual({
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [first side second]',
    observedGeneration: 1,
  });
  await bench.clock.advance(5000);
  expect(condition(await bench.get('init'), 'Initialized')).toMatchObject({ message: 'containers with incomplete status: [second]' });
  await bench.clock.advance(5000);
  expect((await bench.get('init')).status).toMatchObject({
    phase: 'Running',
    initContainerStatuses: [
      { ready: true, started: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      { ready: true, started: true, state: { running: {} } },
      { ready: true },
    ],
    containerStatuses: [{ ready: true }],
  });
  await bench.kubelets.stop();
});

test('an init container that fails ends a pod that never restarts; sidecars end with the others', async () => {
  const bench = await createBench();
  bench.pod('broken', { restartPolicy: 'Never', initContainers: [{ name: 'first', image: 'busybox', command: ['false'] }] });
  bench.pod('job', {
    restartPolicy: 'Never',
    initContainers: [{ name: 'side', image: 'redis', restartPolicy: 'Always' }],
    ...shell('sleep 2'),
  });
  await bench.clock.advance(3000);
  const broken = await bench.get('broken');
  expect(broken.status).toMatchObject({
    phase: 'Failed',
    initContainerStatuses: [{ state: { terminated: { exitCode: 1 } } }],
    containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
  });
  expect((await bench.get('job')).status).toMatchObject({
    phase: 'Succeeded',
    initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
  });
  await bench.kubelets.stop();
});

test('readiness: probes after their delays, and gates', async () => {
  const bench = await createBench();
  const probed = {
    name: 'web',
    image: 'nginx',
    startupProbe: { initialDelaySeconds: 5, exec: {} },
    readinessProbe: { initialDelaySeconds: 8, httpGet: { port: 80 } },
  };
  bench.pod('probed', { containers: [probed], readinessGates: [{ conditionType: 'example.com/gate' }] });
  await bench.clock.advance(1000);
  const first = async (): Promise<unknown> => (await bench.get('probed')).status.containerStatuses![0];
  expect(await first()).toMatchObject({ started: false, ready: false });
  await bench.clock.advance(4000);
  expect(await first()).toMatchObject({ started: true, ready: false });
  await bench.clock.advance(3000);
  expect(await first()).toMatchObject({ started: true, ready: true });
  expect(condition(await bench.get('probed'), 'Ready')).toEqual({
    type: 'Ready',
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.',
    observedGeneration: 1,
  });
  await bench.client.patch(
    PODS,
    { namespace: 'default', name: 'probed' },
    'strategic',
    { status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } },
    { subresource: 'status' },
  );
  await bench.clock.advance(10);
  expect(condition(await bench.get('probed'), 'Ready')).toEqual({ type: 'Ready', status: 'True', observedGeneration: 1 });
  await bench.kubelets.stop();
});
