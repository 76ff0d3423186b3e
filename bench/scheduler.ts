// npm run bench -- --scheduler: how many pods a second the scheduler places on many nodes, in one process with the API server, over its
// in-process client: every pod is bound by a real request.
import { parseArgs } from 'node:util';
import { realClock, realRandom, resources, startCluster, type Client, type Cluster } from '../src/index.js';
import { createInformerFactory } from '../src/client/informer/factory.js';
import { createScheduler } from '../src/scheduler/scheduler.js';
import { UsageError } from './options.js';

const { NAMESPACES, NODES, PODS } = resources;
const namespace = 'bench';
const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
/** Pods that want to be away from each other come in groups of so many. */
const groupSize = 50;

interface Work {
  readonly nodes: number;
  readonly pods: number;
  readonly constraint: 'none' | 'anti-affinity' | 'spread';
}

async function makeNodes(client: Client, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const name = `bench-${i}`;
    const amounts = { cpu: '32', memory: '256Gi', pods: '110' };
    const made = await client.create(NODES, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { [hostname]: name, [zone]: `zone-${i % 3}` } },
      status: { capacity: amounts, allocatable: amounts },
    });
    await client.update(NODES, { ...made, spec: { ...made.spec, taints: [] } });
  }
}

function specOf(group: string, constraint: Work['constraint']): Readonly<Record<string, unknown>> {
  const labelSelector = { matchLabels: { group } };
  const containers = [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '128Mi' } } }];
  const base = { containers, automountServiceAccountToken: false };
  switch (constraint) {
    case 'none':
      return base;
    case 'anti-affinity':
      return {
        ...base,
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: hostname, labelSelector }] } },
      };
    case 'spread':
      return { ...base, topologySpreadConstraints: [{ topologyKey: zone, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector }] };
  }
}

async function makePods(client: Client, { pods, constraint }: Work): Promise<void> {
  for (let i = 0; i < pods; i++) {
    const group = `group-${Math.floor(i / groupSize)}`;
    await client.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, namespace, labels: { group } },
      spec: specOf(group, constraint),
    });
  }
}

/** Starts a scheduler for the pods that wait, and resolves with the seconds until the last one has its node. */
async function timeScheduling(cluster: Cluster, pods: number): Promise<number> {
  const clock = realClock();
  const random = realRandom();
  const informers = createInformerFactory({ client: cluster.client, clock, random });
  const scheduler = createScheduler({ client: cluster.client, informers, clock, random });
  let left = pods;
  const placed = new Promise<number>((resolve) => {
    informers.informer(PODS).addHandler({
      update: (previous, { spec }) => {
        if (previous.spec.nodeName === undefined && spec.nodeName !== undefined && --left === 0) resolve(clock.monotonic());
      },
    });
  });
  scheduler.start();
  informers.start();
  await informers.waitForSync();
  const from = clock.monotonic();
  const to = await placed;
  await scheduler.stop();
  informers.stop();
  return (to - from) / 1000;
}

async function measure(work: Work): Promise<void> {
  const cluster = await startCluster({ nodes: 0, components: [] });
  try {
    await cluster.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.client.create(resources.SERVICE_ACCOUNTS, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace },
    });
    await makeNodes(cluster.client, work.nodes);
    await makePods(cluster.client, work);
    const before = process.cpuUsage();
    const seconds = await timeScheduling(cluster, work.pods);
    const { user, system } = process.cpuUsage(before);
    const rate = Math.round(work.pods / seconds);
    console.log(
      `${work.constraint}: ${work.pods} pods on ${work.nodes} nodes in ${seconds.toFixed(2)} s: ${rate} pods a second (CPU time ${((user + system) / 1e6).toFixed(2)} s)`,
    );
  } finally {
    await cluster.stop();
  }
}

const help = `usage: npm run bench -- --scheduler [options]

Creates pods that wait, starts the scheduler, and measures until the last one has its node.

  --nodes NUMBER     (default 1000)
  --pods NUMBER      (default 3000)
  --only LIST        of: none,anti-affinity,spread (default all)
  --rounds NUMBER    (default 1)`;

const constraints = ['none', 'anti-affinity', 'spread'] as const;

function readOptions(args: readonly string[]): readonly Work[] | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string', default: '1000' },
      pods: { type: 'string', default: '3000' },
      only: { type: 'string', default: constraints.join(',') },
      rounds: { type: 'string', default: '1' },
      scheduler: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  const number = (name: 'nodes' | 'pods' | 'rounds'): number => {
    if (!/^[1-9]\d{0,5}$/.test(values[name])) throw new UsageError(`--${name} must be a whole number of 1 or more, not ${values[name]}`);
    return Number(values[name]);
  };
  const only = values.only.split(',');
  const wrong = only.find((one) => !constraints.some((known) => known === one));
  if (wrong !== undefined) throw new UsageError(`--only must be of ${constraints.join(', ')}, not ${wrong}`);
  const works = constraints
    .filter((one) => only.includes(one))
    .map((constraint): Work => ({ nodes: number('nodes'), pods: number('pods'), constraint }));
  return Array.from({ length: number('rounds') }, () => works).flat();
}

try {
  const works = readOptions(process.argv.slice(2));
  if (works === undefined) console.log(help);
  for (const work of works ?? []) await measure(work);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
