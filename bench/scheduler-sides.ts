// The schedulers that are measured: ours in one process with its API server, and the real kube-scheduler with kube-apiserver and etcd.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock, realRandom, resources, startCluster, type Client } from '../src/index.js';
import { createInformerFactory } from '../src/client/informer/factory.js';
import { createScheduler } from '../src/scheduler/scheduler.js';
import { ApiClient } from './api-client.js';
import { cpuSeconds } from './controllers/cpu.js';
import { startReference } from './controllers/sides.js';
import { parallel } from './load/parallel.js';
import { namespace, nodeOf, podOf, Progress, type Work } from './scheduler-work.js';
import { freePort } from './startup.js';

export interface Measured {
  readonly seconds: number;
  /** Of all processes of the side, while it scheduled; undefined where the system does not tell. */
  readonly cpu: number | undefined;
}

export interface SchedulerSide {
  readonly name: string;
  measure(work: Work): Promise<Measured>;
}

const { NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS } = resources;
const requestsAtOnce = 16;
/** The longest that scheduling may take. */
const patience = 600_000;

/** Ours: every pod is bound by a request through the in-process client. */
export const ours: SchedulerSide = {
  name: 'kubedouble',
  async measure(work) {
    const cluster = await startCluster({ nodes: 0, components: [] });
    try {
      const { client } = cluster;
      await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
      for (let i = 0; i < work.nodes; i++) {
        const made = await client.create(NODES, nodeOf(i));
        await client.update(NODES, { ...made, spec: { ...made.spec, taints: [] } });
      }
      for (let i = 0; i < work.pods; i++) await client.create(PODS, podOf(i, work.constraint));
      return await timed(client, work.pods);
    } finally {
      await cluster.stop();
    }
  },
};

async function timed(client: Client, pods: number): Promise<Measured> {
  const [clock, random] = [realClock(), realRandom()];
  const informers = createInformerFactory({ client, clock, random });
  const scheduler = createScheduler({ client, informers, clock, random });
  const progress = new Progress(pods);
  informers.informer(PODS).addHandler({
    update: (previous, { spec }) => {
      if (previous.spec.nodeName === undefined && spec.nodeName !== undefined) progress.placed();
    },
  });
  const before = process.cpuUsage();
  scheduler.start();
  informers.start();
  const seconds = await withPatience(progress);
  const { user, system } = process.cpuUsage(before);
  await scheduler.stop();
  informers.stop();
  return { seconds, cpu: (user + system) / 1e6 };
}

/**
 * The real ones. The scheduler may send as many requests as it likes: by default it binds 50 pods a second and no more.
 * @param folder where the scripts `up` and `down` of the reference are
 */
export function realScheduler(folder: string): SchedulerSide {
  return {
    name: 'kube-scheduler',
    async measure(work) {
      const cluster = await startReference(folder, []);
      const client = new ApiClient(cluster.target);
      try {
        await fill(client, work);
        return await timedReal(client, work.pods, cluster.pids, join(cluster.home, 'kubeconfig'));
      } finally {
        client.close();
        await cluster.stop();
      }
    },
  };
}

async function fill(client: ApiClient, { nodes, pods, constraint }: Work): Promise<void> {
  const create = (path: string, body: unknown): Promise<{ spec?: object }> => client.json('POST', path, { body });
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  });
  const made = await parallel(nodes, requestsAtOnce, async (index) => {
    const node = await create('/api/v1/nodes', nodeOf(index));
    await client.request('PUT', `/api/v1/nodes/bench-${index}`, { body: { ...node, spec: { ...node.spec, taints: [] } } });
  });
  const waiting = await parallel(pods, requestsAtOnce, (index) => create(`/api/v1/namespaces/${namespace}/pods`, podOf(index, constraint)));
  if (made.errors + waiting.errors > 0) throw new Error(`${made.errors} nodes and ${waiting.errors} pods could not be created`);
}

async function timedReal(client: ApiClient, pods: number, pids: readonly number[], kubeconfig: string): Promise<Measured> {
  const progress = new Progress(pods);
  const stopWatch = await client.watch(`/api/v1/namespaces/${namespace}/pods?watch=1&fieldSelector=spec.nodeName!%3D`, (line) => {
    const { type } = JSON.parse(line) as { type: string };
    if (type === 'ADDED') progress.placed();
  });
  const folder = await mkdtemp(join(tmpdir(), 'scheduler-bench-'));
  const program = join(process.env['REFERENCE_BIN'] ?? join(homedir(), '.cache/kube-reference/bin'), 'kube-scheduler');
  const own = ['--kubeconfig', kubeconfig, '--authentication-kubeconfig', kubeconfig, '--authorization-kubeconfig', kubeconfig];
  const limits = ['--kube-api-qps', '10000', '--kube-api-burst', '10000'];
  const port = String(await freePort());
  const before = cpuSeconds(pids);
  const scheduler = spawn(program, [...own, ...limits, '--leader-elect=false', '--bind-address', '127.0.0.1', '--secure-port', port], {
    stdio: 'ignore',
    cwd: folder,
  });
  try {
    const ended = new Promise<never>((_, reject) => {
      scheduler.once('error', reject);
      scheduler.once('exit', (code) => reject(new Error(`${program} ended with code ${code}`)));
    });
    const seconds = await Promise.race([withPatience(progress), ended]);
    const after = cpuSeconds(pids);
    const its = cpuSeconds([scheduler.pid!]);
    return { seconds, cpu: before === undefined || after === undefined || its === undefined ? undefined : after - before + its };
  } finally {
    stopWatch();
    scheduler.removeAllListeners('exit');
    scheduler.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function withPatience(progress: Progress): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${progress.placedSoFar} pods have a node after ${patience / 1000} s`)), patience);
  });
  try {
    return await Promise.race([progress.seconds, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
