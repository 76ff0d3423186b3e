// Audit events in process: what a test's own function is given, of requests over HTTP and of the cluster's own parts.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../src/client/resources.js';
import type { ResourceType } from '../../src/client/client.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock, startCluster, type AuditEvent, type Cluster } from '../../src/index.js';
import { send, type Target } from '../parity/exchange.js';
import { targetOf } from '../support/kubeconfig.js';
import { until } from '../support/until.js';

const MUTATING: ResourceType = configurations('Mutating');
const VALIDATING: ResourceType = configurations('Validating');

function configurations(type: string): ResourceType {
  const resource = `${type.toLowerCase()}webhookconfigurations`;
  return { group: 'admissionregistration.k8s.io', version: 'v1', resource, kind: `${type}WebhookConfiguration`, namespaced: false };
}

describe('webhooks', () => {
  let cluster: Cluster;
  let server: Server;
  let hook: (path: string, name: string, more?: object) => object;
  const events: AuditEvent[] = [];
  const patch = (operations: unknown): object => ({
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  });
  const answers: Readonly<Record<string, (count: number) => object>> = {
    '/label': () => patch([{ op: 'add', path: '/metadata/labels', value: { l: 'v' } }]),
    '/count': (count) => patch([{ op: 'add', path: '/metadata/annotations', value: { n: String(count + 1) } }]),
    '/same': () => patch([{ op: 'test', path: '/kind', value: 'ConfigMap' }]),
    '/noop': () => patch([]),
    '/plain': () => ({}),
    '/own': () => ({ auditAnnotations: { a: '1', 'b/c': '2' } }),
    '/deny': () => ({ allowed: false, auditAnnotations: { why: 'no' } }),
    '/bad': () => ({ uid: 'x' }),
  };

  beforeAll(async () => {
    const { ca, server: leaf } = await loadClusterCertificates({ clock: realClock(), random: realRandom(), bindAddress: '127.0.0.1' });
    server = createServer({ key: leaf.key, cert: leaf.certificate }, (incoming, response) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => {
        const { request } = JSON.parse(text);
        const count = Number(request.object?.metadata.annotations?.n ?? 0);
        const more = answers[incoming.url!.split('?')[0]!]!(count);
        const body = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: request.uid, allowed: true, ...more } };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    hook = (path, name, more = {}) => ({
      name,
      clientConfig: { url: `https://127.0.0.1:${port}${path}`, caBundle: Buffer.from(ca.certificate).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 5,
      ...more,
    });
    cluster = await startCluster({ components: ['apiserver'], freeze: true, audit: (event) => events.push(event) });
  });
  afterAll(async () => {
    await cluster.stop();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  let count = 0;
  async function annotationsWith(type: ResourceType, webhooks: readonly object[]): Promise<Readonly<Record<string, string>>> {
    await cluster.client.create(type, { metadata: { name: 'aud' }, webhooks } as never);
    const name = `c${count++}`;
    await cluster.client.create(CONFIG_MAPS, { metadata: { name, namespace: 'default' } }).catch(() => undefined);
    await cluster.client.delete(type, { name: 'aud' });
    const event = events.find(({ objectRef, stage }) => objectRef?.name === name && stage === 'ResponseComplete');
    const own = Object.entries(event?.annotations ?? {}).filter(([key]) => !key.startsWith('authorization.k8s.io/'));
    return Object.fromEntries(own);
  }
  const mutation = (webhook: string, mutated: boolean): string => `{"configuration":"aud","webhook":"${webhook}","mutated":${mutated}}`;
  const patched = (webhook: string, operations: string): string =>
    `{"configuration":"aud","webhook":"${webhook}","patch":${operations},"patchType":"JSONPatch"}`;
  const elsewhere = { namespaceSelector: { matchLabels: { no: 'way' } } };

  // The expectations are what a kube-apiserver v1.36.3 wrote for the same webhooks.
  test('mutating ones, in two rounds', async () => {
    const again = { reinvocationPolicy: 'IfNeeded' };
    const hooks = [
      hook('/plain', 'no.x.io', elsewhere),
      hook('/count', 'count.x.io', again),
      hook('/plain', 'no2.x.io', elsewhere),
      hook('/label', 'label.x.io', again),
      hook('/plain', 'plain.x.io', again),
      hook('/count', 'count2.x.io'),
    ];
    const prefix = (round: number, index: number): string => `webhook.admission.k8s.io/round_${round}_index_${index}`;
    const counted = (n: number): string => `[{"op":"add","path":"/metadata/annotations","value":{"n":"${n}"}}]`;
    const label = '[{"op":"add","path":"/metadata/labels","value":{"l":"v"}}]';
    expect(await annotationsWith(MUTATING, hooks)).toEqual({
      [`mutation.${prefix(0, 1)}`]: mutation('count.x.io', true),
      [`mutation.${prefix(0, 3)}`]: mutation('label.x.io', true),
      [`mutation.${prefix(0, 4)}`]: mutation('plain.x.io', false),
      [`mutation.${prefix(0, 5)}`]: mutation('count2.x.io', true),
      [`mutation.${prefix(1, 1)}`]: mutation('count.x.io', true),
      [`mutation.${prefix(1, 3)}`]: mutation('label.x.io', false),
      [`mutation.${prefix(1, 4)}`]: mutation('plain.x.io', false),
      [`patch.${prefix(0, 1)}`]: patched('count.x.io', counted(1)),
      [`patch.${prefix(0, 3)}`]: patched('label.x.io', label),
      [`patch.${prefix(0, 5)}`]: patched('count2.x.io', counted(2)),
      [`patch.${prefix(1, 1)}`]: patched('count.x.io', counted(3)),
      [`patch.${prefix(1, 3)}`]: patched('label.x.io', label),
    });
  });

  test('mutating ones that change nothing, fail open, or have a word of their own', async () => {
    const open = { failurePolicy: 'Ignore' };
    const hooks = [hook('/noop', 'noop.x.io'), hook('/same', 'same.x.io'), hook('/own', 'own.x.io'), hook('/bad', 'open.x.io', open)];
    expect(await annotationsWith(MUTATING, hooks)).toEqual({
      'own.x.io/a': '1',
      'mutation.webhook.admission.k8s.io/round_0_index_0': mutation('noop.x.io', false),
      'mutation.webhook.admission.k8s.io/round_0_index_1': mutation('same.x.io', false),
      'patch.webhook.admission.k8s.io/round_0_index_1': patched('same.x.io', '[{"op":"test","path":"/kind","value":"ConfigMap"}]'),
      'mutation.webhook.admission.k8s.io/round_0_index_2': mutation('own.x.io', false),
      'failed-open.mutation.webhook.admission.k8s.io/round_0_index_3': 'open.x.io',
      'mutation.webhook.admission.k8s.io/round_0_index_3': mutation('open.x.io', false),
    });
  });

  test('validating ones: those that are asked are counted', async () => {
    const hooks = [hook('/plain', 'no.x.io', elsewhere), hook('/bad', 'open.x.io', { failurePolicy: 'Ignore' }), hook('/own', 'own.x.io')];
    expect(await annotationsWith(VALIDATING, hooks)).toEqual({
      'own.x.io/a': '1',
      'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'open.x.io',
    });
    expect(await annotationsWith(VALIDATING, [hook('/deny', 'deny.x.io')])).toEqual({ 'deny.x.io/why': 'no' });
  });
});

test('what the parts of the cluster do is audited as well', async () => {
  const events: AuditEvent[] = [];
  let told = (): void => {};
  const bound = new Promise<void>((resolve) => (told = resolve));
  const cluster = await startCluster({
    nodes: 1,
    auditPolicy: { rules: [{ level: 'Request', resources: [{ group: '', resources: ['pods/binding'] }] }] },
    audit: (event) => {
      if (events.push(event) === 2) told();
    },
  });
  try {
    await cluster.client.create(PODS, { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await bound;
  } finally {
    await cluster.stop();
  }
  expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
  expect(events[1]).toMatchObject({
    level: 'Request',
    verb: 'create',
    requestURI: '/api/v1/namespaces/default/pods/p/binding',
    user: { username: 'system:kube-scheduler' },
    userAgent: expect.stringContaining('kube-scheduler'),
    objectRef: { resource: 'pods', namespace: 'default', name: 'p', apiVersion: 'v1', subresource: 'binding' },
    responseStatus: { status: 'Success', code: 201 },
    requestObject: { kind: 'Binding', target: { kind: 'Node', name: 'node-0' } },
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason':
        'RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole "system:kube-scheduler" to User "system:kube-scheduler"',
    },
  });
});

test('the token of a secret is told of, and whether the secret was made for the account', async () => {
  const events: AuditEvent[] = [];
  const cluster = await startCluster({ components: ['apiserver', 'controllers'], audit: (event) => events.push(event) });
  try {
    const { client } = cluster;
    const key = { namespace: 'default', name: 'robot' };
    const account = await client.create(SERVICE_ACCOUNTS, { metadata: key });
    const annotations = { 'kubernetes.io/service-account.name': 'robot' };
    await client.create(SECRETS, { metadata: { ...key, annotations }, type: 'kubernetes.io/service-account-token' });
    const secret = await until(client, SECRETS, key, ({ data }) => data?.['token'] !== undefined);
    const token = Buffer.from(secret.data?.['token'] ?? '', 'base64').toString();
    const { url } = targetOf(cluster.kubeconfig);
    const target = { url } as Target;
    const ask = (id: string) =>
      send(target, { request: 'GET /api', headers: { authorization: `Bearer ${token}`, 'audit-id': id } }, (text) => text);
    await ask('manual');
    await client.update(SERVICE_ACCOUNTS, { ...account, secrets: [{ name: 'robot' }] });
    await ask('made');
    const told = (id: string) => events.find(({ auditID, stage }) => auditID === id && stage === 'RequestReceived')?.annotations;
    const common = { 'authentication.k8s.io/legacy-token': 'system:serviceaccount:default:robot' };
    expect(told('manual')).toEqual({ ...common, 'authentication.k8s.io/legacy-token-manual-secret': 'robot' });
    expect(told('made')).toEqual({ ...common, 'authentication.k8s.io/legacy-token-autogenerated-secret': 'robot' });
  } finally {
    await cluster.stop();
  }
});

test('blocking-strict: no request without its event', async () => {
  const auditPolicy = { rules: [{ level: 'Metadata' as const, nonResourceURLs: ['/version'] }] };
  // Nothing can ever be written there.
  const cluster = await startCluster({
    components: ['apiserver'],
    auditPolicy,
    auditLogPath: '/dev/full',
    auditLogMode: 'blocking-strict',
  });
  try {
    const target = targetOf(cluster.kubeconfig);
    const ask = (path: string) => send(target, { request: `GET ${path}`, exact: true }, (text) => text);
    expect(await ask('/version?a=%3C')).toMatchObject({
      status: 500,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'Internal Server Error: "/version?a=%3C": failed to store audit event\n',
    });
    expect(await ask('/api/v1/namespaces/default')).toMatchObject({ status: 200 });
    const { body } = await ask('/metrics');
    expect(body).toContain('apiserver_audit_error_total{plugin="log"} 1\n');
    expect(body).toContain('apiserver_audit_requests_rejected_total 1\n');
    expect(body).toContain('apiserver_audit_level_total{level="Metadata"} 1\n');
  } finally {
    await cluster.stop();
  }
});
