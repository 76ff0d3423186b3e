// A cluster in a Jest test. Run it with: npx jest
const { startCluster, resources } = require('kubedouble');

const { DEPLOYMENTS, PODS } = resources;
const labels = { app: 'web' };
const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
};

let cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
});

afterAll(() => cluster.stop());

/** Resolves with the object as soon as it is as wanted: no polling, no sleeping. */
function until(type, { namespace, name }, wanted) {
  return new Promise((resolve, reject) => {
    const watch = cluster.client.watch(type, { namespace, fieldSelector: `metadata.name=${name}` }, {
      event: ({ object }) => {
        if (!wanted(object)) return;
        watch.stop();
        resolve(object);
      },
      end: (error) => reject(error ?? new Error('the watch has ended')),
    });
  });
}

test('a deployment gets pods that run on the nodes', async () => {
  await cluster.client.create(DEPLOYMENTS, web);
  await until(DEPLOYMENTS, web.metadata, ({ status }) => status.readyReplicas === 2);

  const { items } = await cluster.client.list(PODS, { namespace: 'default', labelSelector: 'app=web' });
  expect(items.map(({ status }) => status.phase)).toEqual(['Running', 'Running']);
  expect(cluster.nodes).toContain(items[0].spec.nodeName);
});

test('scaling up adds pods', async () => {
  await cluster.client.patch(DEPLOYMENTS, web.metadata, 'merge', { spec: { replicas: 4 } });
  const { status } = await until(DEPLOYMENTS, web.metadata, ({ status: now }) => now.readyReplicas === 4);
  expect(status.replicas).toBe(4);
});
