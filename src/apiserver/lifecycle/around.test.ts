// A whole API server: what it keeps up of flow control, what it counts, and how it ends a slow request.
import { request as httpsRequest } from 'node:https';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import { targetOf } from '../../../test/support/kubeconfig.js';
import type { ResourceType } from '../../client/client.js';
import { manualClock } from '../../clock/manual-clock.js';
import { startCluster, type Cluster } from '../../index.js';

const group = 'flowcontrol.apiserver.k8s.io';
const schemas: ResourceType<FlowSchema> = { group, version: 'v1', resource: 'flowschemas', kind: 'FlowSchema', namespaced: false };
const levels: ResourceType<PriorityLevelConfiguration> = {
  group,
  version: 'v1',
  resource: 'prioritylevelconfigurations',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
};
const clock = manualClock();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver'], clock });
});
afterAll(() => cluster.stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks over HTTP; of a body, only the first bytes are sent when it is `held`. */
function ask(
  method: string,
  path: string,
  { as, body, held = false }: { as?: readonly string[]; body?: string; held?: boolean } = {},
): Promise<Answer> {
  const { url, cert, key } = targetOf(cluster.kubeconfig);
  const [user, ...groups] = as ?? [];
  return new Promise((resolve, reject) => {
    const asking = httpsRequest(
      new URL(path, url),
      {
        method,
        cert,
        key,
        rejectUnauthorized: false,
        agent: false,
        headers: {
          ...(user === undefined ? {} : { 'impersonate-user': user, 'impersonate-group': groups }),
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          asking.destroy();
        });
      },
    );
    asking.on('error', reject);
    if (body === undefined) asking.end();
    else if (held) asking.write(body.slice(0, 5));
    else asking.end(body);
  });
}

const uidOf = async (name: string): Promise<string> => (await cluster.client.get(schemas, { name })).metadata.uid;
const schemaOf = async (path: string, ...as: string[]): Promise<unknown> =>
  (await ask('GET', path, { as })).headers['x-kubernetes-pf-flowschema-uid'];

test.each([
  ['exempt', '/api/v1/namespaces', ['root', 'system:masters', 'system:authenticated']],
  ['probes', '/livez', ['anyone', 'system:authenticated']],
  [
    'system-leader-election',
    '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x',
    ['system:kube-scheduler', 'system:authenticated'],
  ],
  ['system-node-high', '/api/v1/nodes/n', ['system:node:n', 'system:nodes', 'system:authenticated']],
  ['system-nodes', '/api/v1/pods', ['system:node:n', 'system:nodes', 'system:authenticated']],
  ['kube-scheduler', '/api/v1/pods', ['system:kube-scheduler', 'system:authenticated']],
  [
    'kube-system-service-accounts',
    '/api/v1/pods',
    ['system:serviceaccount:kube-system:a', 'system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  ],
  ['service-accounts', '/api/v1/pods', ['system:serviceaccount:n:a', 'system:serviceaccounts', 'system:authenticated']],
  ['global-default', '/api/v1/pods', ['ann', 'system:authenticated']],
])('%s has GET %s of %p', async (schema, path, as) => {
  expect(await schemaOf(path, ...as)).toBe(await uidOf(schema));
});

it('puts back what is mandatory or suggested within a minute, but not what its owner took over', async () => {
  await cluster.client.delete(schemas, { name: 'exempt' });
  await cluster.client.patch(schemas, { name: 'probes' }, 'merge', { spec: { matchingPrecedence: 500 } });
  await cluster.client.patch(levels, { name: 'workload-low' }, 'merge', {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
    spec: { limited: { nominalConcurrencyShares: 7 } },
  });
  // The mandatory schema works on although nobody finds it.
  expect((await ask('GET', '/api/v1/namespaces', { as: ['root', 'system:masters'] })).headers['x-kubernetes-pf-flowschema-uid']).toBe('');
  await clock.advance(60_000);
  expect((await cluster.client.get(schemas, { name: 'exempt' })).spec?.matchingPrecedence).toBe(1);
  expect((await cluster.client.get(schemas, { name: 'probes' })).spec?.matchingPrecedence).toBe(2);
  expect((await cluster.client.get(levels, { name: 'workload-low' })).spec?.limited?.nominalConcurrencyShares).toBe(7);
});

it('tells whether the level of a schema is there, and says so only once', async () => {
  const dangling = async () => (await cluster.client.get(schemas, { name: 'mine' })).status.conditions?.[0];
  await cluster.client.create(schemas, {
    metadata: { name: 'mine' },
    spec: { priorityLevelConfiguration: { name: 'mine' }, matchingPrecedence: 70, rules: [] },
  });
  await clock.advance(1);
  expect(await dangling()).toMatchObject({ type: 'Dangling', status: 'True', reason: 'NotFound' });
  await cluster.client.create(levels, {
    metadata: { name: 'mine' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
  });
  await clock.advance(1);
  expect(await dangling()).toMatchObject({ status: 'False', reason: 'Found' });
  const { resourceVersion } = (await cluster.client.get(schemas, { name: 'mine' })).metadata;
  await clock.advance(120_000);
  expect((await cluster.client.get(schemas, { name: 'mine' })).metadata.resourceVersion).toBe(resourceVersion);
});

it('ends a request whose body does not come, stores nothing, and frees its seat', async () => {
  const body = JSON.stringify({ metadata: { name: 'slow' } });
  const path = '/api/v1/namespaces/default/configmaps';
  const { status, text } = await ask('POST', `${path}?timeout=50ms`, { body, held: true });
  expect(status).toBe(504);
  expect(text).toContain('request did not complete within the allotted timeout');
  expect((await ask('GET', `${path}/slow`)).status).toBe(404);
  const requests = (await ask('GET', '/debug/api_priority_and_fairness/dump_requests')).text;
  // The head, and the request for this very table.
  expect(requests.trim().split('\n')).toHaveLength(2);
});

it('counts requests under the names of the real server', async () => {
  const total = async (labels: string): Promise<number> => {
    const { text } = await ask('GET', '/metrics');
    const line = text.split('\n').find((one) => one.startsWith(`apiserver_request_total{${labels}`));
    return line === undefined ? 0 : Number(line.split(' ').pop());
  };
  const found =
    'code="200",component="apiserver",dry_run="",group="",resource="namespaces",scope="resource",subresource="",verb="GET",version="v1"';
  const before = await total(found);
  await ask('GET', '/api/v1/namespaces/default');
  await ask('GET', '/api/v1/namespaces/default', { as: ['nobody', 'system:authenticated'] });
  expect(await total(found)).toBe(before + 1);
  const { text, headers } = await ask('GET', '/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  // Every line is a comment or a sample.
  const odd = text
    .split('\n')
    .filter((line) => !/^(?:# (?:HELP|TYPE) \S+ .+|[a-z_]\w*(?:\{[^\n]*\})? (?:[-+.\de]+|[+-]Inf|NaN)|)$/.test(line));
  expect(odd).toEqual([]);
  expect(text).toContain('kubernetes_build_info{');
  expect(text).toContain('apiserver_storage_objects{resource="namespaces"} 4');
  expect((await ask('DELETE', '/metrics')).text).toBe('metrics reset\n');
  expect(await total(found)).toBe(0);
});
