import { readFileSync } from 'node:fs';
import type { ClusterRole } from '../../../openapi/types/rbac.v1.js';
import { createAuthorizer } from '../authorization/authorizer.js';
import { createNodeGraph } from '../authorization/node/graph.js';
import { createNodeAuthorizer } from '../authorization/node/node-authorizer.js';
import { createRbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { createRbacIndex } from '../authorization/rbac-index.js';
import { anonymousUser, componentUser, nodeUser } from '../authentication/groups.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { controlPlaneDrafts, nodeRules, type BootstrapDraft, type ControlPlaneFacts } from './control-plane.js';

const facts = JSON.parse(readFileSync('openapi/fresh-control-plane.json', 'utf8')) as ControlPlaneFacts;
const options = {
  facts,
  address: '192.0.2.2',
  port: 6443,
  ca: '-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n',
  hostname: 'vm',
  now: Date.parse('2026-11-21T11:50:29.123Z'),
  uid: 'd0e425b1-1961-4d86-bde2-817d804824d9',
};
const drafts = controlPlaneDrafts(options);
const find = (resource: string, name: string, from: readonly BootstrapDraft[] = drafts): BootstrapDraft['draft'] | undefined =>
  from.find((one) => one.resource === resource && one.draft.metadata?.name === name)?.draft;

it('has all that a fresh control plane holds, once each, in an order that can be created', () => {
  const recorded = Object.entries(facts).flatMap(([path, list]) => (/\/(componentstatuses|ipaddresses)$/.test(path) ? [] : list));
  // Addresses come with their services. The binding of kubeadm, Endpoints and EndpointSlice come on top.
  expect(drafts).toHaveLength(recorded.length + 3);
  const keys = drafts.map(({ group, resource, draft }) => [group, resource, draft.metadata?.namespace, draft.metadata?.name].join('/'));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { group, version, draft } of drafts) {
    expect(draft.apiVersion).toBe(group === '' ? version : `${group}/${version}`);
    expect(draft.kind).toMatch(/^[A-Z]/);
  }
  const namespaces = new Set<string | undefined>([undefined]);
  for (const { resource, draft } of drafts) {
    expect(namespaces).toContain(draft.metadata?.namespace);
    if (resource === 'namespaces') namespaces.add(draft.metadata?.name);
  }
});

it('says where this server is', () => {
  expect(find('services', 'kubernetes')).toMatchObject({
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  expect(find('endpoints', 'kubernetes')).toEqual({
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: '192.0.2.2' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  });
  expect(find('endpointslices', 'kubernetes')).toEqual({
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.2'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  });
  expect(find('leases', drafts.find(({ resource }) => resource === 'leases')!.draft.metadata!.name!)).toMatchObject({
    metadata: {
      name: expect.stringMatching(/^apiserver-[a-z2-7]{26}$/),
      annotations: { 'kubernetes.io/peer-advertise-address': '192.0.2.2:6443' },
      labels: { 'kubernetes.io/hostname': 'vm' },
    },
    spec: { leaseDurationSeconds: 3600, renewTime: '2026-11-21T11:50:29.123000Z' },
  });
  const text = JSON.stringify(drafts);
  expect(text).not.toContain('35443');
  expect(text).not.toContain('2026-11-21T06:13');
  expect(find('configmaps', 'extension-apiserver-authentication')).toMatchObject({ data: { 'client-ca-file': options.ca } });
});

it('has no endpoints on loopback, as a real server', () => {
  const local = controlPlaneDrafts({ ...options, address: '127.0.0.1' });
  expect(find('endpoints', 'kubernetes', local)).toBeUndefined();
  expect(find('endpointslices', 'kubernetes', local)).toBeUndefined();
  expect(find('services', 'kubernetes', local)).toBeDefined();
});

it('leaves the rules of view, edit and admin to the controller that gathers them', () => {
  const rules = (name: string): ClusterRole['rules'] => (find('clusterroles', name) as unknown as ClusterRole).rules;
  expect([rules('view') ?? null, rules('edit') ?? null, rules('admin') ?? null]).toEqual([null, null, null]);
  expect(rules('system:aggregate-to-view')).not.toHaveLength(0);
});

it('leaves the facts as they are', () => {
  expect(facts).toEqual(JSON.parse(readFileSync('openapi/fresh-control-plane.json', 'utf8')));
});

it('lets the right users do the right things', () => {
  const index = createRbacIndex();
  for (const { draft } of drafts) index.put(draft as unknown as KubeObject);
  const authorizer = createAuthorizer([createNodeAuthorizer(nodeRules(facts), createNodeGraph()), createRbacAuthorizer(index)]);
  const path = (user: typeof anonymousUser, url: string): boolean => authorizer.authorize({ user, verb: 'get', path: url }).allowed;
  const resource = (user: typeof anonymousUser, verb: string, name: string, group = '', namespace = ''): boolean =>
    authorizer.authorize({ user, verb, group, version: 'v1', resource: name, subresource: '', namespace, name: '' }).allowed;
  const admin = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] };
  for (const url of ['/version', '/version/', '/healthz', '/livez', '/readyz']) expect(path(anonymousUser, url)).toBe(true);
  for (const url of ['/api', '/apis', '/openapi/v2', '/livez/ping', '/', '/metrics']) expect(path(anonymousUser, url)).toBe(false);
  for (const url of ['/api', '/apis/apps/v1', '/openapi/v3']) expect(path(componentUser('jane'), url)).toBe(true);
  expect(resource(anonymousUser, 'list', 'pods')).toBe(false);
  expect(resource(admin, 'delete', 'nodes')).toBe(true);
  expect(path(admin, '/metrics')).toBe(true);
  expect(resource(componentUser('system:kube-scheduler'), 'list', 'pods')).toBe(true);
  expect(resource(componentUser('system:kube-scheduler'), 'delete', 'namespaces')).toBe(false);
  expect(resource(componentUser('system:kube-controller-manager'), 'watch', 'deployments', 'apps')).toBe(true);
  expect(resource(nodeUser('node-0'), 'create', 'leases', 'coordination.k8s.io', 'kube-node-lease')).toBe(true);
  expect(resource(nodeUser('node-0'), 'create', 'deployments', 'apps', 'default')).toBe(false);
  expect(resource(componentUser('jane'), 'create', 'selfsubjectreviews', 'authentication.k8s.io')).toBe(true);
});
