// The client of a cluster in process, as a test author uses it: create, read, change, watch, delete, errors.
import { ApiError, resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilGone, untilList } from '../support/until.js';

const { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, NODES, PODS } = resources;
type ConfigMap = Awaited<ReturnType<typeof created>>;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
});

afterAll(() => cluster.stop());

const draft = (name: string, data: Readonly<Record<string, string>> = { a: '1' }, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace: 'default', labels },
  data,
});
const created = (name: string, data?: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>) =>
  cluster.client.create(CONFIG_MAPS, draft(name, data, labels));
const withData = (object: ConfigMap, data: Readonly<Record<string, string>>): ConfigMap => ({ ...object, data });
const key = (name: string) => ({ namespace: 'default', name });

/** The error a promise rejects with. */
const errorOf = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${String(error)}`);
  return error;
};

describe('objects', () => {
  it('create fills in what the server knows, get reads it', async () => {
    const object = await created('made');
    expect(object).toMatchObject({
      kind: 'ConfigMap',
      data: { a: '1' },
      metadata: { name: 'made', uid: expect.stringMatching(/^[0-9a-f-]{36}$/), resourceVersion: expect.stringMatching(/^\d+$/) },
    });
    expect(await cluster.client.get(CONFIG_MAPS, key('made'))).toEqual(object);
  });

  it('what comes out cannot be changed in place', async () => {
    const object = await created('frozen');
    expect(() => {
      (object as { data?: unknown }).data = {};
    }).toThrow(TypeError);
  });

  it('update replaces, and needs the current version when it names one', async () => {
    const old = await created('updated');
    const next = await cluster.client.update(CONFIG_MAPS, withData(old, { a: '2' }));
    expect(next.data).toEqual({ a: '2' });
    expect(await errorOf(cluster.client.update(CONFIG_MAPS, withData(old, { a: '3' })))).toMatchObject({ code: 409, reason: 'Conflict' });
    expect((await cluster.client.get(CONFIG_MAPS, key('updated'))).data).toEqual({ a: '2' });
  });

  it('a write that changes nothing keeps the version', async () => {
    const object = await created('same');
    const again = await cluster.client.update(CONFIG_MAPS, { ...object });
    expect(again.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  it('patch in four ways', async () => {
    await created('patched', { a: '1', b: '2' });
    const patch = (...[type, value]: [Parameters<typeof cluster.client.patch>[2], unknown]): Promise<ConfigMap> =>
      cluster.client.patch(CONFIG_MAPS, key('patched'), type, value);
    expect((await patch('merge', { data: { b: null } })).data).toEqual({ a: '1' });
    expect((await patch('json', [{ op: 'add', path: '/data/c', value: '3' }])).data).toEqual({ a: '1', c: '3' });
    expect((await patch('strategic', { data: { d: '4' } })).data).toEqual({ a: '1', c: '3', d: '4' });
    const applied = await cluster.client.patch(
      CONFIG_MAPS,
      key('applied'),
      'apply',
      { ...draft('applied'), metadata: { name: 'applied', namespace: 'default' } },
      { fieldManager: 'test', force: true },
    );
    expect(applied.metadata.managedFields).toMatchObject([{ manager: 'test', operation: 'Apply' }]);
  });

  it('lists by label, in pages', async () => {
    for (const name of ['p1', 'p2', 'p3']) await created(name, {}, { page: 'yes' });
    const first = await cluster.client.list(CONFIG_MAPS, { namespace: 'default', limit: 2, labelSelector: 'page=yes' });
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['p1', 'p2']);
    const rest = await cluster.client.list(CONFIG_MAPS, {
      namespace: 'default',
      limit: 2,
      labelSelector: 'page=yes',
      continue: first.metadata.continue!,
    });
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['p3']);
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('delete, with preconditions; a collection by label', async () => {
    const { metadata } = await created('deleted');
    expect(await errorOf(cluster.client.delete(CONFIG_MAPS, key('deleted'), { preconditions: { uid: 'another' } }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    await cluster.client.delete(CONFIG_MAPS, key('deleted'), { preconditions: { uid: metadata.uid } });
    expect(await errorOf(cluster.client.get(CONFIG_MAPS, key('deleted')))).toMatchObject({ code: 404 });
    await created('swept', {}, { sweep: 'yes' });
    await cluster.client.deleteCollection(CONFIG_MAPS, { namespace: 'default', labelSelector: 'sweep=yes' });
    await untilGone(cluster.client, CONFIG_MAPS, key('swept'));
  });

  it('a dry run stores nothing', async () => {
    const tried = await cluster.client.create(CONFIG_MAPS, draft('tried'), { dryRun: true });
    expect(tried.metadata.uid).toBeDefined();
    expect(await errorOf(cluster.client.get(CONFIG_MAPS, key('tried')))).toMatchObject({ code: 404 });
  });

  it('subresources: scale of a deployment', async () => {
    const labels = { app: 'scaled' };
    await cluster.client.create(DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'scaled', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'nginx' }] } },
      },
    });
    await cluster.client.patch(DEPLOYMENTS, key('scaled'), 'merge', { spec: { replicas: 3 } }, { subresource: 'scale' });
    const running = await untilList(
      cluster.client,
      PODS,
      { namespace: 'default', labelSelector: 'app=scaled' },
      (pods) => pods.filter(({ status }) => status?.phase === 'Running').length === 3,
    );
    expect(new Set(running.map(({ spec }) => spec.nodeName))).toEqual(new Set(cluster.nodes));
  });
});

describe('errors are ApiErrors with a Status', () => {
  it('not found', async () => {
    expect((await errorOf(cluster.client.get(PODS, key('none')))).status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'pods' },
      code: 404,
    });
  });

  it('already there', async () => {
    await created('twice');
    expect(await errorOf(created('twice'))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "twice" already exists',
    });
  });

  it('invalid, with causes', async () => {
    const error = await errorOf(created('NOT A NAME'));
    expect(error).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(error.status.details?.causes).toMatchObject([{ field: 'metadata.name', reason: 'FieldValueInvalid' }]);
  });

  it('no such namespace', async () => {
    expect(await errorOf(cluster.client.create(CONFIG_MAPS, { ...draft('x'), metadata: { name: 'x', namespace: 'none' } }))).toMatchObject({
      code: 404,
      message: 'namespaces "none" not found',
    });
  });

  it('keys that mean something to JavaScript are only keys', async () => {
    const data = JSON.parse('{"__proto__x":"1","constructor":"2","toString":"3"}') as Record<string, string>;
    await created('keys', data);
    expect((await cluster.client.get(CONFIG_MAPS, key('keys'))).data).toEqual(data);
    const select = async (labelSelector: string): Promise<number> =>
      (await cluster.client.list(CONFIG_MAPS, { namespace: 'default', labelSelector, fieldSelector: 'metadata.name=keys' })).items.length;
    expect([await select('toString'), await select('!constructor'), await select('valueOf!=x')]).toEqual([0, 1, 1]);
    const patched = await cluster.client.patch(CONFIG_MAPS, key('keys'), 'merge', {
      data: { constructor: null, valueOf: '4', hasOwnProperty: null },
    });
    expect(Object.entries(patched.data ?? {}).sort()).toEqual([
      ['__proto__x', '1'],
      ['toString', '3'],
      ['valueOf', '4'],
    ]);
    const strategic = await cluster.client.patch(CONFIG_MAPS, key('keys'), 'strategic', {
      metadata: { labels: { constructor: 'x', toString: null } },
    });
    expect(strategic.metadata.labels).toEqual({ constructor: 'x' });
    expect(await select('constructor=x')).toBe(1);
  });
});

it('the options are what the cluster is made of', async () => {
  expect(cluster.nodes).toEqual(['node-0', 'node-1', 'node-2']);
  expect(cluster.url).toBe(`https://127.0.0.1:${cluster.port}`);
  expect((await cluster.client.list(NODES)).items.map(({ metadata }) => metadata.name)).toEqual(cluster.nodes);
  await until(cluster.client, NAMESPACES, { name: 'kube-system' }, ({ status }) => status?.phase === 'Active');
});
