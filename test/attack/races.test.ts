// Many writers at once: no update is lost, nothing is given out twice, and watchers see one order without gaps.
import type { ClientHttp2Session } from 'node:http2';
import { ApiError, resources, type KubeObject, type WatchEvent } from '../../src/index.js';
import { askOn, eventually, ignore, Victim, type Answer } from './attacker.js';

const victim = new Victim();
const { CONFIG_MAPS, NAMESPACES, SERVICES } = resources;
const maps = '/api/v1/namespaces/attack/configmaps';
let sessions: ClientHttp2Session[];
let next = 0;

beforeAll(async () => {
  await victim.start({ nodes: 0, components: ['apiserver', 'controllers'] });
  sessions = await Promise.all(Array.from({ length: 4 }, () => victim.session()));
});
afterAll(() => victim.stop());
afterEach(() => expect(victim.bugs).toEqual([]));

/** Sends over one of several connections. */
function ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  const headers = { ':method': method, ':path': path, 'user-agent': 'attack', ...(body === undefined ? {} : { 'content-type': type }) };
  return askOn(sessions[next++ % sessions.length]!, headers, body === undefined ? undefined : JSON.stringify(body));
}

const named = (name: string, data: Record<string, string> = {}, more: Record<string, unknown> = {}): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data,
});
const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));
const counted = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

test('of two hundred updates of one version one wins; of two hundred of no version all do', async () => {
  const { metadata } = JSON.parse((await ask('POST', maps, named('contended', { n: '0' }))).text) as KubeObject;
  const versioned = await times(200, (index) =>
    ask('PUT', `${maps}/contended`, named('contended', { n: String(index + 1) }, { resourceVersion: metadata.resourceVersion })),
  );
  expect(counted(versioned)).toEqual({ 200: 1, 409: 199 });
  expect(JSON.parse(versioned.find(({ status }) => status === 409)!.text)).toMatchObject({
    reason: 'Conflict',
    message: expect.stringContaining('the object has been modified'),
  });
  expect(counted(await times(200, (index) => ask('PUT', `${maps}/contended`, named('contended', { n: String(index) }))))).toEqual({
    200: 200,
  });
});

test('no patch of a storm is lost, of any type', async () => {
  await ask('POST', maps, named('storm', { first: '' }));
  const types = [
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
  ];
  const answers = await times(200, (index) => {
    const type = types[index % 4]!;
    const key = `k${index}`;
    if (index % 4 === 2) return ask('PATCH', `${maps}/storm`, [{ op: 'add', path: `/data/${key}`, value: 'v' }], type);
    if (index % 4 === 3) return ask('PATCH', `${maps}/storm?fieldManager=m${index}`, named('storm', { [key]: 'v' }), type);
    return ask('PATCH', `${maps}/storm`, { data: { [key]: 'v' } }, type);
  });
  expect(counted(answers)).toEqual({ 200: 200 });
  const { data } = await victim.cluster.client.get(CONFIG_MAPS, { namespace: 'attack', name: 'storm' });
  expect(Object.keys(data ?? {})).toHaveLength(201);
});

test('one name is created once, and deleted once', async () => {
  expect(counted(await times(100, () => ask('POST', maps, named('once'))))).toEqual({ 201: 1, 409: 99 });
  expect(counted(await times(100, () => ask('DELETE', `${maps}/once`)))).toEqual({ 200: 1, 404: 99 });
});

test('generated names are all different', async () => {
  const answers = await times(500, () => ask('POST', maps, named('', {}, { name: undefined, generateName: 'storm-' })));
  expect(counted(answers)).toEqual({ 201: 500 });
  expect(new Set(answers.map(({ text }) => (JSON.parse(text) as KubeObject).metadata.name)).size).toBe(500);
});

test('watchers of creations and deletions see one order, each revision once, whenever they begin', async () => {
  const { client } = victim.cluster;
  const start = (await client.list(CONFIG_MAPS, { namespace: 'attack' })).metadata.resourceVersion!;
  const logs: string[][] = [];
  let last = '';
  const watch = (from: string): void => {
    const log: string[] = [];
    logs.push(log);
    const stream = sessions[logs.length % sessions.length]!.request({ ':path': `${maps}?watch=1&resourceVersion=${from}` });
    let text = '';
    stream.on('error', ignore).setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as WatchEvent<KubeObject>;
        const { metadata } = object;
        if (metadata.name.startsWith('loop')) log.push(`${metadata.resourceVersion} ${type} ${metadata.name} ${metadata.uid}`);
      }
    });
  };
  for (let i = 0; i < 5; i++) watch(start);
  await times(20, async (index) => {
    for (let round = 0; round < 10; round++) {
      const name = `loop-${index % 7}`;
      await ask('POST', maps, named(name, { round: String(round) }));
      await ask('PATCH', `${maps}/${name}`, { data: { by: `${index} ${round}` } }, 'application/merge-patch+json');
      await ask('DELETE', `${maps}/${name}`);
      // Those who come later see the same from where they begin.
      if (index === 0) watch(start);
    }
  });
  last = (await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'loop-end', namespace: 'attack' } }))
    .metadata.resourceVersion;
  await eventually('all watchers have come to the end', () => logs.every((log) => log.at(-1)?.startsWith(`${last} `)));
  for (const log of logs) expect(log).toEqual(logs[0]);

  // A replay: each event fits on what was there before it.
  const model = new Map<string, string>();
  let revision = Number(start);
  for (const line of logs[0]!) {
    const [version, type, name, uid] = line.split(' ') as [string, string, string, string];
    expect(Number(version)).toBeGreaterThan(revision);
    revision = Number(version);
    expect([line, model.get(name)]).toEqual([line, type === 'ADDED' ? undefined : uid]);
    if (type === 'DELETED') model.delete(name);
    else model.set(name, uid);
  }
  const { items } = await client.list(CONFIG_MAPS, { namespace: 'attack' });
  expect(
    new Map(items.filter(({ metadata }) => metadata.name.startsWith('loop')).map(({ metadata }) => [metadata.name, metadata.uid])),
  ).toEqual(model);
});

test("pages show the first page's revision, whatever is written between them", async () => {
  const place = '/api/v1/namespaces/default/configmaps';
  await times(60, (index) => ask('POST', place, named(`page-${String(index).padStart(2, '0')}`, { n: '0' })));
  const whole = JSON.parse((await ask('GET', place)).text) as { items: KubeObject[] };
  const state = (items: readonly KubeObject[]): string[] =>
    items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion ?? ''}`);
  const seen: KubeObject[] = [];
  let at = '';
  for (let token = ''; ;) {
    const page = JSON.parse((await ask('GET', `${place}?limit=7${token === '' ? '' : `&continue=${token}`}`)).text) as {
      metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
      items: KubeObject[];
    };
    at ||= page.metadata.resourceVersion;
    expect(page.metadata.resourceVersion).toBe(at);
    seen.push(...page.items);
    expect(page.metadata.remainingItemCount ?? 0).toBe(whole.items.length - seen.length);
    await times(10, (index) =>
      ask(
        index % 2 === 0 ? 'POST' : 'DELETE',
        index % 2 === 0 ? place : `${place}/page-${String(seen.length + index).padStart(2, '0')}`,
        index % 2 === 0 ? named(`page-${seen.length}-${index}`) : undefined,
      ),
    );
    if (page.metadata.continue === undefined) break;
    token = page.metadata.continue;
  }
  expect(state(seen)).toEqual(state(whole.items));
});

test('no cluster address and no node port is given out twice, and each comes back', async () => {
  const place = '/api/v1/namespaces/attack/services';
  const service = (name: string, spec: Record<string, unknown> = {}): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }], type: 'NodePort', ...spec },
  });
  const made = await times(100, (index) => ask('POST', place, service(`s-${index}`)));
  expect(counted(made)).toEqual({ 201: 100 });
  const specs = made.map(({ text }) => (JSON.parse(text) as { spec: { clusterIP: string; ports: { nodePort: number }[] } }).spec);
  expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(100);
  expect(new Set(specs.map(({ ports }) => ports[0]!.nodePort)).size).toBe(100);
  // One address asked for by many, one port asked for by many.
  expect(counted(await times(50, (index) => ask('POST', place, service(`same-${index}`, { clusterIP: '10.96.0.77' }))))).toEqual({
    201: 1,
    422: 49,
  });
  const held = (await victim.cluster.client.list(SERVICES)).items.flatMap(({ spec }) => (spec.ports ?? []).map((one) => one.nodePort));
  let port = 30_000;
  while (held.includes(port)) port++;
  const ports = [{ port: 80, nodePort: port }];
  expect(counted(await times(50, (index) => ask('POST', place, service(`port-${index}`, { ports }))))).toEqual({ 201: 1, 422: 49 });
  // A refused or dry create keeps nothing.
  await times(20, (index) => ask('POST', `${place}?dryRun=All`, service(`dry-${index}`, { clusterIP: '10.96.0.78' })));
  await times(20, () => ask('POST', place, service('s-0', { clusterIP: '10.96.0.78' })));
  expect((await ask('POST', place, service('last', { clusterIP: '10.96.0.78' }))).status).toBe(201);
  await victim.cluster.client.deleteCollection(SERVICES, { namespace: 'attack' });
  for (const name of ['s-1', 'same-1', 'port-1']) await ask('DELETE', `${place}/${name}`);
  const { items } = await victim.cluster.client.list(SERVICES, { namespace: 'attack' });
  for (const { metadata } of items) await ask('DELETE', `${place}/${metadata.name}`);
  expect((await ask('POST', place, service('again', { clusterIP: '10.96.0.77', ports }))).status).toBe(201);
});

test('nothing stays in a namespace that was deleted while things were created in it', async () => {
  const { client } = victim.cluster;
  for (let round = 0; round < 3; round++) {
    const name = `doomed-${round}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    let deleting: Promise<unknown> | undefined;
    const answers = await times(100, async (index) => {
      if (index === 30) deleting = client.delete(NAMESPACES, { name });
      return ask('POST', `/api/v1/namespaces/${name}/configmaps`, named(`c-${index}`));
    });
    await deleting;
    for (const { status, text } of answers) expect([status, [201, 403, 404].includes(status) ? '' : text]).toEqual([status, '']);
    await eventually('the namespace is gone', async () =>
      client.get(NAMESPACES, { name }).then(
        () => false,
        (error: unknown) => error instanceof ApiError && error.code === 404,
      ),
    );
    expect((await client.list(CONFIG_MAPS, { namespace: name })).items).toEqual([]);
    expect((await ask('POST', `/api/v1/namespaces/${name}/configmaps`, named('late'))).status).toBe(404);
  }
});
