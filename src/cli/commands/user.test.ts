// kubedouble user, against a cluster of this process by its kubeconfig: what it prints is a user with the rights that it is given.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../cluster/cluster.js';
import { OptionError } from '../../cluster/options.js';
import { createHttpClient } from '../../client/kubeconfig/http-client.js';
import { parseKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import {
  CERTIFICATE_SIGNING_REQUESTS,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  defineResource,
  PODS,
  SERVICE_ACCOUNTS,
} from '../../client/resources.js';
import type { Client } from '../../client/client.js';
import { realClock } from '../../clock/real-clock.js';
import type { Terminal } from '../terminal.js';
import { user, type UserFlags } from './user.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-user-'));
const kubeconfig = join(folder, 'kubeconfig');
const REVIEWS = defineResource('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', false);
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 0, components: ['apiserver', 'controllers'] });
  writeFileSync(kubeconfig, cluster.kubeconfig);
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true });
});

async function printed(name: string, flags: UserFlags = {}): Promise<string> {
  const lines: string[] = [];
  const plain = (text: string): string => text;
  const screen: Terminal = { print: (line) => void lines.push(line), note: () => undefined, bold: plain, dim: plain };
  await user(name, { kubeconfig, ...flags }, screen);
  return lines.join('\n');
}

async function as<T>(text: string, run: (client: Client, namespace: string | undefined) => Promise<T>): Promise<T> {
  const config = await parseKubeconfig(text, folder);
  const client = await createHttpClient({ config, clock: realClock() });
  return run(client, config.namespace).finally(() => client.close());
}

const whoami = (client: Client): Promise<unknown> =>
  client
    .create(REVIEWS, { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
    .then((review) => (review as unknown as { status: { userInfo: unknown } }).status.userInfo);

test('a user with groups, who may do what is granted and nothing else', async () => {
  const text = await printed('jane', { group: ['devs', 'a, CN=root'], namespace: 'team' });
  await as(text, async (client, namespace) => {
    expect(namespace).toBe('team');
    expect(await whoami(client)).toMatchObject({ username: 'jane', groups: ['devs', 'a, CN=root', 'system:authenticated'] });
    await expect(client.list(PODS)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('User "jane" cannot list resource "pods"'),
    });
    await cluster.client.create(CLUSTER_ROLE_BINDINGS, {
      metadata: { name: 'devs-view' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'Group', name: 'devs', apiGroup: 'rbac.authorization.k8s.io' }],
    });
    const rules = async (): Promise<number> => (await cluster.client.get(CLUSTER_ROLES, { name: 'view' })).rules?.length ?? 0;
    while ((await rules()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await client.list(PODS)).items).toEqual([]);
  });
  expect((await cluster.client.list(CERTIFICATE_SIGNING_REQUESTS)).items).toEqual([]);
});

test('a service account, made when it is not there', async () => {
  for (let round = 0; round < 2; round++) {
    await as(await printed('robot', { serviceAccount: true, namespace: 'kube-public' }), async (client, namespace) => {
      expect(namespace).toBe('kube-public');
      expect(await whoami(client)).toMatchObject({ username: 'system:serviceaccount:kube-public:robot' });
    });
  }
  await cluster.client.get(SERVICE_ACCOUNTS, { namespace: 'kube-public', name: 'robot' });
});

test.each<[string, string, UserFlags, string]>([
  ['masters', 'root', { group: ['system:masters'] }, 'system:masters'],
  ['no such namespace', 'robot', { serviceAccount: true, namespace: 'nowhere' }, 'namespaces "nowhere" not found'],
  ['groups of an account', 'robot', { serviceAccount: true, group: ['x'] }, 'leave --group out'],
  ['too short a time', 'jane', { expirationSeconds: '5' }, 'at least 600'],
  ['no kubeconfig', 'jane', { kubeconfig: join(folder, 'nothing') }, 'nothing'],
])('%s: one line', async (_what, name, flags, message) => {
  const failure: unknown = await printed(name, flags).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OptionError);
  expect((failure as OptionError).message).toContain(message);
  expect((failure as OptionError).message).not.toContain('\n');
});
