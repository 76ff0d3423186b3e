// Authorization by a webhook, in process: requests, impersonation, reviews and policies in CEL all wait for its word, and nothing gets by it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock, startCluster, type Cluster } from '../../src/index.js';
import { send, type Answer, type Target } from '../parity/exchange.js';
import { targetOf } from '../support/kubeconfig.js';

interface Spec {
  readonly user: string;
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  readonly nonResourceAttributes?: Readonly<Record<string, string>>;
}

const folder = mkdtempSync(join(tmpdir(), 'authorization-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

let cluster: Cluster;
let webhook: Server;
let target: Target;
const asked: Spec[] = [];

/** What the webhook says, by user; undefined: it hangs up. */
function statusFor({ user, resourceAttributes: about }: Spec): object | undefined {
  switch (user) {
    case 'reader':
      return { allowed: about?.['verb'] === 'get', reason: 'readers read' };
    case 'writer':
      return { allowed: about?.['resource'] === 'configmaps' && about['name'] !== 'secret', reason: 'writers write' };
    case 'banned':
      return { allowed: false, denied: true, reason: 'go away' };
    case 'liar':
      return { allowed: true, denied: true };
    case 'lost':
      return undefined;
    default:
      return { allowed: false };
  }
}

beforeAll(async () => {
  const { ca, server: leaf } = await loadClusterCertificates({ clock: realClock(), random: realRandom(), bindAddress: '127.0.0.1' });
  webhook = createServer({ key: leaf.key, cert: leaf.certificate }, (incoming, response) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
    incoming.on('end', () => {
      const review = JSON.parse(text);
      asked.push(review.spec);
      const status = statusFor(review.spec);
      if (status === undefined) incoming.socket.destroy();
      else response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ ...review, status }));
    });
  });
  await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
  const { port } = webhook.address() as AddressInfo;
  const authority = Buffer.from(ca.certificate).toString('base64');
  const kubeconfig = file(
    'webhook.kubeconfig',
    `apiVersion: v1
kind: Config
clusters: [{name: w, cluster: {server: "https://127.0.0.1:${port}/authorize", certificate-authority-data: ${authority}}}]
contexts: [{name: w, context: {cluster: w}}]
current-context: w
`,
  );
  const settings = `timeout: 5s, subjectAccessReviewVersion: v1, connectionInfo: {type: KubeConfigFile, kubeConfigFile: ${kubeconfig}}`;
  const authorizationConfig = file(
    'authorization.yaml',
    `apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- {type: Node, name: node}
- type: Webhook
  name: first
  webhook: {${settings}, failurePolicy: Deny, matchConditionSubjectAccessReviewVersion: v1, matchConditions: [{expression: "request.user != 'kubernetes-admin'"}]}
- {type: RBAC, name: rbac}
`,
  );
  cluster = await startCluster({ components: ['apiserver'], nodes: 0, authorizationConfig });
  target = targetOf(cluster.kubeconfig);
});

afterAll(async () => {
  await cluster.stop();
  webhook.closeAllConnections();
  webhook.close();
  rmSync(folder, { recursive: true });
});

/** A request of the administrator, or of somebody whom the administrator acts as. */
function ask(request: string, { as, body }: { readonly as?: string; readonly body?: unknown } = {}): Promise<Answer> {
  const headers: Record<string, string> = as === undefined ? {} : { 'impersonate-user': as };
  return send(target, { request, headers, ...(body === undefined ? {} : { body }) }, (text) => text);
}

const message = ({ body }: Answer): unknown => (typeof body === 'object' ? (body as { readonly message?: string }).message : body);
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

test('allows and refuses with its reasons; a no is the last word', async () => {
  expect(message(await ask('GET /api/v1/namespaces/default/secrets/x', { as: 'reader' }))).toBe('secrets "x" not found');
  expect(message(await ask('GET /api/v1/namespaces/default/secrets', { as: 'reader' }))).toBe(
    'secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "default": readers read',
  );
  // RBAC lets everyone read the version; the webhook comes first.
  expect((await ask('GET /version/', { as: 'nobody' })).status).toBe(200);
  expect(await ask('GET /version/', { as: 'banned' })).toMatchObject({
    status: 403,
    body: { message: 'forbidden: User "banned" cannot get path "/version/": go away' },
  });
});

test('a webhook that lies or hangs up lets nobody through', async () => {
  for (const [as, why] of [
    ['liar', 'webhook subject access review returned both allow and deny response'],
    ['lost', expect.stringMatching(/Post ".*\/authorize\?timeout=5s": EOF/)],
  ] as const) {
    const { status, body, headers } = await ask('GET /version/?a=<b>&c', { as });
    expect([status, headers['content-type']]).toEqual([500, 'text/plain; charset=utf-8']);
    expect(body).toEqual(expect.stringContaining('Internal Server Error: "/version/?a=%3Cb%3E&amp;c": '));
    if (typeof why === 'string') expect(body).toContain(why);
    else expect(body).toEqual(why);
  }
});

test('is told of selectors, and of impersonation before it', async () => {
  asked.length = 0;
  await ask('GET /api/v1/namespaces/default/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn', { as: 'jane' });
  const requirement = (key: string, value: string): object => ({ requirements: [{ key, operator: 'In', values: [value] }] });
  expect(asked).toEqual([
    {
      user: 'jane',
      groups: ['system:authenticated'],
      resourceAttributes: {
        namespace: 'default',
        verb: 'list',
        version: 'v1',
        resource: 'pods',
        fieldSelector: requirement('spec.nodeName', 'n'),
        labelSelector: requirement('a', 'b'),
      },
    },
  ]);
});

test('answers access reviews', async () => {
  const review = async (user: string, verb: string): Promise<unknown> => {
    const spec = { user, resourceAttributes: { verb, resource: 'pods', namespace: 'default' } };
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    return ((await ask('POST /apis/authorization.k8s.io/v1/subjectaccessreviews', { body })).body as { status: unknown }).status;
  };
  expect(await review('reader', 'get')).toEqual({ allowed: true, reason: 'readers read' });
  expect(await review('banned', 'get')).toEqual({ allowed: false, denied: true, reason: 'go away' });
  expect(await review('lost', 'get')).toEqual({ allowed: false, denied: true, evaluationError: expect.stringContaining('EOF') });
  const rules = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'default' } };
  expect((await ask('POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { body: rules })).body).toMatchObject({
    status: { incomplete: true, evaluationError: 'webhook authorizer does not support user rule resolution' },
  });
});

test('is asked by policies in CEL, as often as they need it', async () => {
  const check = (name: string): string =>
    `authorizer.group('').resource('configmaps').namespace('default').name('${name}').check('bless').allowed()`;
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'blessed' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      matchConditions: [{ name: 'not-admin', expression: "request.userInfo.username != 'kubernetes-admin'" }],
      validations: [{ expression: `${check('a')} && !${check('secret')}`, message: 'not blessed' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'blessed' },
    spec: { policyName: 'blessed', validationActions: ['Deny'] },
  };
  const group = '/apis/admissionregistration.k8s.io/v1';
  expect((await ask(`POST ${group}/validatingadmissionpolicies`, { body: policy })).status).toBe(201);
  expect((await ask(`POST ${group}/validatingadmissionpolicybindings`, { body: binding })).status).toBe(201);
  const create = '/api/v1/namespaces/default/configmaps';
  asked.length = 0;
  expect((await ask(`POST ${create}`, { as: 'writer', body: configMap('one') })).status).toBe(201);
  const names = asked
    .filter(({ resourceAttributes: about }) => about?.['verb'] === 'bless')
    .map(({ resourceAttributes: about }) => about?.['name']);
  expect(names).toEqual(['a', 'secret']);
  expect((await ask(`DELETE ${create}/one`)).status).toBe(200);
});

test('nobody acts as another without its word', async () => {
  // The administrator's own rights come from RBAC; those of somebody who was named come from the webhook alone.
  const headers = { 'impersonate-user': 'banned', 'impersonate-group': 'crew', 'impersonate-extra-a': 'b' };
  const refused = await send(target, { request: 'GET /api/v1/namespaces/default/configmaps', headers }, (text) => text);
  expect(message(refused)).toBe(
    'configmaps is forbidden: User "banned" cannot list resource "configmaps" in API group "" in the namespace "default": go away',
  );
});

test.each([
  [{ authorizationMode: ['Foo'] }, 'authorization-mode "Foo" is not a valid mode'],
  [{ authorizationMode: ['RBAC', 'RBAC'] }, 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
  [{ authorizationMode: [] }, '--authorization-mode must name at least one of'],
  [{ authorizationMode: ['Webhook'] }, "authorization-mode Webhook's authorization config file not passed"],
  [{ authorizationMode: ['ABAC'] }, "authorization-mode ABAC's authorization policy file not passed"],
  [{ authorizationPolicyFile: '/x' }, 'cannot specify --authorization-policy-file without mode ABAC'],
  [{ authorizationWebhookConfigFile: '/x' }, 'cannot specify --authorization-webhook-config-file without mode Webhook'],
  [{ authorizationMode: ['RBAC'], authorizationConfig: '/x' }, '--authorization-config can not be specified when --authorization-mode or'],
  [{ authorizationConfig: '/nope' }, '--authorization-config: ENOENT: no such file or directory'],
  [{ authorizationMode: ['ABAC'], authorizationPolicyFile: '/nope' }, '--authorization-policy-file /nope: ENOENT'],
  [
    { authorizationMode: ['Webhook'], authorizationWebhookConfigFile: '/nope' },
    '--authorization-webhook-config-file: kubeconfig /nope: ENOENT',
  ],
])('%j is refused in one line', async (options, text) => {
  const error = await startCluster({ components: ['apiserver'], nodes: 0, ...options }).then(
    () => new Error('it started'),
    (reason: Error) => reason,
  );
  expect(error.name).toBe('OptionError');
  expect(error.message).toContain(text);
  expect(error.message).not.toContain('\n');
});
