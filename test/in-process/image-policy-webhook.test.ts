// ImagePolicyWebhook in process: a program outside of the cluster, behind TLS and with a token, says which images may run. The messages are
// those of a real kube-apiserver v1.36.3 that was asked the same.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock, startCluster, type AuditEvent, type Cluster } from '../../src/index.js';
import { send, type Answer, type Target } from '../parity/exchange.js';
import { targetOf } from '../support/kubeconfig.js';

interface Asked {
  readonly token: string | undefined;
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const folder = mkdtempSync(join(tmpdir(), 'image-policy-'));
const asked: Asked[] = [];
let webhook: Server;
let ca: string;

const review = (status: object): string => JSON.stringify({ apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', status });

/** By what the first image's name begins with; undefined: it hangs up. */
function answerTo(image: string): { readonly code?: number; readonly body: string } | undefined {
  switch (image.split(':')[0]) {
    case 'old':
      return { body: review({ allowed: false, reason: 'too old' }) };
    case 'noted':
      return { body: review({ allowed: true, auditAnnotations: { scanned: 'yes', 'no/name': 'x' } }) };
    case 'lost':
      return undefined;
    case 'busy':
      return { code: 503, body: 'busy' };
    case 'barred':
      return { code: 403, body: 'barred' };
    case 'garbage':
      return { body: '{"kind":"Pod","apiVersion":"v1"}' };
    case 'liar':
      return { body: review({ allowed: 'yes' }) };
    default:
      return { body: review({ allowed: true }) };
  }
}

beforeAll(async () => {
  const certificates = await loadClusterCertificates({ clock: realClock(), random: realRandom(), bindAddress: '127.0.0.1' });
  ca = certificates.ca.certificate;
  webhook = createServer({ key: certificates.server.key, cert: certificates.server.certificate }, (incoming, response) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
    incoming.on('end', () => {
      const { spec } = JSON.parse(text) as { readonly spec: Asked['spec'] };
      asked.push({ token: incoming.headers.authorization, spec });
      const answer = answerTo(spec.containers[0]!.image);
      if (answer === undefined) incoming.socket.destroy();
      else response.writeHead(answer.code ?? 200, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
});

afterAll(() => {
  webhook.closeAllConnections();
  webhook.close();
  rmSync(folder, { recursive: true });
});

/** An AdmissionConfiguration whose webhook is the test's own, by a kubeconfig beside it. */
function configuration(defaultAllow: boolean): string {
  const { port } = webhook.address() as AddressInfo;
  const cluster = `{server: "https://127.0.0.1:${port}/review", certificate-authority-data: ${Buffer.from(ca).toString('base64')}}`;
  writeFileSync(
    join(folder, 'webhook.kubeconfig'),
    `apiVersion: v1
kind: Config
clusters: [{name: w, cluster: ${cluster}}]
users: [{name: u, user: {token: sesame}}]
contexts: [{name: w, context: {cluster: w, user: u}}]
current-context: w
`,
  );
  const path = join(folder, `admission-${defaultAllow}.yaml`);
  writeFileSync(
    path,
    `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration:
    imagePolicy: {kubeConfigFile: webhook.kubeconfig, allowTTL: 60, denyTTL: 60, retryBackoff: 1, defaultAllow: ${defaultAllow}}
`,
  );
  return path;
}

describe.each([false, true])('with defaultAllow: %s', (defaultAllow) => {
  const events: AuditEvent[] = [];
  let cluster: Cluster;
  let target: Target;

  beforeAll(async () => {
    asked.length = 0;
    cluster = await startCluster({
      components: ['apiserver'],
      nodes: 0,
      enableAdmissionPlugins: ['ImagePolicyWebhook'],
      disableAdmissionPlugins: ['ServiceAccount'],
      admissionControlConfigFile: configuration(defaultAllow),
      auditPolicy: { rules: [{ level: 'Metadata', resources: [{ group: '', resources: ['pods'] }] }] },
      audit: (event) => events.push(event),
    });
    target = targetOf(cluster.kubeconfig);
  });

  afterAll(() => cluster.stop());

  function ask(request: string, body: unknown, type?: string): Promise<Answer> {
    return send(target, { request, body, ...(type === undefined ? {} : { type }) }, (text) => text);
  }

  function create(name: string, image: string, more: object = {}): Promise<Answer> {
    const metadata = name.endsWith('-') ? { generateName: name } : { name };
    return ask('POST /api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, ...more },
      spec: { containers: [{ name: 'c', image }] },
    });
  }

  const message = ({ body }: Answer): unknown => (body as { readonly message?: string }).message;
  const annotations = (name: string): unknown =>
    events.find(({ stage, objectRef }) => stage === 'ResponseComplete' && objectRef?.name === name)?.annotations;
  const prefix = 'imagepolicywebhook.image-policy.k8s.io';

  test('asks with the token of the kubeconfig, once for the same question, and believes a no', async () => {
    expect((await create('good', 'good:1')).status).toBe(201);
    expect((await create('good-2', 'good:1')).status).toBe(201);
    expect(asked).toEqual([{ token: 'Bearer sesame', spec: { containers: [{ image: 'good:1' }], namespace: 'default' } }]);
    const refused = await create('old', 'old:1');
    expect([refused.status, message(refused)]).toEqual([
      403,
      'pods "old" is forbidden: image policy webhook backend denied one or more images: too old',
    ]);
    // Validating admission sees the name that was made.
    expect(message(await create('gen-', 'old:1'))).toMatch(/^pods "gen-[a-z0-9]{5}" is forbidden: image policy webhook backend denied/);
  });

  test('tells annotations that are meant for it, and writes its own into the audit log', async () => {
    asked.length = 0;
    await create('noted', 'noted:1', { annotations: { 'my.image-policy.k8s.io/ticket': 'break', other: 'x' } });
    expect(asked[0]!.spec).toMatchObject({ annotations: { 'my.image-policy.k8s.io/ticket': 'break' } });
    expect(annotations('noted')).toMatchObject({ [`${prefix}/scanned`]: 'yes' });
    expect(annotations('noted')).not.toHaveProperty([`${prefix}/no/name`]);
  });

  test('asks about changed images and about ephemeral containers', async () => {
    const pod = '/api/v1/namespaces/default/pods/good';
    const merge = 'application/strategic-merge-patch+json';
    const images = async (request: string, spec: object): Promise<number> => (await ask(request, { spec }, merge)).status;
    expect(await images(`PATCH ${pod}`, { containers: [{ name: 'c', image: 'old:2' }] })).toBe(403);
    expect(await images(`PATCH ${pod}`, { containers: [{ name: 'c', image: 'good:2' }] })).toBe(200);
    expect(await images(`PATCH ${pod}/ephemeralcontainers`, { ephemeralContainers: [{ name: 'e', image: 'old:3' }] })).toBe(403);
    expect(await images(`PATCH ${pod}/ephemeralcontainers`, { ephemeralContainers: [{ name: 'e', image: 'good:3' }] })).toBe(200);
  });

  test.each([
    ['lost:1', /^pods "p" is forbidden: Post "https:\/\/127\.0\.0\.1:\d+\/review\?timeout=30s": EOF$/],
    ['busy:1', /^pods "p" is forbidden: the server is currently unable to handle the request$/],
    ['barred:1', /^unknown$/],
    ['garbage:1', /^pods "p" is forbidden: converting \(v1\.Pod\) to \(v1alpha1\.ImageReview\): unknown conversion$/],
    [
      'liar:1',
      /^pods "p" is forbidden: json: cannot unmarshal string into Go struct field ImageReviewStatus\.status\.allowed of type bool$/,
    ],
  ])('without an answer (%s) the default decides', async (image, why) => {
    const answer = await create('p', image);
    if (defaultAllow) {
      expect(answer.status).toBe(201);
      expect(annotations('p')).toMatchObject({ [`${prefix}/failed-open`]: 'true' });
      await ask('DELETE /api/v1/namespaces/default/pods/p?gracePeriodSeconds=0', undefined);
    } else {
      expect(answer.status).toBe(403);
      expect(message(answer)).toMatch(why);
    }
  });
});
