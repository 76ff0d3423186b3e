// The simulated kubelets under NodeRestriction: nodes register, pods run, restart and go, and nothing is refused to them.
import { PODS } from '../../src/client/resources.js';
import { startCluster, type Cluster } from '../../src/index.js';
import { untilGone } from '../support/until.js';
import { createDeployment, createNamespace, rolledOut } from '../support/workloads.js';

let cluster: Cluster;
const complaints: string[] = [];
const note = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
  complaints.push(`${message} ${JSON.stringify(fields ?? {})}`);
};

beforeAll(async () => {
  const logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };
  cluster = await startCluster({ nodes: 2, enableAdmissionPlugins: ['NodeRestriction'], logger });
});
afterAll(() => cluster.stop());

test('work as before', async () => {
  const { client } = cluster;
  const namespace = await createNamespace(client, 'restricted');
  await createDeployment(client, namespace, 'web', { replicas: 3 });
  await rolledOut(client, namespace, 'web');
  const [first] = (await client.list(PODS, { namespace })).items;
  const key = { namespace, name: first!.metadata.name };
  await client.delete(PODS, key);
  await untilGone(client, PODS, key);
  await rolledOut(client, namespace, 'web');
  expect(complaints.filter((line) => /forbidden|not allowed|can only/.test(line))).toEqual([]);
});
