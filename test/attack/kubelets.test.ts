// Kubelets that want more than their own: they label themselves, read, change, evict or delete what is others', make pods that read secrets, ask for
// others' tokens. What is refused was asked from a real kube-apiserver v1.36.3 with the node authorizer and NodeRestriction.
import { Victim, type Answer } from './attacker.js';

const victim = new Victim();
const rbac = '/apis/rbac.authorization.k8s.io/v1';

beforeAll(() => victim.start({ nodes: 0, components: ['apiserver'], enableAdmissionPlugins: ['NodeRestriction'] }), 60_000);

afterAll(() => victim.stop());

afterEach(() => expect(victim.bugs).toEqual([]));

const post = (path: string, body: unknown, headers = {}): Promise<Answer> =>
  victim.ask('POST', path, { body: JSON.stringify(body), headers });

test('kubelets get at nothing that is not their own', async () => {
  const core = '/api/v1/namespaces/attack';
  for (const name of ['one', 'two'])
    expect((await post('/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })).status).toBe(201);
  for (const name of ['mine', 'theirs']) expect((await post(`${core}/secrets`, { metadata: { name } })).status).toBe(201);
  const uids: Record<string, string> = {};
  for (const [name, nodeName, secretName] of [
    ['p1', 'one', 'mine'],
    ['p2', 'two', 'theirs'],
  ] as const) {
    // prettier-ignore
    const spec = { nodeName, automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', secret: { secretName } }] }; // prettier-ignore
    const made = await post(`${core}/pods`, { metadata: { name }, spec });
    uids[name] = (JSON.parse(made.text) as { metadata: { uid: string } }).metadata.uid;
  }
  const nodeUid = (JSON.parse((await victim.ask('GET', '/api/v1/nodes/one')).text) as { metadata: { uid: string } }).metadata.uid;
  const kubelet = { 'Impersonate-User': 'system:node:one', 'Impersonate-Group': 'system:nodes' };
  const mirror = (spec: object = {}, metadata: object = {}): object => ({
    metadata: {
      name: 'mirror',
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'one', uid: nodeUid, controller: true }],
      ...metadata,
    },
    spec: { nodeName: 'one', containers: [{ name: 'c', image: 'i' }], ...spec },
  });
  const token = (name: string, uid = uids[name], audiences: readonly string[] = []): object => ({
    spec: { audiences, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
  });
  const label = (key: string): object => ({ metadata: { labels: { [key]: 'x' } } });
  const volume = (source: object): object => mirror({ volumes: [{ name: 'v', ...source }] });
  const secret = { name: 'theirs' };
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const slices = '/apis/resource.k8s.io/v1/resourceslices';
  const slice = (nodeName: string): object => ({ metadata: { name: nodeName }, spec: { driver: 'd.x', nodeName, pool: { name: 'p', generation: 1, resourceSliceCount: 1 } } }); // prettier-ignore
  const merge = 'application/merge-patch+json';
  const attacks: readonly (readonly [string, string, unknown?])[] = [
    ['PATCH', '/api/v1/nodes/one', label('node-restriction.kubernetes.io/x')],
    ['PATCH', '/api/v1/nodes/one', label('a.node-restriction.kubernetes.io/x')],
    ['PATCH', '/api/v1/nodes/one/status', label('node-restriction.kubernetes.io/x')],
    ['PATCH', '/api/v1/nodes/one', label('node-role.kubernetes.io/control-plane')],
    ['PATCH', '/api/v1/nodes/one', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }],
    ['PATCH', '/api/v1/nodes/one', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'two', uid: 'u' }] } }],
    ['PATCH', '/api/v1/nodes/two/status', { status: { capacity: { cpu: '1' } } }],
    ['GET', '/api/v1/nodes/two'],
    ['GET', '/api/v1/nodes'],
    ['DELETE', '/api/v1/nodes/one'],
    ['DELETE', '/api/v1/nodes/two'],
    ['POST', '/api/v1/nodes', { metadata: { generateName: 'one' } }],
    ['GET', `${core}/secrets/theirs`],
    ['GET', `${core}/secrets`],
    ['GET', `${core}/secrets?watch=1&fieldSelector=metadata.name%3Dtheirs`],
    ['GET', '/api/v1/secrets'],
    ['GET', `${core}/pods`],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dtwo'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%21%3Done'],
    ['GET', `${core}/pods/p2`],
    ['PATCH', `${core}/pods/p1`, { spec: { activeDeadlineSeconds: 1 } }],
    ['PATCH', `${core}/pods/p1/status`, label('x')],
    ['PATCH', `${core}/pods/p2/status`, { status: { phase: 'Failed' } }],
    ['PATCH', `${core}/pods/p1/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }],
    ['POST', `${core}/pods/p1/binding`, { target: { kind: 'Node', name: 'two' }, metadata: { name: 'p1' } }],
    ['POST', `${core}/pods/p2/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p2' } }],
    ['DELETE', `${core}/pods/p2`],
    ['DELETE', `${core}/pods`],
    ['POST', `${core}/pods`, mirror({ nodeName: 'two' })],
    ['POST', `${core}/pods`, mirror({}, { annotations: {} })],
    ['POST', `${core}/pods`, mirror({}, { ownerReferences: [] })],
    ['POST', `${core}/pods`, mirror({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'one', uid: 'wrong', controller: true }] })],
    ['POST', `${core}/pods`, mirror({ serviceAccountName: 'default' })],
    ['POST', `${core}/pods`, mirror({ imagePullSecrets: [secret] })],
    ['POST', `${core}/pods`, mirror({ containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: secret }] }] })],
    ['POST', `${core}/pods`, volume({ secret: { secretName: 'theirs' } })],
    ['POST', `${core}/pods`, volume({ projected: { sources: [{ secret }] } })],
    ['POST', `${core}/pods`, volume({ csi: { driver: 'd', nodePublishSecretRef: secret } })],
    ['POST', `${core}/pods`, volume({ rbd: { monitors: ['x'], image: 'i', secretRef: secret } })],
    ['POST', `${core}/serviceaccounts/default/token`, { spec: { audiences: [] } }],
    ['POST', `${core}/serviceaccounts/default/token`, token('p2')],
    ['POST', `${core}/serviceaccounts/default/token`, token('p1', 'wrong')],
    ['POST', `${core}/serviceaccounts/default/token`, token('p1', uids['p1'], ['others'])],
    ['POST', leases, { metadata: { name: 'two' } }],
    ['POST', leases, { metadata: { generateName: 'one' } }],
    ['GET', leases],
    ['POST', '/apis/storage.k8s.io/v1/csinodes', { metadata: { name: 'two' }, spec: { drivers: [] } }],
    ['POST', slices, slice('two')],
    ['GET', slices],
    ['DELETE', `${slices}?fieldSelector=spec.nodeName%3Dtwo`],
    ['POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'x' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } }],
  ]; // prettier-ignore
  const before = await victim.revision();
  const through: unknown[] = [];
  for (const [method, path, body] of attacks) {
    const ask = { headers: kubelet, ...(body === undefined ? {} : { body: JSON.stringify(body), type: method === 'PATCH' ? merge : 'application/json' }) }; // prettier-ignore
    const { status } = await victim.ask(method, path, ask);
    if (status !== 403 && status !== 409) through.push([method, path, body, status]);
  }
  expect(through).toEqual([]);
  expect(await victim.revision()).toBe(before);
  expect((await victim.ask('GET', `${core}/secrets/mine`, { headers: kubelet })).status).toBe(200);
  // Whoever asks for one by two names is asked about the first, and there is none that has both.
  const both = await victim.ask('GET', `${core}/secrets?fieldSelector=metadata.name%3Dmine,metadata.name%3Dtheirs`, { headers: kubelet });
  expect(JSON.parse(both.text)).toMatchObject({ kind: 'SecretList', items: [] });
  expect((await post(`${core}/serviceaccounts/default/token`, token('p1'), kubelet)).status).toBe(403);
});
