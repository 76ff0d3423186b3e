// Clusters start and stop in a process without disturbing each other or leaving anything behind.
import { connect } from 'node:net';
import { CertificateError, OptionError, resources, startCluster, type Cluster, type ClusterOptions } from '../../src/index.js';
import { until } from '../support/until.js';

const { NAMESPACES, PODS, SERVICE_ACCOUNTS } = resources;

/** Handles that keep a process alive, but for those of the test runner. */
const handles = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP') || name === 'Timeout' || name === 'FSEventWrap');

/** The handles that were not there before; some that were may have ended meanwhile. */
const beyond = (before: readonly string[]): readonly string[] => {
  const left = [...before];
  return handles().filter((name) => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
};

/** Whether nobody listens on the port. Resolves when the socket is gone again. */
const refuses = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    let refused = false;
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => (refused = true));
    socket.once('close', () => resolve(refused));
  });

/** Stopped after each test, however it ended: a cluster keeps its process alive. */
const running: Cluster[] = [];
const start = async (options?: ClusterOptions): Promise<Cluster> => {
  const cluster = await startCluster(options);
  running.push(cluster);
  return cluster;
};
afterEach(() => Promise.all(running.splice(0).map((cluster) => cluster.stop())));

it('several clusters at once know nothing of each other', async () => {
  const clusters = await Promise.all([1, 2, 3].map((nodes) => start({ nodes })));
  expect(new Set(clusters.map(({ port }) => port)).size).toBe(3);
  expect(clusters.map(({ nodes }) => nodes.length)).toEqual([1, 2, 3]);
  await clusters[0]!.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
  await clusters[1]!.client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'nginx' }] },
  });
  await until(clusters[1]!.client, PODS, { namespace: 'default', name: 'p' }, ({ status }) => status?.phase === 'Running');
  expect((await clusters[2]!.client.list(NAMESPACES)).items.map(({ metadata }) => metadata.name)).not.toContain('mine');
  expect((await clusters[2]!.client.list(PODS)).items).toEqual([]);
});

it('stop frees the port and leaves no timer and no socket; it may be called again', async () => {
  const before = handles();
  const cluster = await start();
  expect(await refuses(cluster.port)).toBe(false);
  await cluster.client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'busybox', command: ['sleep', '1000'] }] },
  });
  await until(cluster.client, PODS, { namespace: 'default', name: 'p' }, ({ status }) => status?.phase === 'Running');
  await Promise.all([cluster.stop(), cluster.stop()]);
  await cluster.stop();
  expect(await refuses(cluster.port)).toBe(true);
  // A closed socket is gone with the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  expect(beyond(before)).toEqual([]);
});

it('a port can be taken again at once', async () => {
  const first = await start({ nodes: 0 });
  await first.stop();
  const second = await start({ nodes: 0, port: first.port });
  expect(second.port).toBe(first.port);
  await second.stop();
});

describe('what cannot be is refused before anything starts', () => {
  it.each([
    [{ nodes: -1 }, 'nodes must be a whole number from 0 to 10000, not -1'],
    [{ nodes: 1.5 }, 'nodes must be a whole number from 0 to 10000, not 1.5'],
    [{ port: 65536 }, 'port must be a whole number from 0 to 65535 (0 takes a free one), not 65536'],
    [{ components: ['nope' as 'kubelet'] }, 'there is no component "nope": choose from apiserver, controllers, scheduler, kubelet'],
    [{ bind: '192.0.2.1' }, '192.0.2.1 is no address of this machine: choose one with --bind, such as 127.0.0.1 or 0.0.0.0'],
  ])('%j', async (options, message) => {
    const error: unknown = await start(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as OptionError).message).toBe(message);
  });

  it('a port in use', async () => {
    const cluster: Cluster = await start({ nodes: 0 });
    await expect(startCluster({ nodes: 0, port: cluster.port })).rejects.toThrow(`port ${cluster.port} on 127.0.0.1 is in use`);
    await cluster.stop();
  });

  it('a certificate folder that is none', async () => {
    await expect(startCluster({ certDir: '/dev/null' })).rejects.toBeInstanceOf(CertificateError);
  });
});

it('components can be left out', async () => {
  const cluster = await start({ components: ['apiserver'] });
  expect(cluster.nodes).toEqual([]);
  // What the service account controller would make, without which there are no pods.
  await cluster.client.create(SERVICE_ACCOUNTS, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  });
  await cluster.client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'nginx' }] },
  });
  expect((await cluster.client.get(PODS, { namespace: 'default', name: 'p' })).status).toMatchObject({ phase: 'Pending' });
});
