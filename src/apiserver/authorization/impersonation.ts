// Acting as someone else: `kubectl --as`.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
import { LRUCache } from 'lru-cache';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { setField } from '../../apimachinery/fields.js';
import { inSlices, nextTurn, Steps, Turn, type Work } from '../../clock/slices.js';
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

/** So many milliseconds of questions to the authorizer are asked at a time: headers of others are read in the same turn of the event loop. */
const longestTurn = 5;

/**
 * Who may act as whom: for what a request does (`impersonate:user-info` with `impersonate-on:user-info:get`), or for everything (`impersonate`).
 * The permission that somebody had last is asked for first, and of the first it is told when there is none. https://kep.k8s.io/5284
 */
export class Impersonation {
  readonly #lastOf = new LRUCache<string, Mode['name']>({ max: mostRemembered });

  constructor(private readonly authorizer: Authorizer) {}

  /**
   * The user that the request is to be served as. `attributes` are the request's, with the user who really asks. Rejects with 400 for headers
   * without a user, 403 when the user may not.
   */
  async userFor(headers: RequestHeaders, attributes: Attributes, constrained?: Constrained): Promise<UserInfo> {
    const asked = await readInTurns(headers);
    if (asked.name === '') throw badRequest(`requested ${goText(asked)} without impersonating a user name`);
    const account = parseServiceAccountName(asked.name);
    const { user } = attributes;
    const modes = modesOf(asked, account, user);
    const last = this.#lastOf.get(user.name);
    const first = modes.find(({ name }) => name === last) ?? modes[0]!;
    const refusal = await this.#refusal(first, asked, account, attributes);
    let found = refusal === undefined ? first : undefined;
    for (const mode of modes) {
      if (found !== undefined) break;
      if (mode !== first && (await this.#refusal(mode, asked, account, attributes)) === undefined) found = mode;
    }
    if (found === undefined) throw refusal!;
    if (found.name !== last) this.#lastOf.set(user.name, found.name);
    if (found.name !== 'any') constrained?.(`impersonate:${found.name}`);
    return userOf(asked, account, found);
  }

  /** Why somebody may not in this mode; undefined when they may. */
  #refusal(mode: Mode, asked: Asked, account: Account | undefined, attributes: Attributes): Promise<Error | undefined> {
    if (mode.name === 'any') return firstRefusal(questionsOf(attributes.user, asked, account), this.authorizer);
    return narrowRefusal(mode, asked, attributes, this.authorizer);
  }
}

async function firstRefusal(questions: Iterable<Attributes>, authorizer: Authorizer): Promise<Error | undefined> {
  // Headers have room for tens of thousands of groups and extra fields.
  const turn = new Turn(longestTurn);
  for (const one of questions) {
    const decision = authorizer.authorize(one);
    const { allowed, reason } = decision instanceof Promise ? await decision : decision;
    if (!allowed) return forbiddenError(one, { reason });
    const over = turn.over();
    if (over !== undefined) await over;
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

/** Whom somebody is allowed to act as by a permission for such users alone; `any` for whom there is no narrower one. */
interface Mode {
  readonly name: 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'any';
  /** Of whom leave is asked first. */
  readonly who: Partial<ResourceAttributes>;
}

const nodePrefix = 'system:node:';
const nodesGroup = 'system:nodes';
const anyone: Mode = { name: 'any', who: {} };

/** What may allow it, the narrowest first. For service accounts and nodes whose groups, uid or more are chosen as well there is no narrow permission. */
function modesOf({ name, uid, groups, extra }: Asked, account: Account | undefined, user: UserInfo): readonly Mode[] {
  const isNode = name.startsWith(nodePrefix) && name.length > nodePrefix.length;
  if (account === undefined && !isNode) return [{ name: 'user-info', who: { resource: 'users', name } }, anyone];
  if (uid !== '' || groups.length > 0 || Object.keys(extra).length > 0) return [anyone];
  if (account !== undefined) return [{ name: 'serviceaccount', who: { resource: 'serviceaccounts', ...account } }, anyone];
  const node = name.slice(nodePrefix.length);
  const arbitrary: Mode = { name: 'arbitrary-node', who: { resource: 'nodes', name: node } };
  return isOnNode(user, node)
    ? [{ name: 'associated-node', who: { resource: 'nodes', name: '*' } }, arbitrary, anyone]
    : [arbitrary, anyone];
}

const nodeNameKey = 'authentication.kubernetes.io/node-name';

/** Whether it is the service account of a pod on this node: its token says so. */
function isOnNode({ name, extra }: UserInfo, node: string): boolean {
  const nodes = extra !== undefined && Object.hasOwn(extra, nodeNameKey) ? extra[nodeNameKey] : undefined;
  return nodes?.length === 1 && nodes[0] === node && parseServiceAccountName(name) !== undefined;
}

/** Why somebody may not act as such a user for this request; undefined when they may. */
async function narrowRefusal(mode: Mode, asked: Asked, attributes: Attributes, authorizer: Authorizer): Promise<Error | undefined> {
  const verb = `impersonate:${mode.name}`;
  const { user } = attributes;
  const question = (what: Partial<ResourceAttributes>): ResourceAttributes =>
    questionOf(user, { verb, group: authenticationGroup, ...what });
  const never = (what: Partial<ResourceAttributes>, why: string): Error => forbiddenError(question(what), { reason: why });
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
  return firstRefusal(narrowQuestions(user, asked, verb), authorizer);
}

/** All but who it is, which has been asked. */
function* narrowQuestions(user: UserInfo, asked: Asked, verb: string): Iterable<ResourceAttributes> {
  let who = true;
  for (const one of questionsOf(user, asked, undefined)) {
    if (!who) yield { ...one, verb, group: authenticationGroup };
    who = false;
  }
}

function userOf(asked: Asked, account: Account | undefined, mode: Mode): UserInfo {
  const { name, uid, extra } = asked;
  const rest = { ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  if (name === anonymousUser.name) {
    const named = asked.groups.includes(unauthenticatedGroup);
    return { name, groups: named ? asked.groups : [...asked.groups, unauthenticatedGroup], ...rest };
  }
  // Whoever may act as nodes acts as one in its group.
  if (mode.name === 'arbitrary-node' || mode.name === 'associated-node') return authenticated({ name, groups: [nodesGroup], ...rest });
  const groups = asked.groups.length > 0 || account === undefined ? asked.groups : serviceAccountGroups(account.namespace);
  return authenticated({ name, groups, ...rest });
}

/** With more headers, or longer ones, it took a while to get them, and takes another to read them. */
const mostHeadersAtOnce = 1000;
const longestAtOnce = 32_768;

async function readInTurns(headers: RequestHeaders): Promise<Asked> {
  if (hasManyHeaders(headers)) await nextTurn();
  return inSlices(read(headers));
}

/** Whether there are so many, or one of so many values, that to look at all takes milliseconds. */
export function hasManyHeaders(headers: RequestHeaders): boolean {
  let names = mostHeadersAtOnce;
  for (const name in headers) {
    const value = headers[name];
    if (--names === 0) return true;
    if (value !== undefined && value.length > (typeof value === 'string' ? longestAtOnce : mostHeadersAtOnce)) return true;
  }
  return false;
}

function* read(headers: RequestHeaders): Work<Asked> {
  const steps = new Steps();
  const values = new Map<string, readonly string[]>();
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(extraPrefix)) continue;
    values.set(decoded(name.slice(extraPrefix.length)), headerValues(headers[name]));
    if (steps.due()) yield;
  }
  const extra: Record<string, readonly string[]> = {};
  for (const [key, value] of values) {
    setField(extra, key, value);
    if (steps.due()) yield;
  }
  return {
    name: headerValues(headers['impersonate-user'])[0] ?? '',
    uid: headerValues(headers['impersonate-uid'])[0] ?? '',
    groups: headerValues(headers['impersonate-group']),
    extra,
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
