// Claims, volumes and classes as kubectl shows them.
import { resources } from '../../src/index.js';
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged } from '../support/text.js';
import { untilList } from '../support/until.js';

const claim = (name: string, spec = ''): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }${spec} }
`;
const user = `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: web, image: 'nginx:1.27', volumeMounts: [{ name: data, mountPath: /data }] }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`;

describeKubectl('kubectl: storage', (kit) => {
  let kubectl: Tool;
  const withoutUid = (text: string): string => aged(text).replace(/pvc-[0-9a-f-]{36}/g, 'pvc-<uid>');

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('get storageclass: the default class', async () => {
    expect(aged(await kubectl.ok('get', 'storageclass'))).toBe(
      `NAME  PROVISIONER  RECLAIMPOLICY  VOLUMEBINDINGMODE  ALLOWVOLUMEEXPANSION  AGE
standard (default)  kubedouble.dev/hostpath  Delete  WaitForFirstConsumer  true  <age>
`,
    );
  });

  it('apply a claim and wait for it: Pending until a pod names it, then Bound', async () => {
    await kubectl.okWith(claim('data'), 'apply', '-f', '-');
    expect(aged(await kubectl.ok('get', 'pvc', 'data'))).toBe(
      `NAME  STATUS  VOLUME  CAPACITY  ACCESS MODES  STORAGECLASS  VOLUMEATTRIBUTESCLASS  AGE
data  Pending        standard  <unset>  <age>
`.replace(/ {8}/, '  '),
    );
    await kubectl.okWith(user, 'apply', '-f', '-');
    await kubectl.ok('wait', 'pvc/data', '--for=jsonpath={.status.phase}=Bound', '--timeout=20s');
    await kubectl.ok('wait', 'pod/web', '--for=condition=Ready', '--timeout=20s');
    expect(withoutUid(await kubectl.ok('get', 'pvc', 'data'))).toBe(
      `NAME  STATUS  VOLUME  CAPACITY  ACCESS MODES  STORAGECLASS  VOLUMEATTRIBUTESCLASS  AGE
data  Bound  pvc-<uid>  1Gi  RWO  standard  <unset>  <age>
`,
    );
    expect(withoutUid(await kubectl.ok('get', 'pv'))).toBe(
      `NAME  CAPACITY  ACCESS MODES  RECLAIM POLICY  STATUS  CLAIM  STORAGECLASS  VOLUMEATTRIBUTESCLASS  REASON  AGE
pvc-<uid>  1Gi  RWO  Delete  Bound  ${kubectl.namespace}/data  standard  <unset>  <age>
`,
    );
  });

  it('describe pvc: who uses it, who made it, and what happened', async () => {
    const text = aged(await kubectl.ok('describe', 'pvc', 'data'));
    expect(text).toMatch(/^Status:\s+Bound$/m);
    expect(text).toMatch(/^Used By:\s+web$/m);
    expect(text).toContain('volume.kubernetes.io/storage-provisioner: kubedouble.dev/hostpath');
    expect(text).toMatch(/Normal\s+WaitForFirstConsumer\s.*waiting for first consumer to be created before binding/);
    expect(text).toMatch(/Normal\s+ProvisioningSucceeded\s.*Successfully provisioned volume pvc-/);
  });

  it('a claim of no class says what it lacks', async () => {
    await kubectl.okWith(claim('bare', ", storageClassName: ''"), 'apply', '-f', '-');
    const { client } = kit.cluster;
    const told = (events: readonly { reason?: string }[]): boolean => events.some(({ reason }) => reason === 'FailedBinding');
    await untilList(client, resources.EVENTS, { namespace: kubectl.namespace }, told);
    expect(await kubectl.ok('events', '--for=pvc/bare')).toContain(
      'no persistent volumes available for this claim and no storage class is set',
    );
  });

  it('delete: the volume goes with the claim', async () => {
    await kubectl.ok('delete', 'pod', 'web');
    expect(await kubectl.ok('delete', 'pvc', 'data')).toBe(`persistentvolumeclaim "data" deleted from ${kubectl.namespace} namespace\n`);
    await kubectl.ok('wait', 'pv', '--all', '--for=delete', '--timeout=20s');
    expect(await kubectl.ok('get', 'pv', '-o', 'name')).toBe('');
  });
});
