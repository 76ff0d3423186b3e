import type { KubeObject } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { reviewSelfSubject } from '../authentication/reviews.js';
import { nodeUser } from '../authentication/groups.js';
import { createAuthorizer, type Authorizer } from './authorizer.js';
import { asksImpersonation, Impersonation } from './impersonation.js';
import { createNodeGraph } from './node/graph.js';
import { createNodeAuthorizer } from './node/node-authorizer.js';
import { createRbacAuthorizer } from './rbac-authorizer.js';
import { createRbacIndex, type RbacIndex } from './rbac-index.js';
import { reviewLocalSubjectAccess, reviewSelfSubjectAccess, reviewSelfSubjectRules, reviewSubjectAccess } from './reviews.js';

const jane: UserInfo = { name: 'jane', groups: ['crew'] };
let index: RbacIndex;
let authorizer: Authorizer;

beforeEach(() => {
  index = createRbacIndex();
  authorizer = createAuthorizer([createRbacAuthorizer(index)]);
  const put = (object: object): void => index.put(object as KubeObject);
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get'] },
    { nonResourceURLs: ['/healthz'], verbs: ['get'] },
  ];
  put({ kind: 'ClusterRole', metadata: { name: 'reader' }, rules });
  put({
    kind: 'ClusterRoleBinding',
    metadata: { name: 'read' },
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'Group', name: 'crew' }],
  });
  put({
    kind: 'RoleBinding',
    metadata: { name: 'lost', namespace: 'team' },
    roleRef: { kind: 'Role', name: 'nope' },
    subjects: [{ kind: 'User', name: 'jane' }],
  });
});

const reason = 'RBAC: allowed by ClusterRoleBinding "read" of ClusterRole "reader" to Group "crew"';
const pods = { verb: 'get', resource: 'pods' };

describe('an access review', () => {
  it('answers for oneself, for another, and in a namespace', async () => {
    const self = await reviewSelfSubjectAccess({ spec: { resourceAttributes: pods } }, jane, authorizer);
    expect(self).toEqual({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { resourceAttributes: pods },
      status: { allowed: true, reason },
    });
    expect((await reviewSubjectAccess({ spec: { user: 'joe', groups: ['crew'], resourceAttributes: pods } }, authorizer)).status).toEqual({
      allowed: true,
      reason,
    });
    expect((await reviewSubjectAccess({ spec: { user: 'joe', resourceAttributes: pods } }, authorizer)).status).toEqual({ allowed: false });
    expect(
      (await reviewSubjectAccess({ spec: { groups: ['crew'], nonResourceAttributes: { verb: 'get', path: '/healthz' } } }, authorizer))
        .status?.allowed,
    ).toBe(true);
    const spec = { user: 'jane', resourceAttributes: { ...pods, verb: 'list', namespace: 'team' } };
    expect(await reviewLocalSubjectAccess({ spec }, 'team', authorizer)).toMatchObject({
      metadata: { namespace: 'team' },
      status: { allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "nope" not found' },
    });
  });

  const both = { user: 'x', resourceAttributes: pods, nonResourceAttributes: {} };
  const combined =
    'spec.nonResourceAttributes: Invalid value: {"Path":"","Verb":""}: cannot be specified in combination with resourceAttributes';
  const neither =
    'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const nobody = 'spec.user: Invalid value: "": at least one of user or group must be specified';
  it.each([
    [{ spec: {} }, `[${neither}, ${nobody}]`],
    [{ spec: both }, combined],
    [{ spec: { resourceAttributes: pods } }, nobody],
    [{ metadata: { name: 'a' }, spec: { user: 'x', resourceAttributes: pods } }, 'metadata: Invalid value: {"name":"a"}: must be empty'],
    [
      {
        spec: {
          user: 'x',
          resourceAttributes: {
            ...pods,
            fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
          },
        },
      },
      'spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
    ],
  ])('refuses %j', async (review, message) => {
    const error: unknown = await reviewSubjectAccess(review, authorizer).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 422, message: `.authorization.k8s.io "" is invalid: ${message}` });
    expect((error as { status: { details: object } }).status.details).not.toHaveProperty('kind');
  });

  it('of a namespace refuses another one, and paths', async () => {
    const local = (spec: object): Promise<unknown> => reviewLocalSubjectAccess({ spec }, 'team', authorizer);
    await expect(local({ user: 'x', resourceAttributes: pods })).rejects.toThrow(
      'spec.resourceAttributes.namespace: Invalid value: "": must match metadata.namespace',
    );
    await expect(local({ user: 'x', nonResourceAttributes: {} })).rejects.toThrow(
      '{"Path":"","Verb":""}: disallowed on this kind of request',
    );
  });
});

describe('a rules review', () => {
  it('lists what all bindings give', () => {
    const review = reviewSelfSubjectRules({ spec: { namespace: 'team' } }, jane, authorizer);
    expect(review.spec).toEqual({});
    expect(review.status).toEqual({
      resourceRules: [
        { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
        { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
      incomplete: false,
      evaluationError: 'role.rbac.authorization.k8s.io "nope" not found',
    });
  });

  it('is incomplete for kubelets, and needs a namespace', () => {
    expect(
      reviewSelfSubjectRules({ spec: { namespace: 'x' } }, nodeUser('n'), createAuthorizer([createNodeAuthorizer([], createNodeGraph())]))
        .status,
    ).toEqual({
      resourceRules: [],
      nonResourceRules: [],
      incomplete: true,
      evaluationError: 'node authorizer does not support user rule resolution',
    });
    expect(() => reviewSelfSubjectRules({}, jane, authorizer)).toThrow('no namespace on request');
  });
});

it('tells who one is', () => {
  const user: UserInfo = { name: 'jane', uid: '7', groups: ['a'], extra: { k: ['v'] } };
  expect(reviewSelfSubject({ metadata: { name: 'x' } }, user, Date.parse('2026-11-21T12:00:00Z'))).toEqual({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '2026-11-21T12:00:00Z' },
    status: { userInfo: { username: 'jane', uid: '7', groups: ['a'], extra: { k: ['v'] } } },
  });
  expect(reviewSelfSubject({}, { name: 'x', groups: [] }, 0).status.userInfo).toEqual({ username: 'x' });
});

describe('impersonation', () => {
  const master: UserInfo = { name: 'admin', groups: ['system:masters'] };
  const attributes = (user: UserInfo) => ({
    user,
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'team',
    name: '',
  });
  const as = (headers: Record<string, string | readonly string[]>, user = master): Promise<UserInfo> =>
    new Impersonation(authorizer).userFor(headers, attributes(user));

  it('takes name, groups, uid and extra from the headers', async () => {
    expect(await as({ 'impersonate-user': 'u' })).toEqual({ name: 'u', groups: ['system:authenticated'] });
    expect(
      await as({
        'impersonate-user': 'u',
        'impersonate-group': ['g, i', 'h'],
        'impersonate-uid': '12',
        'impersonate-extra-foo%2fbar': 'x, y',
      }),
    ).toEqual({
      name: 'u',
      uid: '12',
      groups: ['g, i', 'h', 'system:authenticated'],
      extra: { 'foo/bar': ['x, y'] },
    });
    expect((await as({ 'impersonate-user': 'system:serviceaccount:team:robot' })).groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:team',
      'system:authenticated',
    ]);
    expect((await as({ 'impersonate-user': 'system:anonymous' })).groups).toEqual(['system:unauthenticated']);
    expect((await as({ 'impersonate-user': 'u', 'impersonate-extra-__proto__': 'x' })).extra).toHaveProperty(['__proto__'], ['x']);
  });

  it('is asked for by any of its headers', () => {
    expect(asksImpersonation({ accept: 'x', authorization: 'y' })).toBe(false);
    for (const name of ['user', 'group', 'uid', 'extra-a']) expect(asksImpersonation({ [`impersonate-${name}`]: 'x' })).toBe(true);
  });

  it('needs a user', async () => {
    await expect(as({ 'impersonate-group': 'g' })).rejects.toThrow(
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)} without impersonating a user name',
    );
    await expect(as({ 'impersonate-extra-a': 'u' })).rejects.toThrow('Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"u"}}}');
  });

  it('is refused to who may not', async () => {
    await expect(as({ 'impersonate-user': 'u' }, jane)).rejects.toThrow(
      'pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "team"',
    );
    const rules = [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }];
    index.put({ kind: 'ClusterRole', metadata: { name: 'reader' }, rules } as never);
    const same = new Impersonation(authorizer);
    const again = (headers: Record<string, string>): Promise<UserInfo> => same.userFor(headers, attributes(jane));
    await expect(again({ 'impersonate-user': 'u', 'impersonate-group': 'g' })).rejects.toThrow('cannot impersonate-on:user-info:list');
    // From then on what allowed it is asked for first.
    expect((await again({ 'impersonate-user': 'u' })).name).toBe('u');
    const refusals: readonly [Record<string, string>, string][] = [
      [
        { 'impersonate-group': 'g' },
        'groups "g" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
      ],
      [
        { 'impersonate-uid': 'g' },
        'uids.authentication.k8s.io "g" is forbidden: User "jane" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
      ],
      [
        { 'impersonate-extra-a': 'g' },
        'userextras.authentication.k8s.io "g" is forbidden: User "jane" cannot impersonate resource "userextras/a"',
      ],
    ];
    for (const [headers, message] of refusals) await expect(again({ 'impersonate-user': 'u', ...headers })).rejects.toThrow(message);
  });

  it('as the node that the own pod is on needs the narrowest permission', async () => {
    const verbs = (mode: string): object[] => [
      { apiGroups: ['authentication.k8s.io'], resources: ['nodes'], verbs: [`impersonate:${mode}`] },
      { apiGroups: [''], resources: ['pods'], verbs: [`impersonate-on:${mode}:list`] },
    ];
    const given = async (...rules: object[]): Promise<void> =>
      void index.put({ kind: 'ClusterRole', metadata: { name: 'reader' }, rules } as never);
    const agent = (name: string, ...nodes: string[]): UserInfo => ({
      ...jane,
      name,
      extra: { 'authentication.kubernetes.io/node-name': nodes },
    });
    const account = 'system:serviceaccount:team:agent';
    index.put({
      kind: 'ClusterRoleBinding',
      metadata: { name: 'agents' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: account }],
    } as never);
    const asked = async (user: UserInfo, node = 'system:node:n1', more: Record<string, string> = {}): Promise<string> => {
      let constraint = 'any';
      try {
        const said = (text: string): void => void (constraint = text);
        const { groups } = await new Impersonation(authorizer).userFor({ 'impersonate-user': node, ...more }, attributes(user), said);
        return `${constraint} ${groups.join()}`;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const node = 'system:nodes,system:authenticated';
    const lacks = (what: string): unknown => expect.stringContaining(`cannot ${what}`);
    await given(...verbs('associated-node'));
    expect(await asked(agent(account, 'n1'))).toBe(`impersonate:associated-node ${node}`);
    expect(await asked(agent(account, 'n2'))).toEqual(lacks('impersonate-on:arbitrary-node:list'));
    expect(await asked(agent(account, 'n1', 'n1'))).toEqual(lacks('impersonate-on:arbitrary-node:list'));
    expect(await asked(agent(account))).toEqual(lacks('impersonate-on:arbitrary-node:list'));
    expect(await asked(agent('jane', 'n1'))).toEqual(lacks('impersonate-on:arbitrary-node:list'));
    expect(await asked(agent(account, 'n1'), 'system:node:n1', { 'impersonate-group': 'system:nodes' })).toEqual(
      lacks('impersonate resource "users"'),
    );
    await given(...verbs('arbitrary-node'));
    expect(await asked(agent(account, 'n1'))).toBe(`impersonate:arbitrary-node ${node}`);
    await given(verbs('associated-node')[1]!, ...verbs('arbitrary-node').slice(1));
    expect(await asked(agent(account, 'n1'))).toEqual(lacks('impersonate:associated-node resource "nodes"'));
    await given({ ...verbs('associated-node')[0], resourceNames: ['n1'] }, verbs('associated-node')[1]!);
    expect(await asked(agent(account, 'n1'))).toEqual(expect.stringContaining('nodes.authentication.k8s.io "*" is forbidden'));
    await given({ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] });
    expect(await asked(agent(account, 'n1'))).toBe('any system:authenticated');
  });
});
