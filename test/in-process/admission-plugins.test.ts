// Admission plugins as a user of the package meets them: options, a race for a quota, and what is refused at the start.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OptionError, resources, startCluster, type Cluster } from '../../src/index.js';

const { CONFIG_MAPS, NAMESPACES, RESOURCE_QUOTAS } = resources;
const folder = dirname(fileURLToPath(import.meta.url));
let cluster: Cluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

const plain = { components: ['apiserver'], freeze: true } as const;

test('fifty creates at once never use more than a quota leaves', async () => {
  cluster = await startCluster(plain);
  const { client } = cluster;
  const namespace = 'default';
  const hard = { 'count/configmaps': '10' };
  const quota = await client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace }, spec: { hard } });
  await client.update(RESOURCE_QUOTAS, { ...quota, status: { hard, used: { 'count/configmaps': '0' } } }, { subresource: 'status' });
  const asked = Array.from({ length: 50 }, (_, index) => client.create(CONFIG_MAPS, { metadata: { name: `c-${index}`, namespace } }));
  const settled = await Promise.allSettled(asked);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect((await client.list(CONFIG_MAPS, { namespace })).items.filter(({ metadata }) => metadata.name.startsWith('c-'))).toHaveLength(10);
  expect((await client.get(RESOURCE_QUOTAS, { namespace, name: 'q' })).status?.used).toEqual({ 'count/configmaps': '10' });
});

test('AlwaysDeny lets the server itself write, and nobody else', async () => {
  cluster = await startCluster({ ...plain, enableAdmissionPlugins: ['AlwaysDeny'] });
  const { client } = cluster;
  expect((await client.get(NAMESPACES, { name: 'kube-system' })).status?.phase).toBe('Active');
  await expect(client.create(CONFIG_MAPS, { metadata: { name: 'c', namespace: 'default' } })).rejects.toThrow(
    'configmaps "c" is forbidden: admission control is denying all modifications',
  );
});

test('the example configures admission', async () => {
  const admissionControlConfigFile = join(folder, '..', '..', 'examples', 'admission', 'admission.yaml');
  cluster = await startCluster({ ...plain, enableAdmissionPlugins: ['EventRateLimit', 'PodNodeSelector'], admissionControlConfigFile });
  const namespace = await cluster.client.get(NAMESPACES, { name: 'default' });
  expect(namespace.status?.phase).toBe('Active');
});

test.each([
  [{ enableAdmissionPlugins: ['Nope'] }, 'enable-admission-plugins plugin "Nope" is unknown'],
  [{ admissionControlConfigFile: '/nowhere.yaml' }, '--admission-control-config-file /nowhere.yaml: '],
  [
    { enableAdmissionPlugins: ['EventRateLimit'] },
    'couldn\'t init admission plugin "EventRateLimit": limits: Invalid value: null: must not be empty',
  ],
])('%j is refused at the start', async (options, message) => {
  const error: unknown = await startCluster({ ...plain, ...options }).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(OptionError);
  expect((error as Error).message).toContain(message);
});
