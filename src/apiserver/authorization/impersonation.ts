// Acting as someone else: `kubectl --as`.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import { headerValues, type RequestHeaders } from '../authentication/bearer-token.js';
import { anonymousUser, authenticated, parseServiceAccountName, serviceAccountGroups } from '../authentication/groups.js';
import type { Attributes, Authorizer, ResourceAttributes } from './authorizer.js';
import { forbiddenError } from './forbidden.js';

const extraPrefix = 'impersonate-extra-';

/** What the headers ask for. */
interface Asked {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Whether any header asks for impersonation: then {@link impersonate} decides. Cheap, for every request. */
export function asksImpersonation(headers: RequestHeaders): boolean {
  // An empty name asks for nothing.
  if (headers['impersonate-user'] !== undefined && headers['impersonate-user'] !== '') return true;
  if (headers['impersonate-group'] !== undefined || headers['impersonate-uid'] !== undefined) return true;
  for (const name in headers) if (name.startsWith(extraPrefix)) return true;
  return false;
}

/**
 * The user that the request is to be served as. `attributes` are the request's, with the user who really asks. Rejects with 400 for headers
 * without a user, 403 when the user may not `impersonate` any of what is asked.
 */
export async function impersonate(headers: RequestHeaders, attributes: Attributes, authorizer: Authorizer): Promise<UserInfo> {
  const asked = read(headers);
  if (asked.name === '') throw badRequest(`requested ${goText(asked)} without impersonating a user name`);
  const account = parseServiceAccountName(asked.name);
  const { user } = attributes;
  const question = (what: Partial<ResourceAttributes>): ResourceAttributes => ({
    user,
    verb: 'impersonate',
    group: '',
    version: 'v1',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    ...what,
  });
  const first = question(account === undefined ? { resource: 'users', name: asked.name } : { resource: 'serviceaccounts', ...account });
  // Whoever may impersonate nobody is told of the newer, narrower permission, which they lack as well (KEP-5284).
  if (!(await authorizer.authorize(first)).allowed)
    throw forbiddenError({ ...attributes, verb: `impersonate-on:${modeOf(asked.name, account !== undefined)}:${attributes.verb}` });
  const group = 'authentication.k8s.io';
  const more = [
    ...asked.groups.map((name) => question({ resource: 'groups', name })),
    ...Object.entries(asked.extra).flatMap(([key, values]) =>
      values.map((name) => question({ group, resource: 'userextras', subresource: key, name })),
    ),
    ...(asked.uid === '' ? [] : [question({ group, resource: 'uids', name: asked.uid })]),
  ];
  for (const one of more) {
    const decision = await authorizer.authorize(one);
    if (!decision.allowed) throw forbiddenError(one, decision);
  }
  return userOf(asked, account);
}

function modeOf(name: string, isAccount: boolean): string {
  if (isAccount) return 'serviceaccount';
  return name.startsWith('system:node:') ? 'arbitrary-node' : 'user-info';
}

function userOf(asked: Asked, account: { readonly namespace: string } | undefined): UserInfo {
  const { name, uid, extra } = asked;
  const rest = { ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  if (name === anonymousUser.name) return { name, groups: asked.groups.length === 0 ? anonymousUser.groups : asked.groups, ...rest };
  const groups = asked.groups.length > 0 || account === undefined ? asked.groups : serviceAccountGroups(account.namespace);
  return authenticated({ name, groups, ...rest });
}

function read(headers: RequestHeaders): Asked {
  const extra = new Map<string, readonly string[]>();
  for (const name of Object.keys(headers))
    if (name.startsWith(extraPrefix)) extra.set(decoded(name.slice(extraPrefix.length)), headerValues(headers[name]));
  return {
    name: headerValues(headers['impersonate-user'])[0] ?? '',
    uid: headerValues(headers['impersonate-uid'])[0] ?? '',
    groups: headerValues(headers['impersonate-group']),
    // Not assigned key by key: a key may be `__proto__`.
    extra: Object.fromEntries(extra),
  };
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The real server prints the user as its language does. */
function goText({ uid, groups, extra }: Asked): string {
  const list = (values: readonly string[]): string => `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
  const groupText = groups.length === 0 ? '[]string(nil)' : list(groups);
  const pairs = Object.entries(extra).map(([key, values]) => `${JSON.stringify(key)}:${list(values)}`);
  const extraText = pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groupText}, Extra:${extraText}}`;
}
