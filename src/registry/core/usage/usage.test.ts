// What objects use, and which names of quotas count them. What admission says of it is compared with a real server in test/parity.
import type { KubeObject } from '../../../apimachinery/object.js';
import { countedBy, evaluatorFor, writeAmounts } from './index.js';

const at = Date.parse('2026-01-01T00:01:00Z');
const used = (resource: string, object: unknown): unknown =>
  writeAmounts(evaluatorFor({ group: '', resource }).usage(object as KubeObject, at));
const pod = (spec: object, status: object = {}, metadata: object = {}): unknown => ({ metadata: { name: 'p', ...metadata }, spec, status });
const container = (cpu: string) => ({ name: cpu, resources: { requests: { cpu }, limits: { cpu } } });

test('a pod uses what runs at one time, with its overhead', () => {
  const spec = {
    initContainers: [container('3'), { ...container('1'), restartPolicy: 'Always' }],
    containers: [container('1'), container('500m')],
    overhead: { cpu: '100m', memory: '1Mi' },
  };
  expect(used('pods', pod(spec))).toMatchObject({ pods: '1', cpu: '3100m', 'requests.cpu': '3100m', 'limits.cpu': '3100m', memory: '1Mi' });
  expect(used('pods', pod(spec))).not.toHaveProperty('limits.memory');
});

test('extended resources count by their request, huge pages by both names', () => {
  const resources = { requests: { 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' }, limits: { 'example.com/gpu': '2' } };
  const usage = used('pods', pod({ containers: [{ name: 'a', resources }] }));
  expect(usage).toEqual({
    'count/pods': '1',
    pods: '1',
    'hugepages-2Mi': '4Mi',
    'requests.example.com/gpu': '2',
    'requests.hugepages-2Mi': '4Mi',
  });
});

test('a pod that is over only has its place in the store', () => {
  const spec = { containers: [container('1')] };
  for (const phase of ['Succeeded', 'Failed']) expect(used('pods', pod(spec, { phase }))).toEqual({ 'count/pods': '1' });
  const deleted = (seconds: number): object => ({ deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: seconds });
  expect(used('pods', pod(spec, {}, deleted(30)))).toEqual({ 'count/pods': '1' });
  expect(used('pods', pod(spec, {}, deleted(90)))).toMatchObject({ pods: '1' });
});

test('services by their type', () => {
  const ports = [{ port: 1 }, { port: 2, nodePort: 30001 }];
  const of = (spec: object): unknown => used('services', { metadata: {}, spec: { ports, ...spec } });
  expect(of({ type: 'ClusterIP' })).toMatchObject({ 'services.nodeports': '0', 'services.loadbalancers': '0' });
  expect(of({ type: 'NodePort' })).toMatchObject({ 'services.nodeports': '2', 'services.loadbalancers': '0' });
  expect(of({ type: 'LoadBalancer' })).toMatchObject({ 'services.nodeports': '2', 'services.loadbalancers': '1' });
  expect(of({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false })).toMatchObject({ 'services.nodeports': '1' });
});

test('a name says which kind it counts', () => {
  const counted: readonly (readonly [string, string | undefined])[] = [
    ['limits.memory', 'pods.'],
    ['requests.example.com/gpu', 'pods.'],
    ['services.nodeports', 'services.'],
    ['gold.storageclass.storage.k8s.io/requests.storage', 'persistentvolumeclaims.'],
    ['count/deployments.apps', 'deployments.apps'],
    ['count/widgets.example.com', 'widgets.example.com'],
    ['count/configmaps', 'configmaps.'],
    ['secrets', 'secrets.'],
    ['gpu.deviceclass.resource.k8s.io/devices', 'resourceclaims.resource.k8s.io'],
    ['nonsense', undefined],
  ];
  for (const [name, kind] of counted) {
    const found = countedBy(name);
    expect([name, found && `${found.resource}.${found.group}`]).toEqual([name, kind]);
    if (found !== undefined) expect(evaluatorFor(found).counts(name)).toBe(true);
  }
});
