// Acting as someone else: `kubectl --as`.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
import { LRUCache } from 'lru-cache';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import { headerValues, type RequestHeaders } from '../authentication/bearer-token.js';
import {
  anonymousUser,
  authenticated,
  mastersGroup,
  unauthenticatedGroup,
  parseServiceAccountName,
  serviceAccountGroups,
} from '../authentication/groups.js';
import type { Attributes, Authorizer, ResourceAttributes } from './authorizer.js';
import { extraKeyErrors } from '../authentication/extra-keys.js';
import { forbiddenError } from './forbidden.js';

const extraPrefix = 'impersonate-extra-';

/** What the headers ask for. */
interface Asked {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Whether any header asks for impersonation: then {@link Impersonation} decides. Cheap, for every request. */
export function asksImpersonation(headers: RequestHeaders): boolean {
  // An empty name asks for nothing.
  if (headers['impersonate-user'] !== undefined && headers['impersonate-user'] !== '') return true;
  if (headers['impersonate-group'] !== undefined || headers['impersonate-uid'] !== undefined) return true;
  for (const name in headers) if (name.startsWith(extraPrefix)) return true;
  return false;
}

/** Takes the narrow permission that an impersonation was allowed by, for the audit: `impersonate:user-info`. */
export type Constrained = (constraint: string) => void;

const mostRemembered = 1000;

/**
 * Who may act as whom: for what a request does (`impersonate:user-info` with `impersonate-on:user-info:get`), or for everything (`impersonate`).
 * Of who was allowed the latter last it is asked first. https://kep.k8s.io/5284
 */
export class Impersonation {
  readonly #wideFirst = new LRUCache<string, true>({ max: mostRemembered });

  constructor(private readonly authorizer: Authorizer) {}

  /**
   * The user that the request is to be served as. `attributes` are the request's, with the user who really asks. Rejects with 400 for headers
   * without a user, 403 when the user may not.
   */
  async userFor(headers: RequestHeaders, attributes: Attributes, constrained?: Constrained): Promise<UserInfo> {
    const asked = read(headers);
    if (asked.name === '') throw badRequest(`requested ${goText(asked)} without impersonating a user name`);
    const account = parseServiceAccountName(asked.name);
    const mode = modeOf(asked, account);
    const { user } = attributes;
    const askWide = (): Promise<Refusal | undefined> => firstRefusal(questionsOf(user, asked, account), this.authorizer);
    const early = this.#wideFirst.has(user.name);
    const first = early ? await askWide() : undefined;
    if (early && first === undefined) return userOf(asked, account);
    const narrow = mode === undefined ? undefined : await narrowRefusal(mode, asked, attributes, this.authorizer);
    if (mode !== undefined && narrow === undefined) {
      this.#wideFirst.delete(user.name);
      constrained?.(`impersonate:${mode.name}`);
      return userOf(asked, account, mode);
    }
    const wide = first ?? (await askWide());
    if (wide === undefined) {
      this.#wideFirst.set(user.name, true);
      return userOf(asked, account);
    }
    // Who may impersonate nobody at all is told of the narrower permission, and so is who has a part of it.
    throw narrow !== undefined && (wide.index === 0 || narrow.index > 0) ? narrow.error : wide.error;
  }
}

interface Refusal {
  readonly error: Error;
  /** How many permissions there were before the one that is missing. */
  readonly index: number;
}

async function firstRefusal(questions: Iterable<Attributes>, authorizer: Authorizer): Promise<Refusal | undefined> {
  let index = 0;
  for (const one of questions) {
    const decision = await authorizer.authorize(one);
    if (!decision.allowed) return { error: forbiddenError(one, decision), index };
    index++;
  }
  return undefined;
}

const authenticationGroup = 'authentication.k8s.io';

function questionOf(user: UserInfo, what: Partial<ResourceAttributes>): ResourceAttributes {
  const none = { group: '', version: 'v1', resource: '', subresource: '', namespace: '', name: '' };
  return { user, verb: 'impersonate', ...none, ...what };
}

/** What must be allowed to whoever acts as somebody whatever they do. */
function* questionsOf(user: UserInfo, { name, uid, groups, extra }: Asked, account: Account | undefined): Iterable<ResourceAttributes> {
  yield questionOf(user, account === undefined ? { resource: 'users', name } : { resource: 'serviceaccounts', ...account });
  for (const group of groups) yield questionOf(user, { resource: 'groups', name: group });
  const group = authenticationGroup;
  for (const [key, values] of Object.entries(extra))
    for (const value of values) yield questionOf(user, { group, resource: 'userextras', subresource: key, name: value });
  if (uid !== '') yield questionOf(user, { group, resource: 'uids', name: uid });
}

type Account = NonNullable<ReturnType<typeof parseServiceAccountName>>;

/** Whom somebody is allowed to act as by a permission for such users alone. */
interface Mode {
  readonly name: 'serviceaccount' | 'arbitrary-node' | 'user-info';
  /** Of whom leave is asked first. */
  readonly who: Partial<ResourceAttributes>;
}

const nodePrefix = 'system:node:';
const nodesGroup = 'system:nodes';

/** undefined: service accounts and nodes whose groups, uid or more are chosen as well, for which there is no narrow permission. */
function modeOf({ name, uid, groups, extra }: Asked, account: Account | undefined): Mode | undefined {
  const isNode = name.startsWith(nodePrefix) && name.length > nodePrefix.length;
  if (account === undefined && !isNode) return { name: 'user-info', who: { resource: 'users', name } };
  if (uid !== '' || groups.length > 0 || Object.keys(extra).length > 0) return undefined;
  if (account !== undefined) return { name: 'serviceaccount', who: { resource: 'serviceaccounts', ...account } };
  return { name: 'arbitrary-node', who: { resource: 'nodes', name: name.slice(nodePrefix.length) } };
}

/** Why somebody may not act as such a user for this request; undefined when they may. */
async function narrowRefusal(mode: Mode, asked: Asked, attributes: Attributes, authorizer: Authorizer): Promise<Refusal | undefined> {
  const verb = `impersonate:${mode.name}`;
  const { user } = attributes;
  const question = (what: Partial<ResourceAttributes>): ResourceAttributes =>
    questionOf(user, { verb, group: authenticationGroup, ...what });
  const never = (what: Partial<ResourceAttributes>, why: string): Refusal => ({
    error: forbiddenError(question(what), { reason: why }),
    index: 2,
  });
  const first = await firstRefusal(
    [{ ...attributes, verb: `impersonate-on:${mode.name}:${attributes.verb}` }, question(mode.who)],
    authorizer,
  );
  if (first !== undefined) return first;
  if (asked.groups.includes(mastersGroup))
    return never({ resource: 'groups', name: mastersGroup }, `impersonating the ${mastersGroup} group is not allowed`);
  for (const key of Object.keys(asked.extra)) {
    const problems = extraKeyErrors(key, 'extra.key', []).map(({ field, message }) => `${field}: ${message}`);
    if (problems.length === 0) continue;
    const why = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`;
    return never({ resource: 'userextras' }, `impersonating an invalid key in extra is not allowed: ${why}`);
  }
  const rest = [...questionsOf(user, asked, undefined)].slice(1).map((one) => ({ ...one, verb, group: authenticationGroup }));
  const refusal = await firstRefusal(rest, authorizer);
  return refusal === undefined ? undefined : { ...refusal, index: refusal.index + 2 };
}

function userOf(asked: Asked, account: Account | undefined, mode?: Mode): UserInfo {
  const { name, uid, extra } = asked;
  const rest = { ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  if (name === anonymousUser.name) {
    const named = asked.groups.includes(unauthenticatedGroup);
    return { name, groups: named ? asked.groups : [...asked.groups, unauthenticatedGroup], ...rest };
  }
  // Whoever may act as nodes acts as one in its group.
  if (mode?.name === 'arbitrary-node') return authenticated({ name, groups: [nodesGroup], ...rest });
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
