// What whole clusters are asked to do, and how long they take.
import { ApiClient } from '../api-client.js';
import { parallel } from '../load/parallel.js';
import { residentMegabytes } from '../memory.js';
import { cpuSeconds } from './cpu.js';
import { seconds, type RunningCluster, type Side } from './sides.js';

export interface Amounts {
  /** Of the deployment. */
  readonly replicas: number;
  readonly deploymentNodes: number;
  /** Of the story with many nodes. */
  readonly nodes: number;
  readonly pods: number;
  readonly steadyNodes: number;
  /** How long the steady state is watched. */
  readonly steadySeconds: number;
}

export type Figures = Readonly<Record<string, number | undefined>>;

export const stories = { deployment, scale, steady } as const;
export type StoryName = keyof typeof stories;

const namespace = 'bench';
const requestsAtOnce = 16;
/** How long one thing may take. */
const patience = 600_000;
const labels = { app: 'bench' };
const podSpec = { containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu: '10m', memory: '8Mi' } } }] };

/** A Deployment from 0 replicas to many, until its status says that all are ready. */
async function deployment(side: Side, { replicas, deploymentNodes }: Amounts): Promise<Figures> {
  return withCluster(side, deploymentNodes, async (client, { pids }) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await client.request('POST', path, {
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'bench' },
        spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
      },
    });
    const cpu = cpuSeconds(pids);
    const began = performance.now();
    await client.request('PATCH', `${path}/bench`, { body: { spec: { replicas } }, contentType: 'application/merge-patch+json' });
    await until<{ status: { readyReplicas?: number } }>(client, path, ({ object }) => object.status.readyReplicas === replicas);
    return { deployment_s: seconds(began), deployment_cpu_s: used(cpu, cpuSeconds(pids)), deployment_MB: residentMegabytes(pids) };
  });
}

/** Many nodes, then many pods on them. */
async function scale(side: Side, { nodes, pods }: Amounts): Promise<Figures> {
  return withCluster(side, nodes, async (client, { pids, started }, began) => {
    await untilReady(client, nodes);
    const ready = side.name === 'kubedouble' ? started : seconds(began);
    const figures = await fill(client, pids, pods);
    return { nodes_s: ready, ...figures };
  });
}

/** What a full cluster costs when nothing happens. */
async function steady(side: Side, { steadyNodes, pods, steadySeconds }: Amounts): Promise<Figures> {
  return withCluster(side, steadyNodes, async (client, { pids }) => {
    await untilReady(client, steadyNodes);
    await fill(client, pids, pods);
    // Events are still being written, and caches settle.
    await new Promise((done) => setTimeout(done, 20_000));
    const before = cpuSeconds(pids);
    const began = performance.now();
    await new Promise((done) => setTimeout(done, steadySeconds * 1000));
    const cpu = used(before, cpuSeconds(pids));
    return { steady_percent: cpu === undefined ? undefined : (100 * cpu) / seconds(began), steady_MB: residentMegabytes(pids) };
  });
}

async function fill(client: ApiClient, pids: readonly number[], pods: number): Promise<Figures> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const cpu = cpuSeconds(pids);
  const began = performance.now();
  const running = new Set<string>();
  const all = until<{ metadata: { name: string } }>(client, path, ({ object }) => running.add(object.metadata.name).size === pods, 'fieldSelector=status.phase%3DRunning'); // prettier-ignore
  const { errors } = await parallel(pods, requestsAtOnce, (index) =>
    client.request('POST', path, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${index}`, labels }, spec: podSpec } }),
  );
  if (errors > 0) throw new Error(`${errors} of ${pods} pods could not be created`);
  await all;
  return { pods_s: seconds(began), pods_cpu_s: used(cpu, cpuSeconds(pids)), pods_MB: residentMegabytes(pids) };
}

async function withCluster(
  side: Side,
  nodes: number,
  tell: (client: ApiClient, cluster: RunningCluster, began: number) => Promise<Figures>,
): Promise<Figures> {
  const began = performance.now();
  const cluster = await side.start(nodes);
  const client = new ApiClient(cluster.target);
  try {
    await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } });
    await until(client, `/api/v1/namespaces/${namespace}/serviceaccounts`, () => true);
    return await tell(client, cluster, began);
  } finally {
    client.close();
    await cluster.stop();
  }
}

interface ReadyNode {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function untilReady(client: ApiClient, nodes: number): Promise<void> {
  const ready = new Set<string>();
  await until<ReadyNode>(client, '/api/v1/nodes', ({ object }) => {
    if (object.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) ready.add(object.metadata.name);
    return ready.size === nodes;
  });
}

/** Watches, from what is there on, until `done` says so. Rejects after ten minutes. */
async function until<T>(client: ApiClient, path: string, done: (event: { object: T }) => boolean, query = ''): Promise<void> {
  let close = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${path}: not there after ${patience / 1000} s`)), patience);
      const onLine = (line: string): void => {
        const event = JSON.parse(line) as { type: string; object: T };
        if (event.type === 'ERROR') reject(new Error(`${path}: ${line}`));
        else if (event.type !== 'DELETED' && done(event)) resolve();
      };
      client.watch(`${path}?watch=1&${query}`, onLine).then((stop) => (close = stop), reject);
    });
  } finally {
    clearTimeout(timer);
    close();
  }
}

function used(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
