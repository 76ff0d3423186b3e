// kubedouble node, against a cluster of this process by its kubeconfig: the way of every request, rights included.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:https';
import { parse, stringify } from 'yaml';
import { startCluster, type Cluster } from '../../cluster/cluster.js';
import { OptionError } from '../../cluster/options.js';
import type { Terminal } from '../terminal.js';
import { node, type NodeAction } from './node.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-node-'));
const kubeconfig = join(folder, 'kubeconfig');
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, components: ['apiserver', 'kubelet'] });
  writeFileSync(kubeconfig, cluster.kubeconfig);
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

async function run(action: NodeAction, names: readonly string[], path = kubeconfig) {
  const lines: string[] = [];
  const notes: string[] = [];
  const plain = (text: string): string => text;
  const screen: Terminal = { print: (line) => void lines.push(line), note: (line) => void notes.push(line), bold: plain, dim: plain };
  const failure = await node(action, names, { kubeconfig: path }, screen).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { lines, notes, failure };
}

it('turns nodes off and on, and says what they are then', async () => {
  expect(await run('stop', ['node-0', 'node-1'])).toEqual({
    lines: [
      'node node-0 is stopped: its kubelet is silent, its containers run on',
      'node node-1 is stopped: its kubelet is silent, its containers run on',
    ],
    notes: [],
    failure: undefined,
  });
  expect([cluster.nodes.power('node-0'), cluster.nodes.power('node-1')]).toEqual(['stopped', 'stopped']);
  expect((await run('drain-power', ['node-0'])).lines).toEqual(['node node-0 is off: it has no power and no containers']);
  expect((await run('start', ['node-0', 'node-1'])).lines).toEqual(['node node-0 is on', 'node node-1 is on']);
  expect([cluster.nodes.power('node-0'), cluster.nodes.power('node-1')]).toEqual(['on', 'on']);
});

it('goes on after a name that is no node, and fails in the end', async () => {
  const { lines, notes, failure } = await run('stop', ['node-9', 'node-1', '../../version']);
  expect(lines).toEqual(['node node-1 is stopped: its kubelet is silent, its containers run on']);
  expect(notes).toEqual([
    'kubedouble: node node-9: nodes "node-9" not found',
    'kubedouble: node ../../version: nodes "..%2F..%2Fversion" not found',
  ]);
  expect(failure).toMatchObject({ code: 1 });
  await run('start', ['node-1']);
});

it('says so when there is no such kubeconfig, and when nobody answers', async () => {
  expect((await run('stop', ['node-0'], '/nosuch/kubeconfig')).failure).toBeInstanceOf(OptionError);
  const lost = join(folder, 'lost');
  writeFileSync(lost, cluster.kubeconfig.replace(cluster.url, 'https://127.0.0.1:1'));
  const { notes, failure } = await run('stop', ['node-0'], lost);
  expect(notes[0]).toMatch(/^kubedouble: node node-0: cannot reach https:\/\/127\.0\.0\.1:1: /);
  expect(failure).toMatchObject({ code: 1 });
});

describe('the paths', () => {
  type Config = { users: { user: Record<string, unknown> }[]; clusters: { cluster: { 'certificate-authority-data': string } }[] };
  const config = (): Config => parse(cluster.kubeconfig) as Config;
  const ask = (method: string, path: string, admin = true): Promise<{ code: number | undefined; text: string }> =>
    new Promise((resolve, reject) => {
      const { users, clusters } = config();
      const pem = (name: string): Buffer => Buffer.from(String(users[0]!.user[name]), 'base64');
      const identity = admin ? { cert: pem('client-certificate-data'), key: pem('client-key-data') } : {};
      const ca = Buffer.from(clusters[0]!.cluster['certificate-authority-data'], 'base64');
      const asking = request(`${cluster.url}${path}`, { method, ca, ...identity, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ code: response.statusCode, text }));
      });
      asking.on('error', reject);
      asking.end();
    });

  it('list the nodes and their power', async () => {
    expect(JSON.parse((await ask('GET', '/kubedouble/v1/nodes')).text)).toEqual({
      items: [
        { name: 'node-0', power: 'on' },
        { name: 'node-1', power: 'on' },
      ],
    });
    expect(JSON.parse((await ask('GET', '/kubedouble/v1/nodes/node-1/power')).text)).toEqual({ name: 'node-1', power: 'on' });
  });

  it('are for those whom RBAC lets, and for nothing else', async () => {
    expect(await ask('POST', '/kubedouble/v1/nodes/node-0/stop', false)).toMatchObject({
      code: 403,
      text: expect.stringContaining('User \\"system:anonymous\\" cannot post path \\"/kubedouble/v1/nodes/node-0/stop\\"'),
    });
    expect(await ask('GET', '/kubedouble/v1/nodes/node-0/stop')).toMatchObject({ code: 405 });
    expect(await ask('POST', '/kubedouble/v1/nodes/node-0/explode')).toMatchObject({ code: 404 });
    expect(await ask('POST', '/kubedouble/v1/nodes/node-0/stop/now')).toMatchObject({ code: 404 });
    expect(await ask('POST', '/kubedouble/v1/nodes/__proto__/stop')).toMatchObject({ code: 404 });
    expect(await ask('POST', '/kubedouble/v1/nodes/node-0/constructor')).toMatchObject({ code: 404 });
    expect(await ask('POST', '/kubedouble/v1/nodes/node%2D0/stop')).toMatchObject({ code: 404 });
    expect(cluster.nodes.power('node-0')).toBe('on');
  });

  it('a user without the right is told so', async () => {
    const { users, ...rest } = config();
    const user = { ...users[0]!.user, as: 'jane' };
    const name = (parse(cluster.kubeconfig) as { users: { name: string }[] }).users[0]!.name;
    const jane = join(folder, 'jane');
    writeFileSync(jane, stringify({ ...rest, users: [{ name, user }] }));
    const { notes, failure } = await run('stop', ['node-0'], jane);
    expect(notes).toEqual(['kubedouble: node node-0: forbidden: User "jane" cannot post path "/kubedouble/v1/nodes/node-0/stop"']);
    expect(failure).toMatchObject({ code: 1 });
  });
});
