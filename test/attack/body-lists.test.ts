// Long lists, in every form: the server goes on serving others while it makes them.
import { resources } from '../../src/index.js';
import { Victim } from './attacker.js';
import { turnsOf } from './body-turns.js';

const victim = new Victim();
const pods = '/api/v1/namespaces/attack/pods';
/** Without slices each answer comes within one or two turns. */
const fewest = 4;

beforeAll(async () => {
  await victim.start({ nodes: 0, components: ['apiserver'], freeze: false });
  const env = Array.from({ length: 20 }, (_, index) => ({ name: `E${index}`, value: 'some text' }));
  for (let index = 0; index < 2500; index++)
    await victim.cluster.client.create(resources.PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${index}`, namespace: 'attack', labels: { app: `a${index % 50}` } },
      spec: { schedulerName: 'none', automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i', env }] },
    });
}, 120_000);
afterAll(() => victim.stop());

test.each([
  ['a Table with whole objects', 'application/json;as=Table;g=meta.k8s.io;v=v1', '?includeObject=Object'],
  ['YAML', 'application/yaml', ''],
  ['protobuf', 'application/vnd.kubernetes.protobuf', ''],
  ['metadata in YAML', 'application/yaml;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', ''],
  ['indented JSON', 'application/json', '?pretty=true'],
])('as %s', async (_name, Accept, query) => {
  const { status, turns } = await turnsOf(victim, { method: 'GET', path: pods + query, headers: { Accept } });
  expect(status).toBe(200);
  expect(turns).toBeGreaterThanOrEqual(fewest);
});

test('a watch that begins with all of them gives way as well, and tells in order what happens meanwhile', async () => {
  const socket = await victim.connect();
  try {
    let text = '';
    const told = new Promise<void>((resolve, reject) => {
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('"initial-events-end":"true"') || text.includes('k8s.io/initial-events-end')) resolve();
      });
      socket.once('close', () => reject(new Error('the watch ended')));
    });
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=60';
    const Accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    socket.write(`GET ${pods}?${query} HTTP/1.1\r\nHost: kubernetes\r\nAccept: ${Accept}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    await victim.cluster.client.delete(resources.PODS, { namespace: 'attack', name: 'pod-7' }, { gracePeriodSeconds: 0 });
    await told;
    while (!text.includes('"type":"DELETED"')) await new Promise((resolve) => socket.once('data', resolve));
    expect(text.split('"type":"ADDED"')).toHaveLength(2501);
    expect(text.indexOf('k8s.io/initial-events-end')).toBeGreaterThan(text.lastIndexOf('"type":"ADDED"'));
    expect(text.indexOf('"type":"DELETED"')).toBeGreaterThan(text.indexOf('k8s.io/initial-events-end'));
  } finally {
    socket.destroy();
  }
});

test('no list was a bug of the server', () => expect(victim.bugs).toEqual([]));
