// A node is emptied for maintenance while disruption budgets hold: kubectl waits for them, and no service falls below what they ask for.
import { resources } from '../../src/index.js';
import { describeKubectl, type Tool } from '../support/kit.js';
import { until, untilList } from '../support/until.js';
import { createDeployment, rolledOut } from '../support/workloads.js';

const { POD_DISRUPTION_BUDGETS, PODS, REPLICATION_CONTROLLERS } = resources;

describeKubectl('drain', (kit) => {
  let kubectl: Tool;
  let namespace: string;

  beforeEach(async () => {
    kubectl = await kit.inNewNamespace();
    namespace = kubectl.namespace;
  });

  const budget = async (app: string, spec: Readonly<Record<string, unknown>>, allowed: number): Promise<void> => {
    await kit.cluster.client.create(POD_DISRUPTION_BUDGETS, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: app, namespace },
      spec: { selector: { matchLabels: { app } }, ...spec },
    });
    await allows(app, allowed);
  };
  const allows = (name: string, allowed: number) =>
    until(
      kit.cluster.client,
      POD_DISRUPTION_BUDGETS,
      { namespace, name },
      ({ metadata, status }) => status?.observedGeneration === metadata.generation && status?.disruptionsAllowed === allowed,
    );
  const onNode = async (node: string): Promise<readonly string[]> =>
    (await kit.cluster.client.list(PODS, { namespace, fieldSelector: `spec.nodeName=${node}` })).items.map(({ metadata }) => metadata.name);

  it('waits for a budget that allows nothing, and goes on when it does', async () => {
    const { client } = kit.cluster;
    await createDeployment(client, namespace, 'web', { replicas: 3 });
    await rolledOut(client, namespace, 'web');
    await budget('web', { minAvailable: 3 }, 0);
    const before = await onNode('node-0');
    expect(before).toHaveLength(1);
    const refusal = await kubectl.fails('drain', 'node-0', '--timeout=1s');
    expect(refusal).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(await onNode('node-0')).toEqual(before);

    await client.patch(POD_DISRUPTION_BUDGETS, { namespace, name: 'web' }, 'merge', { spec: { minAvailable: '50%' } });
    await allows('web', 1);
    expect(await kubectl.ok('drain', 'node-0', '--timeout=20s')).toContain(`pod/${before[0]} evicted\n`);
    expect(await onNode('node-0')).toEqual([]);
    await rolledOut(client, namespace, 'web');
    // The evicted pod is forgotten, its replacement counts.
    const { status } = await allows('web', 1);
    expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 });
    expect(status?.disruptedPods).toBeUndefined();
    await kubectl.ok('uncordon', 'node-0');
  });

  it('one pod after the other, each when its forerunner has been replaced', async () => {
    const { client } = kit.cluster;
    const labels = { app: 'old' };
    await client.create(REPLICATION_CONTROLLERS, {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'old', namespace },
      spec: { replicas: 6, selector: labels, template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } } },
    });
    await until(client, REPLICATION_CONTROLLERS, { namespace, name: 'old' }, ({ status }) => status?.readyReplicas === 6);
    await budget('old', { maxUnavailable: 1 }, 1);
    await kubectl.ok('cordon', 'node-1');
    const leaving = await onNode('node-1');
    expect(leaving.length).toBeGreaterThanOrEqual(2);
    const evict = (name: string): Promise<unknown> =>
      client.create(PODS, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }, { subresource: 'eviction' });

    let least = 6;
    const healthy = client.watch(
      POD_DISRUPTION_BUDGETS,
      { namespace },
      {
        event: ({ object }) => {
          const { currentHealthy } = (object as { readonly status?: { readonly currentHealthy?: number } }).status ?? {};
          if (currentHealthy !== undefined) least = Math.min(least, currentHealthy);
        },
        end: () => {},
      },
    );
    // The only disruption is spent with the first, before any controller could see it.
    const outcomes = await Promise.allSettled(leaving.map(evict));
    const refused = leaving.filter((_, index) => outcomes[index]!.status === 'rejected');
    expect(refused).toHaveLength(leaving.length - 1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 429 });
    for (const name of refused) {
      await allows('old', 1);
      await evict(name);
    }
    await untilList(client, PODS, { namespace }, (pods) => pods.every(({ metadata }) => !leaving.includes(metadata.name)));
    await until(client, REPLICATION_CONTROLLERS, { namespace, name: 'old' }, ({ status }) => status?.readyReplicas === 6);
    await allows('old', 1);
    healthy.stop();
    expect(least).toBeGreaterThanOrEqual(5);
    expect(await kubectl.ok('drain', 'node-1', '--timeout=20s')).toContain('node/node-1 drained');
    await kubectl.ok('uncordon', 'node-1');
  });
});
