import type { KubeObject } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { createAuthorizer, type Attributes, type SyncAuthorizer } from './authorizer.js';
import { forbiddenError } from './forbidden.js';
import { createNodeGraph } from './node/graph.js';
import { createNodeAuthorizer } from './node/node-authorizer.js';
import { createRbacAuthorizer } from './rbac-authorizer.js';
import { createRbacIndex, type RbacIndex } from './rbac-index.js';
import { anonymousUser, nodeUser, serviceAccountUser } from '../authentication/groups.js';

const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups });
const jane = user('jane');

function ask(who: UserInfo, text: string, more: Partial<Record<'group' | 'namespace' | 'name', string>> = {}): Attributes {
  const [verb = '', what = ''] = text.split(' ');
  if (what.startsWith('/')) return { user: who, verb, path: what };
  const [resource = '', subresource = ''] = what.split('/');
  return { user: who, verb, group: '', version: 'v1', resource, subresource, namespace: '', name: '', ...more };
}

const role = (name: string, rules: object[], namespace?: string): KubeObject =>
  ({ kind: namespace === undefined ? 'ClusterRole' : 'Role', metadata: { name, namespace }, rules }) as never;
const binding = (name: string, roleRef: string, subjects: string[], namespace?: string): KubeObject => {
  const [kind, roleName] = roleRef.split('/');
  return {
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { kind, name: roleName },
    subjects: subjects.map((subject) => {
      const [subjectKind, subjectName, subjectNamespace] = subject.split('/');
      return { kind: subjectKind, name: subjectName, ...(subjectNamespace === undefined ? {} : { namespace: subjectNamespace }) };
    }),
  } as never;
};

let index: RbacIndex;
let authorizer: SyncAuthorizer;
beforeEach(() => {
  index = createRbacIndex();
  authorizer = createAuthorizer([createRbacAuthorizer(index)]);
});
const may = (...args: Parameters<typeof ask>): boolean => authorizer.authorize(ask(...args)).allowed;

describe('a rule', () => {
  const table: readonly [rule: object, yes: string[], no: string[]][] = [
    [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      ['get pods', 'list pods'],
      ['watch pods', 'get pods/log', 'get secrets', 'get /pods'],
    ],
    [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, ['get pods', 'delete pods/status', 'magic x'], ['get /version']],
    [{ apiGroups: ['apps'], resources: ['pods'], verbs: ['get'] }, [], ['get pods']],
    [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }, ['get pods/log'], ['get pods', 'get pods/exec']],
    [{ apiGroups: [''], resources: ['*/scale'], verbs: ['get'] }, ['get pods/scale', 'get x/scale'], ['get pods', 'get scale']],
    [{ apiGroups: [''], resources: ['pods/*'], verbs: ['get'] }, [], ['get pods', 'get pods/log']],
    [
      { nonResourceURLs: ['/healthz', '/api/*'], verbs: ['get'] },
      ['get /healthz', 'get /api/v1', 'get /api/'],
      ['get /api', 'get /healthz/x', 'post /healthz', 'get pods'],
    ],
    [{ nonResourceURLs: ['*'], verbs: ['*'] }, ['get /', 'put /x/y'], ['get pods']],
    [{ verbs: ['get'] }, [], ['get pods', 'get /']],
  ];
  it.each(table)('%j', (rule, yes, no) => {
    index.put(role('r', [rule]));
    index.put(binding('b', 'ClusterRole/r', ['User/jane']));
    expect(yes.filter((text) => !may(jane, text))).toEqual([]);
    expect(no.filter((text) => may(jane, text))).toEqual([]);
  });

  it('with names allows only those, and nothing without a name', () => {
    index.put(role('r', [{ apiGroups: [''], resources: ['pods'], resourceNames: ['a', 'b'], verbs: ['*'] }]));
    index.put(binding('b', 'ClusterRole/r', ['User/jane']));
    expect(may(jane, 'get pods', { name: 'a' })).toBe(true);
    expect(may(jane, 'get pods', { name: 'c' })).toBe(false);
    expect(may(jane, 'get pods', { name: 'b' })).toBe(true);
    expect(may(jane, 'list pods')).toBe(false);
  });
});

describe('a binding', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

  it('speaks of users, groups and accounts', () => {
    index.put(role('r', rules));
    index.put(binding('b', 'ClusterRole/r', ['User/jane', 'Group/crew', 'ServiceAccount/robot/team']));
    expect(may(jane, 'get pods')).toBe(true);
    expect(may(user('joe', 'crew'), 'get pods')).toBe(true);
    expect(may(user('crew'), 'get pods')).toBe(false);
    expect(may(serviceAccountUser('team', 'robot'), 'get pods')).toBe(true);
    expect(may(serviceAccountUser('other', 'robot'), 'get pods')).toBe(false);
    expect(may(user('team:robot'), 'get pods')).toBe(false);
  });

  it('of a namespace reaches no further, whichever role it names', () => {
    index.put(role('r', rules));
    index.put(role('own', rules, 'team'));
    index.put(binding('b', 'ClusterRole/r', ['User/jane'], 'team'));
    index.put(binding('c', 'Role/own', ['User/joe'], 'team'));
    index.put(binding('d', 'Role/own', ['User/joe'], 'other'));
    for (const who of [jane, user('joe')]) {
      expect(may(who, 'get pods', { namespace: 'team' })).toBe(true);
      expect(may(who, 'get pods', { namespace: 'other' })).toBe(false);
      expect(may(who, 'get pods')).toBe(false);
    }
  });

  it('tells why, as access reviews show it', () => {
    index.put(role('r', rules));
    index.put(role('r1', rules, 'team'));
    index.put(binding('b', 'ClusterRole/r', ['User/jane']));
    index.put(binding('b1', 'Role/r1', ['ServiceAccount/robot/team'], 'team'));
    expect(authorizer.authorize(ask(jane, 'get pods')).reason).toBe(
      'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "jane"',
    );
    expect(authorizer.authorize(ask(serviceAccountUser('team', 'robot'), 'get pods', { namespace: 'team' })).reason).toBe(
      'RBAC: allowed by RoleBinding "b1/team" of Role "r1" to ServiceAccount "robot/team"',
    );
    expect(authorizer.authorize(ask(jane, 'list pods')).reason).toBe('');
  });

  it('to a role that is not there is told', () => {
    index.put(binding('b', 'ClusterRole/nope', ['User/jane']));
    expect(authorizer.authorize(ask(jane, 'get pods', { namespace: 'team' })).reason).toBe(
      'RBAC: clusterrole.rbac.authorization.k8s.io "nope" not found',
    );
    index.put(binding('c', 'Role/none', ['User/jane'], 'team'));
    expect(authorizer.authorize(ask(jane, 'get pods', { namespace: 'team' })).reason).toBe(
      'RBAC: [clusterrole.rbac.authorization.k8s.io "nope" not found, role.rbac.authorization.k8s.io "none" not found]',
    );
  });
});

it('follows changes of roles and bindings at once', () => {
  const put = (verbs: string[]): void => index.put(role('r', [{ apiGroups: [''], resources: ['pods'], verbs }]));
  expect(may(jane, 'get pods')).toBe(false);
  index.put(binding('b', 'ClusterRole/r', ['User/jane']));
  expect(may(jane, 'get pods')).toBe(false);
  put(['get']);
  expect(may(jane, 'get pods')).toBe(true);
  put(['list']);
  expect(may(jane, 'get pods')).toBe(false);
  expect(may(jane, 'list pods')).toBe(true);
  index.put(binding('b', 'ClusterRole/r', ['User/joe']));
  expect(may(jane, 'list pods')).toBe(false);
  expect(may(user('joe'), 'list pods')).toBe(true);
  index.remove(binding('b', 'ClusterRole/r', ['User/joe']));
  expect(may(user('joe'), 'list pods')).toBe(false);
  index.put(binding('b', 'ClusterRole/r', ['User/joe']));
  index.remove(role('r', []));
  expect(may(user('joe'), 'list pods')).toBe(false);
});

it('does not look at the bindings of others', () => {
  const reads: string[] = [];
  const watched = (name: string): object => ({
    get verbs() {
      reads.push(name);
      return ['get'];
    },
    apiGroups: [''],
    resources: ['pods'],
  });
  for (let i = 0; i < 1000; i++) {
    index.put(role(`r${i}`, [watched(`r${i}`)]));
    index.put(binding(`b${i}`, `ClusterRole/r${i}`, [`User/user${i}`]));
  }
  const who = user('user7');
  expect(may(who, 'get pods')).toBe(true);
  expect(new Set(reads)).toEqual(new Set(['r7']));
  // Asked again by the same user, not even its own rules are looked at.
  reads.length = 0;
  expect(may(who, 'get pods', { name: 'x' })).toBe(true);
  expect(reads).toEqual([]);
});

it('remembers a bounded number of answers', () => {
  index.put(role('r', [{ nonResourceURLs: ['/a*'], verbs: ['get'] }]));
  index.put(binding('b', 'ClusterRole/r', ['User/jane']));
  for (let i = 0; i < 5000; i++) expect(may(jane, `get /${i % 2 === 0 ? 'a' : 'b'}${i}`)).toBe(i % 2 === 0);
  expect(may(jane, `get /a${'x'.repeat(10_000)}`)).toBe(true);
});

it('always allows system:masters', () => {
  expect(authorizer.authorize(ask(user('x', 'system:masters'), 'get pods'))).toEqual({ allowed: true, reason: '' });
});

describe('a kubelet', () => {
  const rules = [
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    { apiGroups: ['storage.k8s.io'], resources: ['csinodes'], verbs: ['get'] },
  ];
  const node = createAuthorizer([createNodeAuthorizer(rules, createNodeGraph())]);
  const lease = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' };

  it('may what the rules say, as a member of system:nodes', () => {
    expect(node.authorize(ask(nodeUser('node-0'), 'patch nodes/status', { name: 'node-0' })).allowed).toBe(true);
    expect(node.authorize(ask(user('system:node:node-0'), 'patch nodes/status')).allowed).toBe(false);
    expect(node.authorize(ask(user('x', 'system:nodes'), 'patch nodes/status')).allowed).toBe(false);
    expect(node.authorize(ask(nodeUser('node-0'), 'get deployments', { group: 'apps' }))).toEqual({ allowed: false, reason: '' });
  });

  it('has its own lease and CSINode only', () => {
    const of = (text: string, more: object): { allowed: boolean; reason: string } => node.authorize(ask(nodeUser('node-0'), text, more));
    expect(of('get leases', { ...lease, name: 'node-0' }).allowed).toBe(true);
    expect(of('create leases', lease).allowed).toBe(true);
    expect(of('get leases', { ...lease, name: 'node-1' }).reason).toBe(
      'can only access node lease with the same name as the requesting node',
    );
    expect(of('get leases', { ...lease, namespace: 'default' }).reason).toBe(
      'can only access leases in the "kube-node-lease" system namespace',
    );
    expect(of('get csinodes', { group: 'storage.k8s.io', name: 'node-1' }).reason).toBe(
      'can only access CSINode with the same name as the requesting node',
    );
  });
});

describe('the 403', () => {
  const x = user('x');
  const table: readonly [Attributes, string][] = [
    [
      ask(x, 'list pods', { namespace: 'default' }),
      'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [ask(x, 'list pods'), 'pods is forbidden: User "x" cannot list resource "pods" in API group "" at the cluster scope'],
    [
      ask(x, 'get pods', { namespace: 'default', name: 'p' }),
      'pods "p" is forbidden: User "x" cannot get resource "pods" in API group "" in the namespace "default"',
    ],
    [
      ask(x, 'get deployments/scale', { group: 'apps', namespace: 'default', name: 'd' }),
      'deployments.apps "d" is forbidden: User "x" cannot get resource "deployments/scale" in API group "apps" in the namespace "default"',
    ],
    [ask(anonymousUser, 'get /api'), 'forbidden: User "system:anonymous" cannot get path "/api"'],
    [ask(user('x"<y'), 'get /foo'), 'forbidden: User "x\\"&lt;y" cannot get path "/foo"'],
  ];
  it.each(table)('%j', (attributes, message) => {
    const { status } = forbiddenError(attributes);
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message });
    expect(status.details).toBeDefined();
  });

  it('tells the reason of the refusal', () => {
    const { message } = forbiddenError(ask(x, 'list pods'), { reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "n" not found' });
    expect(message).toMatch(/at the cluster scope: RBAC: clusterrole\.rbac\.authorization\.k8s\.io "n" not found$/);
  });
});
