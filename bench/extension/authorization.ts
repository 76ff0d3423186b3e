// What RBAC costs: gets by an account with a role among a thousand others, and single questions to the authorizer.
import { createRbacAuthorizer } from '../../src/apiserver/authorization/rbac-authorizer.js';
import { createRbacIndex } from '../../src/apiserver/authorization/rbac-index.js';
import type { KubeObject } from '../../src/apimachinery/object.js';
import { ApiClient } from '../api-client.js';
import { median } from '../figures.js';
import type { Target } from '../kubeconfig.js';
import { parallel } from '../load/parallel.js';

export const namespace = 'bench-extension';
const group = 'rbac.authorization.k8s.io';
const account = 'reader';
const place = `/api/v1/namespaces/${namespace}`;

const role = (index: number): Readonly<Record<string, unknown>> => ({
  apiVersion: `${group}/v1`,
  kind: 'ClusterRole',
  metadata: { name: `bench-${index}` },
  rules: [
    { apiGroups: ['apps', 'batch'], resources: ['deployments', 'jobs', `things${index}`], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] },
  ],
});

const binding = (index: number): Readonly<Record<string, unknown>> => ({
  apiVersion: `${group}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: `bench-${index}` },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: `bench-${index}` },
  subjects: [{ kind: 'ServiceAccount', name: `account-${index}`, namespace }],
});

/** The role and the binding of the account that asks. */
const own = [
  {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'bench-own' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
  },
  {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'bench-own' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'bench-own' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  },
] as const;

const rolesPath = `/apis/${group}/v1/clusterroles`;
const bindingsPath = `/apis/${group}/v1/clusterrolebindings`;

/** A client that is an account with a role of its own, and the config map that it may get. */
async function reader(admin: ApiClient, target: Target): Promise<ApiClient> {
  await admin.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  await admin.request('POST', `${place}/serviceaccounts`, { body: { metadata: { name: account } } });
  await admin.request('POST', `${place}/configmaps`, { body: { metadata: { name: 'bench' }, data: { some: 'text' } } });
  await admin.request('POST', rolesPath, { body: own[0] });
  await admin.request('POST', bindingsPath, { body: own[1] });
  const { status } = await admin.json<{ readonly status: { readonly token: string } }>(
    'POST',
    `${place}/serviceaccounts/${account}/token`,
    {
      body: { spec: {} },
    },
  );
  const { url, insecure, ca } = target;
  return new ApiClient({ url, insecure, ...(ca === undefined ? {} : { ca }), token: status.token });
}

export interface Reading {
  /** Gets a second: `requests` of them, 16 at once. */
  measure(): Promise<number>;
  /** So many roles and bindings of others come. */
  crowd(count: number): Promise<void>;
  close(): void;
}

/** An account that gets one config map again and again. */
export async function reading(admin: ApiClient, target: Target, requests: number): Promise<Reading> {
  const client = await reader(admin, target);
  return {
    measure: async () => (await parallel(requests, 16, () => client.request('GET', `${place}/configmaps/bench`))).perSecond,
    crowd: async (count) => {
      await parallel(count, 16, async (index) => {
        await admin.request('POST', rolesPath, { body: role(index) });
        await admin.request('POST', bindingsPath, { body: binding(index) });
      });
    },
    close: () => client.close(),
  };
}

/** Gets a second before and after there are so many roles and bindings of others. */
export async function gets(
  account: Reading,
  { count, rounds }: { readonly count: number; readonly rounds: number },
): Promise<{ readonly alone: readonly number[]; readonly among: readonly number[] }> {
  const measured = async (): Promise<readonly number[]> => {
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await account.measure());
    return samples;
  };
  await account.measure();
  const alone = await measured();
  await account.crowd(count);
  await account.measure();
  return { alone, among: await measured() };
}

/** A server's account, and the processor time that the server has used, in seconds; undefined where that cannot be read. */
export interface Served {
  readonly account: Reading;
  cpu(): number | undefined;
}

/**
 * The part of the gets, 0 to 1, that `ruled` loses beside `free`, after so many rounds in which both are measured in turns, in the other order each
 * time. What limits a server's gets is the processor time of each, so that is compared where it can be read: rates of a second also tell what
 * else the machine did.
 */
export async function lossOf(free: Served, ruled: Served, rounds: number): Promise<number> {
  for (let round = 0; round < 3; round++) for (const { account } of [free, ruled]) await account.measure();
  const spent = new Map([free, ruled].map((side) => [side, { seconds: 0, rates: [] as number[] }]));
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? [free, ruled] : [ruled, free]) {
      const before = side.cpu();
      const sums = spent.get(side)!;
      sums.rates.push(await side.account.measure());
      sums.seconds += (side.cpu() ?? 0) - (before ?? 0);
    }
  }
  const [without, withThem] = [spent.get(free)!, spent.get(ruled)!];
  if (without.seconds > 0) return 1 - without.seconds / withThem.seconds;
  return 1 - median(withThem.rates)! / median(without.rates)!;
}

/** Microseconds for a question of a user to our authorizer among so many roles and bindings: one that was asked before, and a new one. */
export function questions(count: number, times: number): { readonly again: number; readonly fresh: number } {
  const index = createRbacIndex();
  for (const object of own) index.put(object as unknown as KubeObject);
  for (let at = 0; at < count; at++) for (const object of [role(at), binding(at)]) index.put(object as unknown as KubeObject);
  const authorizer = createRbacAuthorizer(index);
  const user = { name: `system:serviceaccount:${namespace}:${account}`, groups: ['system:serviceaccounts', 'system:authenticated'] };
  const ask = (who: typeof user): void => {
    const about = { user: who, verb: 'get', group: '', version: 'v1', resource: 'configmaps', subresource: '', namespace, name: 'bench' };
    const decision = authorizer.authorize(about);
    if (!('allowed' in decision) || !decision.allowed) throw new Error('the account may not get what it should');
  };
  const timed = (work: () => void): number => {
    for (let round = 0; round < times / 10; round++) work();
    const began = performance.now();
    for (let round = 0; round < times; round++) work();
    return ((performance.now() - began) * 1000) / times;
  };
  // Answers are kept by who asks.
  return { again: timed(() => ask(user)), fresh: timed(() => ask({ ...user })) };
}
