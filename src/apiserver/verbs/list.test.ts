import { manualClock, resources, startCluster, type Cluster } from '../../index.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';

const { CONFIG_MAPS } = resources;
const clock = manualClock();
const namespace = 'default';
let cluster: Cluster;

beforeAll(async () => {
  let settled = false;
  const starting = startCluster({ components: ['apiserver'], clock }).finally(() => (settled = true));
  while (!settled) await clock.advance(10);
  cluster = await starting;
});

afterAll(async () => {
  const stopping = cluster.stop();
  await clock.advance(60_000);
  await stopping;
});

const create = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  cluster.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels } });
const remove = (name: string) => cluster.client.delete(CONFIG_MAPS, { namespace, name });
const names = ({ items }: { readonly items: readonly { readonly metadata: { readonly name: string } }[] }): string[] =>
  items.map(({ metadata }) => metadata.name);
const refused = async (asking: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`an ApiError was expected, not ${String(error)}`);
};

it('shows one revision on all its pages, whatever happens meanwhile', async () => {
  for (const name of ['p1', 'p2', 'p3', 'p4']) await create(name, { list: 'pages' });
  const first = await cluster.client.list(CONFIG_MAPS, { namespace, limit: 2 });
  await remove('p1');
  await remove('p3');
  await create('p5', { list: 'pages' });
  const second = await cluster.client.list(CONFIG_MAPS, { namespace, limit: 2, continue: first.metadata.continue! });
  const selected = await cluster.client.list(CONFIG_MAPS, {
    namespace,
    labelSelector: 'list=pages',
    resourceVersion: first.metadata.resourceVersion!,
    resourceVersionMatch: 'Exact',
  });
  expect([names(first), first.metadata.remainingItemCount]).toEqual([['p1', 'p2'], 2]);
  expect([names(second), second.metadata.continue]).toEqual([['p3', 'p4'], undefined]);
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  expect(names(selected)).toEqual(['p1', 'p2', 'p3', 'p4']);
  expect(names(await cluster.client.list(CONFIG_MAPS, { namespace, labelSelector: 'list=pages' }))).toEqual(['p2', 'p4', 'p5']);
});

it('finds few among many that a selector thins out, page by page', async () => {
  for (let i = 100; i < 300; i++) await create(`many-${i}`, { list: i % 90 === 0 ? 'rare' : 'usual', many: 'yes' });
  for (const labelSelector of ['list in (rare, none),many', 'list=rare,many=yes']) {
    const first = await cluster.client.list(CONFIG_MAPS, { namespace, labelSelector, limit: 1 });
    const second = await cluster.client.list(CONFIG_MAPS, { namespace, labelSelector, limit: 5, continue: first.metadata.continue! });
    expect([names(first), names(second), second.metadata.continue]).toEqual([['many-180'], ['many-270'], undefined]);
  }
});

it('offers a way on when the revision of the first page is forgotten', async () => {
  for (const name of ['old-1', 'old-2', 'old-3']) await create(name, { list: 'old' });
  const options = { namespace, labelSelector: 'list=old' };
  const first = await cluster.client.list(CONFIG_MAPS, { ...options, limit: 1 });
  await clock.advance(10 * 60_000);
  await create('old-0', { list: 'old' });
  await remove('old-2');
  const expired = await refused(cluster.client.list(CONFIG_MAPS, { ...options, continue: first.metadata.continue! }));
  expect(expired.status).toMatchObject({ code: 410, reason: 'Expired', message: expect.stringContaining('continue parameter is too old') });
  const next = (expired.status.metadata as { continue: string }).continue;
  expect(names(await cluster.client.list(CONFIG_MAPS, { ...options, continue: next }))).toEqual(['old-3']);

  const { resourceVersion = '' } = first.metadata;
  const exact = await refused(cluster.client.list(CONFIG_MAPS, { ...options, resourceVersion, resourceVersionMatch: 'Exact' }));
  expect(exact.status).toMatchObject({ code: 410, message: 'The resourceVersion for the provided list is too old.' });
  expect(exact.status.metadata).toEqual({});
});

it('forgets what has not changed just the same', async () => {
  const { SECRETS } = resources;
  for (const name of ['a', 'b']) await cluster.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } });
  const first = await cluster.client.list(SECRETS, { namespace, limit: 1 });
  await create('between');
  expect(names(await cluster.client.list(SECRETS, { namespace, continue: first.metadata.continue! }))).toEqual(['b']);
  await clock.advance(10 * 60_000);
  await create('later');
  await create('last');
  expect((await refused(cluster.client.list(SECRETS, { namespace, continue: first.metadata.continue! }))).code).toBe(410);
});
