import type { FlowSchema, PolicyRulesWithSubjects, Subject } from '../../../openapi/types/flowcontrol.v1.js';
import type { UserInfo } from '../../registry/kind.js';
import type { Attributes } from '../authorization/authorizer.js';
import { Matcher } from './matching.js';

const schema = (name: string, matchingPrecedence: number, rules: readonly PolicyRulesWithSubjects[]): FlowSchema => ({
  kind: 'FlowSchema',
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: { matchingPrecedence, priorityLevelConfiguration: { name: 'level' }, rules },
  status: {},
});
const all = { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }] };
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups });
const pods = (asking: UserInfo, more: Partial<Record<'verb' | 'subresource' | 'namespace' | 'group', string>> = {}): Attributes => ({
  user: asking,
  verb: 'get',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: 'p',
  ...more,
});
const matches = (rule: PolicyRulesWithSubjects, request: Attributes): boolean =>
  new Matcher([schema('one', 1, [rule])]).match(request) !== undefined;

it('takes the lowest precedence first, and the first name of the same', () => {
  const subjects: readonly Subject[] = [{ kind: 'Group', group: { name: '*' } }];
  const matcher = new Matcher([
    schema('b', 5, [{ subjects, ...all }]),
    schema('c', 4, [{ subjects, ...all }]),
    schema('a', 4, [{ subjects, ...all }]),
  ]);
  expect(matcher.match(pods(user('x', 'g')))?.metadata.name).toBe('a');
});

test.each<[Subject, UserInfo, boolean]>([
  [{ kind: 'User', user: { name: 'ann' } }, user('ann'), true],
  [{ kind: 'User', user: { name: 'ann' } }, user('bob'), false],
  [{ kind: 'User', user: { name: '*' } }, user('bob'), true],
  [{ kind: 'Group', group: { name: 'dev' } }, user('bob', 'dev'), true],
  [{ kind: 'Group', group: { name: 'dev' } }, user('dev'), false],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: 'a' } }, user('system:serviceaccount:n:a'), true],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } }, user('system:serviceaccount:n:b'), true],
  [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } }, user('system:serviceaccount:nn:b'), false],
])('subject %j and user %j: %p', (subject, asking, expected) => {
  expect(matches({ subjects: [subject], ...all }, pods(asking))).toBe(expected);
});

test.each<[string, object, Attributes, boolean]>([
  ['another verb', { verbs: ['list'] }, pods(user('x')), false],
  ['another group', { apiGroups: ['apps'] }, pods(user('x')), false],
  ['a subresource is a resource of its own', { resources: ['pods'] }, pods(user('x'), { subresource: 'status' }), false],
  ['the subresource', { resources: ['pods/status'] }, pods(user('x'), { subresource: 'status' }), true],
  ['the namespace', { namespaces: ['default'] }, pods(user('x')), true],
  ['another namespace', { namespaces: ['other'] }, pods(user('x')), false],
  ['no namespace without clusterScope', { clusterScope: false }, pods(user('x'), { namespace: '' }), false],
  ['no namespace with clusterScope', { namespaces: [] }, pods(user('x'), { namespace: '' }), true],
])('%s', (_name, rule, request, expected) => {
  const subjects: readonly Subject[] = [{ kind: 'User', user: { name: 'x' } }];
  expect(matches({ subjects, resourceRules: [{ ...all.resourceRules[0]!, ...rule }] }, request)).toBe(expected);
});

test.each([
  ['*', '/livez', true],
  ['/livez', '/livez', true],
  ['/livez', '/livez/ping', false],
  ['/livez/*', '/livez/ping', true],
  ['/livez/*', '/livezz', false],
])('path %s and %s: %p', (url, path, expected) => {
  const rule = { subjects: [{ kind: 'User', user: { name: 'x' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [url] }] };
  expect(matches(rule, { user: user('x'), verb: 'get', path })).toBe(expected);
});
