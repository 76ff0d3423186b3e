// Ways around the admission plugins that are off by default, and webhooks that change what cannot be changed. What gets by here gets by a real
// kube-apiserver v1.36.3 too (pods' subresources, templates), and no more does.
//
// - AlwaysPullImages: ephemeral containers, image volumes, a new image by patch and apply, names that are generated
// - PodNodeSelector, PodTolerationRestriction, LimitPodHardAntiAffinityTopology, ExtendedResourceToleration: updates, patches, annotations that are
//   none, are nested without end or are names of JavaScript
// - DenyServiceExternalIPs: patch, apply, status, a create by PUT
// - OwnerReferencesPermissionEnforcement: patches that remove, subresources, apply, owners of kinds that are not there
// - NamespaceAutoProvision: names that are none, dry runs, reviews, subresources
// - EventRateLimit: patches, deletions, the other group of events
// - Configurations of plugins that are huge, nested, of wrong types: src/apiserver/admission/control/control.test.ts
// - Mutating webhooks that patch a deletion, or whose patch is no base64
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';
import { Victim, type Answer } from './attacker.js';
import { configuration, startLyingWebhook, type LyingWebhook } from './lying-webhook.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-plugins-'));
const victim = new Victim();
const core = '/api/v1/namespaces/attack';
const plugins = ['AlwaysPullImages', 'PodNodeSelector', 'LimitPodHardAntiAffinityTopology', 'DenyServiceExternalIPs', 'ExtendedResourceToleration', 'PodTolerationRestriction', 'OwnerReferencesPermissionEnforcement', 'NamespaceExists', 'NamespaceAutoProvision', 'EventRateLimit']; // prettier-ignore
let webhook: LyingWebhook;

beforeAll(async () => {
  const limits = '[{type: Namespace, qps: 1, burst: 3, cacheSize: 2}]';
  writeFileSync(
    join(folder, 'admission.yaml'),
    `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  configuration: {apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: ${limits}}
`,
  );
  webhook = await startLyingWebhook({ clock: realClock(), random: realRandom() });
  await victim.start({
    nodes: 0,
    components: ['apiserver'],
    enableAdmissionPlugins: plugins,
    admissionControlConfigFile: join(folder, 'admission.yaml'),
  });
}, 60_000);

afterAll(async () => {
  webhook.close();
  await victim.stop();
  rmSync(folder, { recursive: true });
});

afterEach(() => expect(victim.bugs).toEqual([]));

type Fields = Readonly<Record<string, unknown>>;
const types = { merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json', json: 'application/json-patch+json', apply: 'application/apply-patch+yaml' } as const; // prettier-ignore

const post = (path: string, body: unknown, headers = {}): Promise<Answer> =>
  victim.ask('POST', path, { body: JSON.stringify(body), headers });
const patch = (path: string, type: keyof typeof types, body: unknown, headers = {}): Promise<Answer> =>
  victim.ask('PATCH', type === 'apply' ? `${path}?fieldManager=attack&force=true` : path, { body: JSON.stringify(body), type: types[type], headers }); // prettier-ignore
const read = ({ text }: Answer): Fields & { readonly spec: Record<string, never>; readonly message?: string } => JSON.parse(text) as never;

const pod = (name: string, spec: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'a', imagePullPolicy: 'Never' }], ...spec },
});
const gated = { schedulingGates: [{ name: 'attack' }] };

async function annotate(annotations: Fields): Promise<void> {
  expect((await patch('/api/v1/namespaces/attack', 'merge', { metadata: { annotations } })).status).toBe(200);
}

test('AlwaysPullImages', async () => {
  const policies = async (answer: Promise<Answer>): Promise<unknown> => {
    const { spec } = read(await answer) as { spec?: Record<string, readonly { imagePullPolicy?: string; image?: unknown }[]> };
    return ['containers', 'ephemeralContainers', 'volumes'].flatMap((list) =>
      (spec?.[list] ?? []).flatMap((one) => (list === 'volumes' ? (one.image ?? []) : one.imagePullPolicy)),
    );
  };
  expect(await policies(post(`${core}/pods`, pod('pull')))).toEqual(['Always']);
  expect(await policies(post(`${core}/pods`, { ...pod(''), metadata: { generateName: 'pull-' } }))).toEqual(['Always']);
  expect(await policies(patch(`${core}/pods/applied`, 'apply', pod('applied')))).toEqual(['Always']);
  const volumes = [{ name: 'v', image: { reference: 'x', pullPolicy: 'Never' } }];
  expect(await policies(post(`${core}/pods`, pod('volumes', { volumes })))).toEqual(['Always', { reference: 'x', pullPolicy: 'Always' }]);
  const images = { spec: { containers: [{ name: 'c', image: 'b', imagePullPolicy: 'Never' }] } };
  expect(await policies(patch(`${core}/pods/pull`, 'strategic', images))).toEqual(['Always']);
  // As with the real server: the plugin does not look at subresources, nor at templates.
  const ephemeral = { spec: { ephemeralContainers: [{ name: 'e', image: 'b', imagePullPolicy: 'Never' }] } };
  expect(await policies(patch(`${core}/pods/pull/ephemeralcontainers`, 'strategic', ephemeral))).toEqual(['Always', 'Never']);
  expect(await policies(patch(`${core}/pods/pull/status`, 'strategic', images))).toEqual(['Always', 'Never']);
});

test('LimitPodHardAntiAffinityTopology and PodNodeSelector', async () => {
  const apart = (topologyKey: string): Fields => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey }] } },
  });
  expect((await post(`${core}/pods`, pod('near', apart('kubernetes.io/hostname')))).status).toBe(201);
  expect((await post(`${core}/pods`, pod('far', apart('topology.kubernetes.io/zone')))).status).toBe(403);
  expect((await patch(`${core}/pods/far`, 'apply', pod('far', apart('kubernetes.io/Hostname')))).status).toBe(403);

  await annotate({ 'scheduler.alpha.kubernetes.io/node-selector': 'env=prod' });
  const selector = async (answer: Promise<Answer>): Promise<unknown> => {
    const { spec, message } = read(await answer);
    return message ?? spec['nodeSelector'];
  };
  expect(await selector(post(`${core}/pods`, pod('selected', gated)))).toEqual({ env: 'prod' });
  expect(await selector(post(`${core}/pods`, pod('bound', { nodeName: 'x' })))).toEqual({ env: 'prod' });
  expect(await selector(post(`${core}/pods`, pod('dev', { nodeSelector: { env: 'dev' } })))).toContain('conflicts with its namespace');
  expect(await selector(patch(`${core}/pods/selected`, 'merge', { spec: { nodeSelector: { env: null } } }))).toContain('only additions');
  expect(await selector(patch(`${core}/pods/selected`, 'merge', { spec: { nodeSelector: { env: 'dev' } } }))).toContain('only additions');
  await annotate({ 'scheduler.alpha.kubernetes.io/node-selector': 'constructor=x,toString=y' });
  expect(await selector(post(`${core}/pods`, pod('names')))).toEqual({ constructor: 'x', toString: 'y' });
  await annotate({ 'scheduler.alpha.kubernetes.io/node-selector': 'a=b,,__proto__=x' });
  expect(await selector(post(`${core}/pods`, pod('broken')))).toBe('invalid selector: []');
  await annotate({ 'scheduler.alpha.kubernetes.io/node-selector': null });
});

test('PodTolerationRestriction and ExtendedResourceToleration', async () => {
  const whitelist = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
  const own = ['not-ready', 'unreachable'].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect: 'NoExecute' }));
  await annotate({ [whitelist]: JSON.stringify([{ key: 'ok', operator: 'Exists' }, ...own]) });
  const refused = 'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist';
  const everything = { tolerations: [{ operator: 'Exists' }] };
  expect(read(await post(`${core}/pods`, pod('all', everything))).message).toBe(refused);
  expect((await post(`${core}/pods`, pod('some', { tolerations: [{ key: 'ok', operator: 'Exists' }] }))).status).toBe(201);
  for (const type of ['merge', 'strategic', 'apply'] as const)
    expect(read(await patch(`${core}/pods/some`, type, type === 'apply' ? pod('some', everything) : { spec: everything })).message).toBe(refused); // prettier-ignore
  const through = read(await patch(`${core}/pods/some/status`, 'merge', { spec: everything })).spec['tolerations'];
  expect(through).not.toContainEqual({ operator: 'Exists' });
  for (const [text, said] of [
    ['{"a":1}', /^json: cannot unmarshal object/],
    ['['.repeat(5000), /\S/],
    ['[{"tolerationSeconds":"1"}]', /^json: cannot unmarshal string/],
  ] as const) {
    await annotate({ [whitelist]: text });
    const answer = await post(`${core}/pods`, pod('odd'));
    expect([text.slice(0, 30), answer.status]).toEqual([text.slice(0, 30), 500]);
    expect(read(answer).message).toMatch(said);
  }
  await annotate({ [whitelist]: null });
  const resources = { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } };
  const asking = pod('gpu', { initContainers: [{ name: 'i', image: 'a', resources }], tolerations: [] });
  expect(read(await post(`${core}/pods`, asking)).spec['tolerations']).toContainEqual({ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }); // prettier-ignore
});

test('DenyServiceExternalIPs', async () => {
  const service = (name: string, externalIPs?: readonly string[]): Fields => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...(externalIPs === undefined ? {} : { externalIPs }) },
  });
  const why = 'Use of external IPs is denied by admission control';
  const outside = service('s', ['1.2.3.4']);
  expect(read(await post(`${core}/services`, outside)).message).toContain(why);
  expect((await post(`${core}/services`, service('s'))).status).toBe(201);
  expect(read(await patch(`${core}/services/s`, 'merge', { spec: { externalIPs: ['1.2.3.4'] } })).message).toContain(why);
  expect(
    read(await patch(`${core}/services/s`, 'json', [{ op: 'add', path: '/spec/externalIPs', value: ['2001:db8::1'] }])).message,
  ).toContain(why);
  expect(read(await patch(`${core}/services/s`, 'apply', outside)).message).toContain(why);
  expect(read(await victim.ask('PUT', `${core}/services/t`, { body: JSON.stringify(service('t', ['1.2.3.4'])) })).message).toContain(why);
  expect(
    read(await patch(`${core}/services/s/status`, 'merge', { spec: { externalIPs: ['1.2.3.4'] } })).spec['externalIPs'],
  ).toBeUndefined();
});

test('OwnerReferencesPermissionEnforcement', async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/attack';
  const rules = [
    { apiGroups: [''], resources: ['configmaps', 'services/status', 'pods/status'], verbs: ['get', 'create', 'update', 'patch'] },
  ];
  expect((await post(`${rbac}/roles`, { metadata: { name: 'bob' }, rules })).status).toBe(201);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bob' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'bob' }];
  expect((await post(`${rbac}/rolebindings`, { metadata: { name: 'bob' }, roleRef, subjects })).status).toBe(201);
  const bob = { 'Impersonate-User': 'bob' };
  const owned = (kind: string, blockOwnerDeletion?: boolean, apiVersion = 'v1'): Fields => ({
    ownerReferences: [{ apiVersion, kind, name: 'o', uid: 'u', ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }) }],
  });
  const map = (name: string, metadata: Fields): Fields => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata } });
  const finalizers = /cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on/;
  for (const kind of ['Pod', 'Node'])
    expect(read(await post(`${core}/configmaps`, map('blocking', owned(kind, true)), bob)).message).toMatch(finalizers);
  expect(read(await post(`${core}/configmaps`, map('blocking', owned('Nope', true, 'example.com/v1')), bob)).message).toContain('cannot find RESTMapping'); // prettier-ignore
  expect(read(await patch(`${core}/configmaps/applied`, 'apply', map('applied', owned('Node', true)), bob)).message).toMatch(finalizers);
  expect((await post(`${core}/configmaps`, map('owned', owned('Pod')), bob)).status).toBe(201);
  const cannotDelete = "cannot set an ownerRef on a resource you can't delete";
  for (const [path, type, body] of [
    ['configmaps/owned', 'merge', { metadata: { ownerReferences: [] } }],
    ['configmaps/owned', 'json', [{ op: 'remove', path: '/metadata/ownerReferences' }]],
    ['configmaps/owned', 'merge', { metadata: owned('Pod', true) }],
    ['services/s/status', 'merge', { metadata: owned('Pod', true) }],
  ] as const)
    expect(read(await patch(`${core}/${path}`, type, body, bob)).message).toContain(cannotDelete);
});

test('NamespaceAutoProvision and NamespaceExists', async () => {
  const there = async (name: string): Promise<boolean> => (await victim.ask('GET', `/api/v1/namespaces/${name}`)).status === 200;
  const map = { metadata: { name: 'x' } };
  expect((await post('/api/v1/namespaces/auto/configmaps', map)).status).toBe(201);
  expect((await post('/api/v1/namespaces/dry/configmaps?dryRun=All', map)).status).toBe(404);
  expect(read(await post('/api/v1/namespaces/A_B/configmaps', map)).message).toMatch(
    /^configmaps "x" is forbidden: Namespace "A_B" is invalid/,
  );
  expect((await post('/api/v1/namespaces/..%2fx/configmaps', map)).status).toBeGreaterThanOrEqual(400);
  expect((await victim.ask('PUT', '/api/v1/namespaces/put/configmaps/x', { body: JSON.stringify(map) })).status).toBe(404);
  expect((await victim.ask('POST', '/api/v1/namespaces/exec/pods/x/exec?command=a')).status).toBe(404);
  expect(await Promise.all(['auto', 'dry', 'put', 'exec', 'x'].map(there))).toEqual([true, false, false, false, false]);
});

test('EventRateLimit', async () => {
  const event = (name: string): Fields => ({
    metadata: { name },
    involvedObject: { namespace: 'attack', name: 'x', kind: 'Pod' },
    reason: 'r',
    message: 'm',
  });
  const codes: number[] = [];
  for (let index = 0; index < 20; index++) codes.push((await post(`${core}/events`, event(`e${index}`))).status);
  expect(codes.slice(0, 3)).toEqual([201, 201, 201]);
  expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(10);
  const patches = await Promise.all(
    Array.from({ length: 20 }, (_, index) => patch(`${core}/events/e0`, 'merge', { message: `z${index}` })),
  );
  expect(patches.map(({ status }) => status)).toContain(429);
  expect((await victim.ask('DELETE', `${core}/events/e0`)).status).toBe(200);
});

test.each([
  [
    'changes what is deleted',
    'data of another type',
    /^Internal error occurred: admission webhook "liar.example.com" attempted to modify the object, which is not supported for this operation$/,
  ],
  ['takes all of it away', 'the whole object taken away', /attempted to modify the object, which is not supported for this operation$/],
  [
    'is no base64',
    'a patch that is no base64',
    /failed calling webhook "liar.example.com": failed to call webhook: illegal base64 data at input byte 0$/,
  ],
  ['is an error', 'an error in words', /failed calling webhook "liar.example.com"/],
] as const)('a mutating webhook whose patch of a deletion %s', async (_what, lie, message) => {
  // prettier-ignore
  const made = configuration(webhook, 'deletions', 'attack', lie) as { readonly webhooks: readonly { readonly rules: readonly object[] }[] };
  const webhooks = made.webhooks.map((one) => ({
    ...one,
    objectSelector: {},
    rules: one.rules.map((rule) => ({ ...rule, operations: ['DELETE'] })),
  }));
  const hooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const labels = { attack: 'deletions' };
  expect((await post(`${core}/configmaps`, { metadata: { name: 'deleted', labels } })).status).toBe(201);
  expect((await post(hooks, { ...made, webhooks })).status).toBe(201);
  const one = await victim.ask('DELETE', `${core}/configmaps/deleted`);
  const all = await victim.ask('DELETE', `${core}/configmaps?labelSelector=attack=deletions`);
  expect((await victim.ask('DELETE', `${hooks}/deletions`)).status).toBe(200);
  for (const answer of [one, all]) {
    expect(answer.status).toBe(500);
    expect(read(answer).message).toMatch(message);
  }
  expect((await victim.ask('DELETE', `${core}/configmaps/deleted`)).status).toBe(200);
});
