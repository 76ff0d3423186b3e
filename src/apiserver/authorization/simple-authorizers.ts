// AlwaysAllow and AlwaysDeny. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#authorization-modules
import { noRules, type Decision, type SyncAuthorizer, type UserRules } from './authorizer.js';

const allowed: Decision = { allowed: true, reason: '' };
const refused: Decision = { allowed: false, reason: 'Everything is forbidden.' };

const everything: UserRules = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
  errors: [],
};

export const alwaysAllow: SyncAuthorizer = { authorize: () => allowed, rulesFor: () => everything };

export const alwaysDeny: SyncAuthorizer = { authorize: () => refused, rulesFor: () => noRules };
