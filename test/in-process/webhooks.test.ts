// Admission webhooks: programs outside that are asked about writes. The words are those of a real kube-apiserver v1.36.3, asked with the same answers.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ConfigMap } from '../../openapi/types/core.v1.js';
import type { MutatingWebhook } from '../../openapi/types/admissionregistration.v1.js';
import { ApiError } from '../../src/apimachinery/errors/api-error.js';
import { loadClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import { CONFIG_MAPS, NAMESPACES, SERVICES } from '../../src/client/resources.js';
import type { ResourceType } from '../../src/client/client.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock, startCluster, type Cluster } from '../../src/index.js';

/** Undefined: it never answers. */
type Answer = (request: Readonly<Record<string, unknown>>) => { readonly status?: number; readonly body: unknown } | undefined;

const VALIDATING: ResourceType = configurations('Validating');
const MUTATING: ResourceType = configurations('Mutating');

function configurations(type: string): ResourceType {
  const resource = `${type.toLowerCase()}webhookconfigurations`;
  return { group: 'admissionregistration.k8s.io', version: 'v1', resource, kind: `${type}WebhookConfiguration`, namespaced: false };
}

const review = (response: object): Answer => {
  return ({ uid }) => ({ body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid, ...response } } });
};
const patch = (operations: unknown): Answer =>
  review({ allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });

let cluster: Cluster;
let server: Server;
let port: number;
let caBundle: string;
let answer: Answer;
let asked: Readonly<Record<string, unknown>>[] = [];
let count = 0;

beforeAll(async () => {
  const { ca, server: leaf } = await loadClusterCertificates({
    clock: realClock(),
    random: realRandom(),
    bindAddress: '127.0.0.1',
    extraNames: ['hook.default.svc'],
  });
  caBundle = Buffer.from(ca.certificate).toString('base64');
  server = createServer({ key: leaf.key, cert: leaf.certificate }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { request } = JSON.parse(Buffer.concat(chunks).toString()) as { request: Readonly<Record<string, unknown>> };
      asked.push(request);
      const given = answer(request);
      if (given === undefined) return;
      const { status = 200, body } = given;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
  cluster = await startCluster({ components: ['apiserver'], freeze: true });
});

afterAll(async () => {
  await cluster.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

afterEach(async () => {
  for (const type of [VALIDATING, MUTATING]) await cluster.client.deleteCollection(type, {});
  asked = [];
});

/** Registers one webhook for config maps. */
async function register(type: ResourceType, more: Partial<MutatingWebhook> = {}): Promise<void> {
  const webhook = {
    name: 'w.example.com',
    clientConfig: { url: `https://127.0.0.1:${port}/hook`, caBundle },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
    ...more,
  };
  await cluster.client.create(type, { metadata: { name: `hook-${count++}` }, webhooks: [webhook] } as never);
}

async function write(more: object = {}): Promise<ConfigMap> {
  return cluster.client.create(CONFIG_MAPS, { metadata: { name: `c-${count++}`, namespace: 'default', ...more }, data: { a: 'b' } });
}

const failed = (why: string): string => `Internal error occurred: failed calling webhook "w.example.com": ${why}`;

describe('what a webhook answers', () => {
  const refusals: readonly (readonly [title: string, answer: Answer, code: number, message: string])[] = [
    [
      'a refusal',
      review({ allowed: false, status: { message: 'no way' } }),
      400,
      'admission webhook "w.example.com" denied the request: no way',
    ],
    [
      'a refusal without a word',
      review({ allowed: false }),
      400,
      'admission webhook "w.example.com" denied the request without explanation',
    ],
    [
      'a refusal with a code',
      review({ allowed: false, status: { code: 418, reason: 'Teapot' } }),
      418,
      'admission webhook "w.example.com" denied the request: Teapot',
    ],
    ['a patch', patch([]), 500, failed('received invalid webhook response: validating webhook may not return response.patch')],
    ['another uid', review({ allowed: true, uid: 'x' }), 500, ''],
    [
      'no response',
      () => ({ body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' } }),
      500,
      failed('received invalid webhook response: webhook response was absent'),
    ],
    [
      'an old review',
      ({ uid }) => ({ body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1beta1', response: { uid, allowed: true } } }),
      500,
      failed('failed to call webhook: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion'),
    ],
    [
      'something else',
      () => ({ body: { kind: 'Pod', apiVersion: 'v1' } }),
      500,
      failed('failed to call webhook: no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
    ],
    [
      'nothing',
      () => ({ body: '' }),
      500,
      failed('failed to call webhook: 0-length response with status code: 200 and content type: application/json'),
    ],
    [
      'an error',
      () => ({ status: 500, body: 'boom' }),
      500,
      failed('failed to call webhook: an error on the server ("unknown") has prevented the request from succeeding'),
    ],
    ['404', () => ({ status: 404, body: '' }), 500, failed('failed to call webhook: the server could not find the requested resource')],
  ];

  it.each(refusals)('%s', async (title, given, code, message) => {
    answer = given;
    await register(VALIDATING);
    const error = await write().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    const wanted =
      title === 'another uid'
        ? failed(`received invalid webhook response: expected response.uid="${String(asked[0]!['uid'])}", got "x"`)
        : message;
    expect([(error as ApiError).code, (error as ApiError).message]).toEqual([code, wanted]);
  });

  const patches: readonly (readonly [title: string, operations: unknown, message: string])[] = [
    [
      'a missing place',
      [{ op: 'remove', path: '/nope' }],
      "Internal error occurred: error in remove for path: '/nope': Unable to remove nonexistent key: nope: missing value",
    ],
    ['a failed test', [{ op: 'test', path: '/data/a', value: 'z' }], 'Internal error occurred: testing value /data/a failed: test failed'],
    ['an unknown operation', [{ op: 'frob', path: '/data/a' }], 'Internal error occurred: Unexpected kind: frob'],
    [
      'no list',
      { op: 'add' },
      failed('received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch'),
    ],
    [
      'another type',
      [{ op: 'add', path: '/data', value: 'u' }],
      'Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string',
    ],
    [
      'another namespace',
      [{ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }],
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'a resourceVersion',
      [{ op: 'add', path: '/metadata/resourceVersion', value: '7' }],
      'resourceVersion should not be set on objects to be created',
    ],
  ];

  it.each(patches)('a patch with %s', async (_title, operations, message) => {
    answer = patch(operations);
    await register(MUTATING);
    await expect(write()).rejects.toThrow(message);
  });

  it('a patch changes the object, but not what the server keeps to itself', async () => {
    answer = patch([
      { op: 'add', path: '/data/patched', value: 'yes' },
      { op: 'add', path: '/metadata/labels', value: { l: 'v' } },
      { op: 'add', path: '/metadata/uid', value: 'u' },
      { op: 'add', path: '/metadata/creationTimestamp', value: '2020-01-01T00:00:00Z' },
      { op: 'add', path: '/nonsense', value: 1 },
    ]);
    await register(MUTATING);
    const { data, metadata } = await write();
    expect(data).toEqual({ a: 'b', patched: 'yes' });
    expect(metadata.labels).toEqual({ l: 'v' });
    expect(metadata.uid).toHaveLength(36);
    expect(metadata.creationTimestamp).not.toContain('2020-01-01');
    // What was sent is the client's; what the webhook added is nobody's.
    expect(metadata.managedFields?.[0]?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {} } });
  });
});

describe('who is asked', () => {
  it('those that the rules, selectors and conditions name', async () => {
    answer = review({ allowed: false, status: { message: 'no' } });
    await register(VALIDATING, {
      objectSelector: { matchLabels: { x: 'y' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
      matchConditions: [{ name: 'n', expression: "object.data.a == 'b' && request.userInfo.username != ''" }],
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'], scope: 'Namespaced' }],
    });
    const created = await write();
    await expect(write({ labels: { x: 'y' } })).rejects.toThrow('denied the request: no');
    // Another operation, another namespace, another resource.
    await cluster.client.patch(CONFIG_MAPS, { namespace: 'default', name: created.metadata.name }, 'merge', {
      metadata: { labels: { x: 'y' } },
    });
    await cluster.client.create(CONFIG_MAPS, {
      metadata: { name: 'other', namespace: 'kube-system', labels: { x: 'y' } },
      data: { a: 'b' },
    });
    await cluster.client.create(NAMESPACES, { metadata: { name: 'asked', labels: { x: 'y' } } });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'kubernetes-admin' },
      object: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    });
  });

  it('a condition that cannot be told refuses, or is passed over', async () => {
    answer = review({ allowed: true });
    const matchConditions = [{ name: 'n', expression: "object.nothing.x == 'y'" }];
    await register(VALIDATING, { matchConditions, failurePolicy: 'Ignore' });
    await write();
    await register(VALIDATING, { matchConditions });
    await expect(write()).rejects.toThrow(/is forbidden: expression 'object.nothing.x == 'y'' resulted in error: no such key: nothing/);
    expect(asked).toHaveLength(0);
  });

  it('a webhook is asked again when one after it changed the object', async () => {
    let times = 0;
    answer = () => patch([{ op: 'add', path: `/data/n${times++}`, value: 'x' }])(asked.at(-1)!);
    await register(MUTATING, { name: 'a.example.com', reinvocationPolicy: 'IfNeeded' });
    await register(MUTATING, { name: 'b.example.com' });
    expect((await write()).data).toEqual({ a: 'b', n0: 'x', n1: 'x', n2: 'x' });
  });

  it('nobody about the webhooks themselves', async () => {
    answer = review({ allowed: false });
    await register(VALIDATING, { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }] });
    await expect(write()).rejects.toThrow('denied the request without explanation');
    // Else it could never be removed.
    await cluster.client.deleteCollection(VALIDATING, {});
    await write();
  });
});

describe('a webhook that cannot be reached', () => {
  it('counts as a refusal, or not at all', async () => {
    await register(VALIDATING, { clientConfig: { url: 'https://127.0.0.1:1/x' } });
    await expect(write()).rejects.toThrow(
      failed('failed to call webhook: Post "https://127.0.0.1:1/x?timeout=5s": dial tcp 127.0.0.1:1: connect: connection refused'),
    );
    await cluster.client.deleteCollection(VALIDATING, {});
    await register(VALIDATING, { clientConfig: { url: 'https://127.0.0.1:1/x' }, failurePolicy: 'Ignore' });
    await write();
  });

  it('has a certificate of an authority that nobody trusts', async () => {
    await register(VALIDATING, { clientConfig: { url: `https://127.0.0.1:${port}/x` } });
    await expect(write()).rejects.toThrow('tls: failed to verify certificate: x509: certificate signed by unknown authority');
  });

  it('takes too long', async () => {
    answer = () => undefined;
    await register(VALIDATING, { timeoutSeconds: 1 });
    await expect(write()).rejects.toThrow(
      failed(`failed to call webhook: Post "https://127.0.0.1:${port}/hook?timeout=1s": context deadline exceeded`),
    );
  });

  it('is behind a service that leads to this machine', async () => {
    const service = { name: 'hook', namespace: 'default' };
    const url = `https://hook.default.svc:${port}/x?timeout=5s`;
    await register(VALIDATING, { clientConfig: { service: { ...service, port, path: '/x' }, caBundle } });
    const why = (text: string): string => failed(`failed to call webhook: Post "${url}": ${text}`);
    await expect(write()).rejects.toThrow(why('service "hook" not found'));
    const created = await cluster.client.create(SERVICES, { metadata: service, spec: { ports: [{ port }] } });
    await expect(write()).rejects.toThrow(why('no endpoints available for service "hook"'));
    await cluster.client.delete(SERVICES, created.metadata);
    await cluster.client.create(SERVICES, { metadata: service, spec: { type: 'ExternalName', externalName: 'localhost' } });
    answer = review({ allowed: false, status: { message: 'reached' } });
    await expect(write()).rejects.toThrow('admission webhook "w.example.com" denied the request: reached');
  });
});
