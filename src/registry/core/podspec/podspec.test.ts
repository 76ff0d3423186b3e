import type { PodSpec } from '../../../../openapi/types/core.v1.js';
import type { Mutable } from '../../../apimachinery/object.js';
import { seededRandom } from '../../../clock/random.js';
import { pods } from '../pods.js';
import { addDefaultTolerations, mountServiceAccount, serviceAccountNameOf } from './admission-defaults.js';
import { defaultPullPolicy } from './defaults.js';
import { defaultRequests, qosClassOf } from './resources.js';
import { ephemeralContainerErrors } from './update.js';

const notReady = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
const unreachable = { ...notReady, key: 'node.kubernetes.io/unreachable' };

/** Tolerations given and what the reference stored. */
test.each([
  [undefined, [notReady, unreachable]],
  [[{ operator: 'Exists' }], [{ operator: 'Exists' }]],
  [[{ operator: 'Exists', effect: 'NoExecute' }], [{ operator: 'Exists', effect: 'NoExecute' }]],
  [
    [{ key: notReady.key, operator: 'Exists', effect: 'NoSchedule' }],
    [{ key: notReady.key, operator: 'Exists', effect: 'NoSchedule' }, notReady, unreachable],
  ],
  [[{ key: notReady.key, operator: 'Exists' }], [{ key: notReady.key, operator: 'Exists' }, unreachable]],
])('tolerations %j', (given, stored) => {
  const spec: Mutable = given === undefined ? {} : { tolerations: given };
  addDefaultTolerations(spec);
  expect(spec['tolerations']).toEqual(stored);
});

describe('the token of the service account', () => {
  const random = seededRandom(1);
  const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

  test('is mounted into every container that mounts nothing there', () => {
    const own = { name: 'z', mountPath: tokenPath };
    const spec: Mutable = {
      containers: [{ name: 'c', volumeMounts: [own] }, { name: 'd' }],
      initContainers: [{ name: 'i' }],
      volumes: [{ name: 'z' }],
    };
    mountServiceAccount(spec, { name: 'builder' }, random);
    const volumes = spec['volumes'] as { name: string }[];
    expect(volumes).toHaveLength(2);
    expect(volumes[1]!.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    const mount = { name: volumes[1]!.name, readOnly: true, mountPath: tokenPath };
    expect(spec).toMatchObject({
      serviceAccountName: 'builder',
      serviceAccount: 'builder',
      containers: [{ volumeMounts: [own] }, { volumeMounts: [mount] }],
      initContainers: [{ volumeMounts: [mount] }],
    });
  });

  test('is not mounted when the pod or the account says no; the pod comes first', () => {
    const mounted = (pod: boolean | undefined, account: boolean | undefined): boolean => {
      const spec: Mutable = { containers: [{ name: 'c' }], ...(pod === undefined ? {} : { automountServiceAccountToken: pod }) };
      mountServiceAccount(spec, { name: 'default', ...(account === undefined ? {} : { automountServiceAccountToken: account }) }, random);
      return spec['volumes'] !== undefined;
    };
    expect([mounted(undefined, undefined), mounted(false, undefined), mounted(undefined, false), mounted(true, false)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('brings the pull secrets of the account unless the pod has its own', () => {
    const account = { name: 'default', imagePullSecrets: [{ name: 'registry' }] };
    const spec: Mutable = { containers: [] };
    mountServiceAccount(spec, account, random);
    expect(spec['imagePullSecrets']).toEqual([{ name: 'registry' }]);
    const own: Mutable = { containers: [], imagePullSecrets: [{ name: 'mine' }] };
    mountServiceAccount(own, account, random);
    expect(own['imagePullSecrets']).toEqual([{ name: 'mine' }]);
  });

  test('is that of `default` when the pod names none', () => {
    expect(serviceAccountNameOf({})).toBe('default');
    expect(serviceAccountNameOf({ serviceAccountName: 'x' })).toBe('x');
  });
});

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1.25', 'IfNotPresent'],
  ['localhost:5000/x', 'Always'],
  ['localhost:5000/x:1', 'IfNotPresent'],
  [`x@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  [`reg.io/a/b:latest@sha256:${'a'.repeat(64)}`, 'Always'],
  ['UPPER', 'IfNotPresent'],
  ['', 'IfNotPresent'],
])('the pull policy of %j is %s', (image, policy) => {
  expect(defaultPullPolicy(image)).toBe(policy);
});

describe('quality of service', () => {
  const spec = (...resources: object[]): PodSpec => ({ containers: resources.map((one) => ({ name: 'c', resources: one })) });
  const full = { cpu: '1', memory: '1Gi' };

  test.each([
    ['no resources', spec({}), 'BestEffort'],
    ['zero counts as none', spec({ requests: { cpu: '0' } }), 'BestEffort'],
    ['equal requests and limits', spec({ requests: full, limits: { cpu: '1000m', memory: '1024Mi' } }), 'Guaranteed'],
    ['limits of one resource', spec({ requests: { cpu: '1' }, limits: { cpu: '1' } }), 'Burstable'],
    ['one container without', spec({ requests: full, limits: full }, {}), 'Burstable'],
    ['more limits than requests', spec({ requests: full, limits: { cpu: '2', memory: '1Gi' } }), 'Burstable'],
    ['other resources', spec({ requests: { 'example.com/gpu': '1' } }), 'BestEffort'],
  ])('%s', (_, pod, qos) => {
    expect(qosClassOf(pod)).toBe(qos);
  });

  test('requests of a pod are those of its containers where it names a limit alone', () => {
    const pod: Mutable = {
      resources: { limits: { cpu: '1', memory: '1Gi' } },
      containers: [{ resources: { requests: { cpu: '100m' } } }, { resources: { requests: { cpu: '200m' } } }],
    };
    defaultRequests(pod);
    expect(pod['resources']).toEqual({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '300m', memory: '1Gi' } });
  });
});

test('a pod gets time to end only while it is on a node and not over', () => {
  const grace = (spec: object, status: object, asked?: number): number =>
    pods.gracefulDeletion!.gracePeriodSeconds({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec, status } as never, asked);
  expect(grace({}, {})).toBe(0);
  expect(grace({ nodeName: 'n', terminationGracePeriodSeconds: 12 }, { phase: 'Running' })).toBe(12);
  expect(grace({ nodeName: 'n' }, { phase: 'Running' }, 5)).toBe(5);
  expect(grace({ nodeName: 'n' }, { phase: 'Succeeded' }, 5)).toBe(0);
});

test('ephemeral containers can be added, never changed or taken away', () => {
  const one = { name: 'e', image: 'x', resources: {} };
  expect(ephemeralContainerErrors([one, { ...one, name: 'f' }], [one])).toEqual([]);
  expect(ephemeralContainerErrors([], [one])[0]?.message).toContain('existing ephemeral containers "e" may not be removed');
  expect(ephemeralContainerErrors([{ ...one, image: 'y' }], [one])[0]?.message).toContain(
    'existing ephemeral containers "e" may not be changed',
  );
});
