// Everything fails for a while: requests are refused, dropped or slow, watches are cut, controllers and nodes restart, objects are deleted
// under the hands of their controllers. In the end all is as it was asked for, nothing is lost and nothing doubled.
// FAULT_SEEDS=1,2,3 or FAULT_SEEDS=200 (so many) plays others than the fixed handful; a failure names its seed.
import { ApiError, conflict, internalError, tooManyRequests } from '../../src/apimachinery/errors/api-error.js';
import type { FaultRule, FaultVerb } from '../../src/client/faults/faults.js';
import { controllerNames } from '../../src/controllers/index.js';
import { resources, type KubeObject } from '../../src/index.js';
import { startChaos, type Chaos } from '../support/chaos.js';

const { DEPLOYMENTS, ENDPOINTS, ENDPOINT_SLICES, JOBS, NODES, PODS, REPLICA_SETS, SERVICES, STATEFUL_SETS } = resources;
const namespace = 'default';
const hasStatefulSets = controllerNames.includes('statefulset-controller');

/** The seeds to play. */
function seeds(): readonly number[] {
  const asked = process.env['FAULT_SEEDS'];
  if (asked === undefined || asked === '') return [1, 2, 3];
  if (asked.includes(',')) return asked.split(',').map(Number);
  return Array.from({ length: Number(asked) }, (_, index) => index + 100);
}

let chaos: Chaos;
afterEach(() => chaos.stop());

const pick = <T>(items: readonly T[]): T => items[Math.floor(chaos.random.next() * items.length)]!;
const upTo = (most: number): number => Math.floor(chaos.random.next() * (most + 1));
const template = (app: string, image: string, command?: readonly string[]) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image, ...(command === undefined ? {} : { command }) }] },
});
const list = async <T extends KubeObject>(type: Parameters<typeof chaos.client.list<T>>[0]): Promise<readonly T[]> =>
  (await chaos.client.list(type, { namespace })).items;
/** What a user does meets with what others do meanwhile; then it is left. */
const gently = async (run: () => Promise<unknown>): Promise<void> => {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ApiError) || ![404, 409].includes(error.code)) throw error;
  }
};

/** What is wanted in the end. */
interface Wanted {
  readonly replicas: Map<string, number>;
  readonly image: Map<string, string>;
  readonly jobs: Map<string, number>;
  setReplicas: number;
}

const createWeb = (name: string, wanted: Wanted) =>
  chaos.client.create(DEPLOYMENTS, {
    metadata: { name, namespace },
    spec: {
      replicas: wanted.replicas.get(name)!,
      selector: { matchLabels: { app: name } },
      template: template(name, wanted.image.get(name)!),
    },
  });

async function begin(): Promise<Wanted> {
  const names = ['web', 'api'];
  const wanted: Wanted = {
    replicas: new Map(names.map((name) => [name, 4])),
    image: new Map(names.map((name) => [name, 'nginx:1'])),
    jobs: new Map(),
    setReplicas: 3,
  };
  for (const name of names) {
    await createWeb(name, wanted);
    await chaos.client.create(SERVICES, { metadata: { name, namespace }, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
  }
  await chaos.client.create(SERVICES, { metadata: { name: 'db', namespace }, spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 80 }] } }); // prettier-ignore
  if (hasStatefulSets)
    await chaos.client.create(STATEFUL_SETS, {
      metadata: { name: 'db', namespace },
      spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template('db', 'redis') },
    });
  return wanted;
}

const verbs: readonly FaultVerb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** A rule for a while: some share of some requests fails in some way. */
function randomRule(): FaultRule {
  const errors = [
    conflict(PODS, 'x', 'the object has been modified; please apply your changes to the latest version and try again'),
    tooManyRequests('too many requests, please try again later', 1),
    internalError('it hurts'),
    new ApiError(503, 'ServiceUnavailable', 'not now'),
  ];
  const some = chaos.random.next() < 0.5 ? {} : { verbs: [pick(verbs), pick(verbs)] };
  const share = { ...some, probability: 0.1 + chaos.random.next() * 0.6, times: 5 + upTo(60) };
  switch (upTo(3)) {
    case 0:
      return { ...share, latency: upTo(2000) };
    case 1:
      return { ...share, verbs: ['create', 'update', 'patch', 'delete'], afterwards: true };
    case 2:
      return { verbs: ['watch'], cutAfter: upTo(3000), times: 1 + upTo(20) };
    default:
      return { ...share, error: pick(errors) };
  }
}

/** One thing that happens. */
async function happen(wanted: Wanted): Promise<void> {
  const { client } = chaos;
  const name = pick([...wanted.replicas.keys()]);
  const node = pick(chaos.nodes);
  const happenings: readonly (() => Promise<unknown> | void)[] = [
    () => chaos.fail(randomRule()),
    () => chaos.fail(randomRule()),
    () => chaos.cutWatches(),
    () => chaos.restart(pick(['controllers', 'scheduler'])),
    () => chaos.settle(chaos.kubelets.node(node).stop()),
    () => chaos.settle(chaos.kubelets.node(node).drainPower()),
    () => void chaos.kubelets.node(node).start(),
    () => {
      wanted.replicas.set(name, upTo(9));
      return client.patch(DEPLOYMENTS, { namespace, name }, 'merge', { spec: { replicas: wanted.replicas.get(name) } });
    },
    () => {
      wanted.image.set(name, `nginx:${1 + upTo(3)}`);
      return client.patch(DEPLOYMENTS, { namespace, name }, 'merge', { spec: { template: template(name, wanted.image.get(name)!) } });
    },
    async () => {
      const pods = await list(PODS);
      const grace = chaos.random.next() < 0.5 ? { gracePeriodSeconds: 0 } : {};
      for (let i = upTo(4); i > 0 && pods.length > 0; i--) await gently(() => client.delete(PODS, pick(pods).metadata, grace));
    },
    async () => {
      const sets = await list(REPLICA_SETS);
      if (sets.length > 0) await client.delete(REPLICA_SETS, pick(sets).metadata, { propagationPolicy: 'Background' });
    },
    // It will be there again soon, as another object of the same name.
    () => client.delete(DEPLOYMENTS, { namespace, name }, { propagationPolicy: pick(['Background', 'Foreground', 'Orphan']) }),
    async () => {
      // Somebody else writes all the time: versions move under the controllers' hands.
      for (const pod of await list(PODS))
        await gently(() => client.patch(PODS, pod.metadata, 'merge', { metadata: { annotations: { touched: String(upTo(1000)) } } }));
      for (const type of [REPLICA_SETS, DEPLOYMENTS, JOBS] as const)
        for (const { metadata } of await list<KubeObject>(type))
          await gently(() =>
            client.patch<KubeObject>(type, metadata, 'merge', { metadata: { annotations: { touched: String(upTo(1000)) } } }),
          );
    },
    async () => {
      const job = `job-${wanted.jobs.size}`;
      const completions = 1 + upTo(5);
      wanted.jobs.set(job, completions);
      const { spec, ...rest } = template(job, 'busybox', ['sleep', String(upTo(8))]);
      await client.create(JOBS, {
        metadata: { name: job, namespace },
        spec: {
          completions,
          parallelism: 1 + upTo(3),
          backoffLimit: 1000,
          template: { ...rest, spec: { ...spec, restartPolicy: 'Never' } },
        },
      });
    },
    async () => {
      if (!hasStatefulSets) return;
      wanted.setReplicas = upTo(5);
      await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: { replicas: wanted.setReplicas } });
    },
  ];
  await gently(async () => pick(happenings)());
  await createMissing(wanted);
}

/** As whoever applies the same manifests again and again. */
async function createMissing(wanted: Wanted): Promise<void> {
  const there = new Set((await list(DEPLOYMENTS)).map(({ metadata }) => metadata.name));
  for (const name of wanted.replicas.keys()) if (!there.has(name)) await createWeb(name, wanted);
}

/** What is not yet as wanted; nothing in the end. */
async function amiss(wanted: Wanted): Promise<readonly string[]> {
  const wrong: string[] = [];
  const expectThat = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  const [pods, sets, deployments, slices, endpoints, jobs] = await Promise.all([
    list(PODS), list(REPLICA_SETS), list(DEPLOYMENTS), list(ENDPOINT_SLICES), list(ENDPOINTS), list(JOBS)]); // prettier-ignore
  const uids = new Set([...sets, ...deployments, ...jobs, ...(await list(STATEFUL_SETS))].map(({ metadata }) => metadata.uid));
  for (const { metadata, status } of pods) {
    expectThat(metadata.deletionTimestamp === undefined, `pod ${metadata.name} is still going`);
    const [owner] = metadata.ownerReferences ?? [];
    expectThat(owner !== undefined && uids.has(owner.uid), `pod ${metadata.name} belongs to nobody`);
    expectThat(status?.phase !== 'Pending' && status?.phase !== 'Unknown', `pod ${metadata.name} is ${status?.phase}`);
  }
  const live = pods.filter(({ status }) => status?.phase === 'Running');
  const addresses = live.map(({ status }) => status?.podIP);
  expectThat(new Set(addresses).size === addresses.length, 'two pods have one address');
  const of = (app: string) => live.filter(({ metadata }) => metadata.labels?.['app'] === app);
  for (const [name, replicas] of wanted.replicas) {
    const deployment = deployments.find(({ metadata }) => metadata.name === name);
    const own = of(name);
    expectThat(own.length === replicas, `${name} has ${own.length} pods, not ${replicas}`);
    expectThat(own.every(({ spec }) => spec?.containers[0]?.image === wanted.image.get(name)), `${name} has pods of an older image`); // prettier-ignore
    const { replicas: all = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration } = deployment?.status ?? {};
    expectThat(all === replicas && readyReplicas === replicas && updatedReplicas === replicas, `${name}: ${all} replicas, ${readyReplicas} ready, ${updatedReplicas} updated`); // prettier-ignore
    expectThat(observedGeneration === deployment?.metadata.generation, `${name}: not observed`);
    const active = sets.filter(({ metadata, spec }) => metadata.labels?.['app'] === name && (spec?.replicas ?? 1) > 0);
    expectThat(active.length === (replicas === 0 ? 0 : 1), `${name}: ${active.length} active replica sets`);
    for (const { metadata, spec, status } of sets.filter((set) => set.metadata.labels?.['app'] === name)) {
      expectThat(metadata.ownerReferences?.[0]?.uid === deployment?.metadata.uid, `replica set ${metadata.name} belongs to nobody`);
      expectThat((status?.replicas ?? 0) === spec?.replicas, `replica set ${metadata.name} has ${status?.replicas} of ${spec?.replicas}`);
    }
  }
  const services = [...wanted.replicas.keys(), ...(hasStatefulSets ? ['db'] : [])];
  for (const name of services) {
    const ready = of(name).map(({ status }) => status?.podIP).sort(); // prettier-ignore
    const told = slices
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
      .flatMap((slice) => (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap((endpoint) => endpoint.addresses));
    expectThat(JSON.stringify([...told].sort()) === JSON.stringify(ready), `slices of ${name}: ${told.length} of ${ready.length}`);
    const old = endpoints.find(({ metadata }) => metadata.name === name)?.subsets?.flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)) ?? []; // prettier-ignore
    expectThat(JSON.stringify([...old].sort()) === JSON.stringify(ready), `endpoints of ${name}: ${old.length} of ${ready.length}`);
  }
  for (const [name, completions] of wanted.jobs) {
    const job = jobs.find(({ metadata }) => metadata.name === name);
    const complete = job?.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True');
    expectThat(complete === true && job?.status?.succeeded === completions, `${name}: ${job?.status?.succeeded ?? 0} of ${completions}`);
    expectThat((job?.status?.active ?? 0) === 0, `${name}: ${job?.status?.active} active`);
    expectThat(pods.every(({ metadata }) => metadata.labels?.['app'] !== name || (metadata.finalizers ?? []).length === 0), `${name}: pods are still tracked`); // prettier-ignore
  }
  if (hasStatefulSets) {
    const names = of('db').map(({ metadata }) => metadata.name).sort(); // prettier-ignore
    const should = Array.from({ length: wanted.setReplicas }, (_, index) => `db-${index}`);
    expectThat(JSON.stringify(names) === JSON.stringify(should), `the stateful set has ${names.join()}, not ${should.join()}`);
  }
  for (const { metadata, spec } of (await chaos.client.list(NODES)).items)
    expectThat((spec?.taints ?? []).length === 0, `node ${metadata.name} is tainted`);
  return wrong;
}

it.each(seeds())(
  'seed %i: the end is as it was asked for',
  async (seed) => {
    chaos = await startChaos(seed, 4);
    const wanted = await begin();
    for (let step = 0; step < 60; step++) {
      await happen(wanted);
      await chaos.clock.advance(upTo(4000));
    }
    chaos.calm();
    for (const name of chaos.nodes) await chaos.settle(chaos.kubelets.node(name).start());
    let wrong: readonly string[] = ['not looked yet'];
    // Deletions on silent nodes and back-off may take a while.
    for (let minutes = 0; minutes < 30 && wrong.length > 0; minutes++) {
      await chaos.clock.advance(60_000);
      await createMissing(wanted);
      wrong = await amiss(wanted);
    }
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });

    // And it stays so, at rest: leases and looks at nodes are all that goes on.
    const before = { ...counts() };
    const uids = (await list(PODS)).map(({ metadata }) => metadata.uid);
    await chaos.clock.advance(10 * 60_000);
    expect((await list(PODS)).map(({ metadata }) => metadata.uid)).toEqual(uids);
    expect({ seed, controllers: counts().controllers - before.controllers }).toEqual({ seed, controllers: 0 });
  },
  120_000,
);

/** Writes of objects that are no lease, by part. */
function counts(): { controllers: number; scheduler: number } {
  const writes = (part: 'controllers' | 'scheduler'): number =>
    chaos.requests[part].filter(({ verb, resource }) => ['create', 'update', 'patch', 'delete'].includes(verb) && resource !== 'leases')
      .length;
  return { controllers: writes('controllers'), scheduler: writes('scheduler') };
}

describe('what can never be', () => {
  /** Requests of all parts but leases, heartbeats and watches in the next half hour. */
  const inHalfAnHour = async (): Promise<number> => {
    const all = (): number =>
      Object.values(chaos.requests)
        .flat()
        .filter(({ verb, resource }) => verb !== 'watch' && verb !== 'discover' && resource !== 'leases' && resource !== 'nodes').length;
    const before = all();
    await chaos.clock.advance(30 * 60_000);
    return all() - before;
  };

  it('pods that no node takes: the pods say so, the deployment says so, and nobody tries without end', async () => {
    chaos = await startChaos(1, 2);
    await chaos.client.create(DEPLOYMENTS, {
      metadata: { name: 'nowhere', namespace },
      spec: {
        replicas: 20,
        progressDeadlineSeconds: 60,
        selector: { matchLabels: { app: 'nowhere' } },
        template: {
          ...template('nowhere', 'nginx'),
          spec: { nodeSelector: { disk: 'gold' }, containers: [{ name: 'main', image: 'nginx' }] },
        },
      },
    });
    await chaos.clock.advance(120_000);
    const pods = await list(PODS);
    expect(pods).toHaveLength(20);
    for (const { status } of pods)
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }),
      );
    expect((await chaos.client.get(DEPLOYMENTS, { namespace, name: 'nowhere' })).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
    );
    // Every five minutes each pod is looked at once more.
    expect(await inHalfAnHour()).toBeLessThan(20 * 6 * 4);
  });

  it('an image that is nowhere: back-off up to five minutes', async () => {
    chaos = await startChaos(2, 1);
    await chaos.client.create(DEPLOYMENTS, {
      metadata: { name: 'lost', namespace },
      spec: { replicas: 3, selector: { matchLabels: { app: 'lost' } }, template: template('lost', 'nosuch:1') },
    });
    await chaos.clock.advance(20 * 60_000);
    for (const { status } of await list(PODS))
      expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    expect(await inHalfAnHour()).toBeLessThan(3 * 6 * 12);
  });

  it('pods that are refused: the replica set says why, and tries ever more seldom', async () => {
    chaos = await startChaos(3, 1);
    await chaos.client.create(DEPLOYMENTS, {
      metadata: { name: 'refused', namespace },
      spec: {
        replicas: 50,
        selector: { matchLabels: { app: 'refused' } },
        template: {
          ...template('refused', 'nginx'),
          spec: { serviceAccountName: 'nobody', containers: [{ name: 'main', image: 'nginx' }] },
        },
      },
    });
    await chaos.clock.advance(60_000);
    const [set] = await list(REPLICA_SETS);
    expect(set!.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }),
    );
    expect((await chaos.client.get(DEPLOYMENTS, { namespace, name: 'refused' })).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }),
    );
    expect(await inHalfAnHour()).toBeLessThan(60);
  });

  it('a job that fails ever again ends as failed', async () => {
    chaos = await startChaos(4, 1);
    const { spec, ...rest } = template('doomed', 'busybox', ['false']);
    await chaos.client.create(JOBS, {
      metadata: { name: 'doomed', namespace },
      spec: { backoffLimit: 3, template: { ...rest, spec: { ...spec, restartPolicy: 'Never' } } },
    });
    await chaos.clock.advance(10 * 60_000);
    expect((await chaos.client.get(JOBS, { namespace, name: 'doomed' })).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }),
    );
    expect(await list(PODS)).toHaveLength(4);
    expect(await inHalfAnHour()).toBe(0);
  });
});
