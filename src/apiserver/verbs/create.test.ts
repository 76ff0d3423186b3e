import { resources, startCluster, type Cluster } from '../../index.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { seededRandom } from '../../clock/random.js';

const { CONFIG_MAPS } = resources;
let cluster: Cluster;
const suffixes: string[] = [];

beforeAll(async () => {
  const random = seededRandom(3);
  const scripted = { ...random, suffix: (length: number) => suffixes.shift() ?? 'x'.repeat(length) };
  cluster = await startCluster({ components: ['apiserver'], random: scripted });
});

afterAll(() => cluster.stop());

const generated = (generateName: string, name = '') =>
  cluster.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', generateName, name } });

it('takes another name when a generated one is taken', async () => {
  suffixes.push('aaaaa', 'aaaaa', 'aaaaa', 'bbbbb');
  expect((await generated('web-')).metadata.name).toBe('web-aaaaa');
  expect((await generated('web-')).metadata.name).toBe('web-bbbbb');
});

it('gives up after eight names, and says that a later try may do', async () => {
  await generated('full-');
  const error: unknown = await generated('full-').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  const { status, headers } = error as ApiError;
  expect(status).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "full-xxxxx" already exists, the server was not able to generate a unique name for the object',
    details: { name: 'full-xxxxx', kind: 'configmaps', retryAfterSeconds: 1 },
  });
  expect(headers).toEqual({ 'Retry-After': '1' });
});

it('cuts what a name begins with, so that 63 characters hold it and its suffix', async () => {
  suffixes.push('ccccc');
  expect((await generated('b'.repeat(70))).metadata.name).toBe(`${'b'.repeat(58)}ccccc`);
});
