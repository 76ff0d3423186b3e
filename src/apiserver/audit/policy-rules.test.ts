import type { AuditPolicyRule } from './policy.js';
import { auditRules, type AuditedResource } from './policy-rules.js';

const nobody = { group: '', resource: 'pods', subresource: '', namespace: 'n', name: '' };
const matches = (rule: Partial<AuditPolicyRule>, resource: Partial<AuditedResource> | string, user = 'u', groups = ['g'], verb = 'get') => {
  const path = typeof resource === 'string' ? resource : '/api';
  const request = { verb, path, resource: typeof resource === 'string' ? undefined : { ...nobody, ...resource } };
  return auditRules({ rules: [{ level: 'Metadata', ...rule }] })(request, { name: user, groups }) !== undefined;
};

test.each<[Partial<AuditPolicyRule>, Partial<AuditedResource> | string, boolean]>([
  [{}, '/version', true],
  [{}, {}, true],
  [{ resources: [{ resources: ['pods'] }] }, { subresource: 'log' }, false],
  [{ resources: [{ resources: ['pods/log'] }] }, { subresource: 'log' }, true],
  [{ resources: [{ resources: ['pods/*'] }] }, {}, true],
  [{ resources: [{ resources: ['*/log'] }] }, { subresource: 'log' }, true],
  [{ resources: [{ resources: ['*/log'] }] }, {}, false],
  [{ resources: [{ resources: ['*'] }] }, { subresource: 'log' }, true],
  [{ resources: [{}] }, { subresource: 'log' }, true],
  [{ resources: [{}] }, { group: 'apps' }, false],
  [{ resources: [{ group: '*' }] }, { group: 'apps' }, true],
  [{ resources: [{ resources: ['pods'], resourceNames: ['a'] }] }, {}, false],
  [{ resources: [{ resources: ['pods'], resourceNames: ['a'] }] }, { name: 'a' }, true],
  [{ resources: [{}] }, '/version', false],
  [{ namespaces: ['n'] }, {}, true],
  [{ namespaces: [''] }, { namespace: '' }, true],
  [{ namespaces: [''] }, {}, false],
  [{ namespaces: ['n'] }, '/version', false],
  [{ nonResourceURLs: ['/version'] }, {}, false],
  [{ nonResourceURLs: ['/ver*'] }, '/version', true],
  [{ nonResourceURLs: ['/ver'] }, '/version', false],
  [{ nonResourceURLs: ['*'] }, '/version', true],
  [{ users: ['u'], userGroups: ['g', 'h'], verbs: ['get'] }, {}, true],
  [{ users: ['v'] }, {}, false],
  [{ userGroups: ['h'] }, {}, false],
  [{ verbs: ['list'] }, {}, false],
])('%j of %j: %p', (rule, resource, expected) => expect(matches(rule, resource)).toBe(expected));

test('the first rule that matches decides, and stages are left out by both', () => {
  const rules = auditRules({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', users: ['quiet'] },
      { level: 'Request', omitStages: ['Panic'], omitManagedFields: false, users: ['u'] },
      { level: 'Metadata' },
    ],
  });
  const request = { verb: 'get', path: '/version' };
  expect(rules(request, { name: 'quiet', groups: [] })).toBeUndefined();
  expect(rules(request, { name: 'u', groups: [] })).toEqual({
    level: 'Request',
    omitStages: new Set(['RequestReceived', 'Panic']),
    omitManagedFields: false,
  });
  // Who cannot be told has no name that a rule could ask for.
  expect(rules(request, undefined)).toEqual({ level: 'Metadata', omitStages: new Set(['RequestReceived']), omitManagedFields: true });
});
