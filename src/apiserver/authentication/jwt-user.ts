// Who the bearer of a JSON web token is: claims become a name, groups, a uid and more, and rules have their say.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { isRecord } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import type { ClaimExpression, JwtAuthenticator, PrefixedClaim, ValidationRule } from './jwt-configuration.js';
import { evaluateExpression, textsIn } from './claim-expressions.js';

export type Claims = Readonly<Record<string, unknown>>;

/** A token says something that it must not; the message is the real server's. */
export class TokenError extends Error {
  /** @param bare the message is told without saying that it is about OpenID Connect */
  constructor(
    message: string,
    readonly bare = false,
  ) {
    super(message);
  }
}

/** Throws {@link TokenError}. The signature has been checked. */
export function userOf(settings: JwtAuthenticator, claims: Claims): UserInfo {
  const variables = { claims };
  const name = usernameOf(settings.username, claims);
  const groups = settings.groups === undefined ? [] : groupsOf(settings.groups, claims);
  for (const { claim, value } of settings.requiredClaims) {
    if (claims[claim] === undefined) throw new TokenError(`required claim ${claim} not present in ID token`);
    const got = textClaim(claims, claim, `parse claim ${claim}`);
    if (got !== value) throw new TokenError(`required claim ${claim} value does not match. Got = ${got}, want = ${value}`);
  }
  checkRules(settings.claimRules, variables, 'claim validation expression');
  const uid = uidOf(settings.uid, claims);
  const extra = extraOf(settings, claims);
  checkRules(settings.userRules, { user: { username: name, uid, groups, extra } }, 'user info validation rule');
  return { name, groups, ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}

function usernameOf(mapping: PrefixedClaim | ClaimExpression, claims: Claims): string {
  if ('claim' in mapping) {
    const name = textClaim(claims, mapping.claim, `parse username claims ${JSON.stringify(mapping.claim)}`);
    if (mapping.claim === 'email') checkVerified(claims);
    return `${mapping.prefix}${name}`;
  }
  const name = textOf(mapping, claims, 'username');
  if (name === '') throw new TokenError('empty username via CEL expression is not allowed');
  return name;
}

function textOf({ program }: ClaimExpression, claims: Claims, what: 'username' | 'uid'): string {
  const result = evaluateExpression(program, { claims });
  if ('value' in result && typeof result.value === 'string') return result.value;
  const why = 'error' in result ? result.error : `${what} claim expression must return a string`;
  throw new TokenError(`error evaluating ${what} claim expression: ${why}`);
}

function groupsOf(mapping: PrefixedClaim | ClaimExpression, claims: Claims): readonly string[] {
  if ('claim' in mapping) return groupsIn(claims, mapping.claim).map((group) => `${mapping.prefix}${group}`);
  const result = evaluateExpression(mapping.program, { claims });
  const texts = 'value' in result ? textsIn(result.value) : undefined;
  if (texts !== undefined) return texts;
  const why = 'error' in result ? result.error : 'expression must return a string or a list of strings';
  throw new TokenError(`error evaluating group claim expression: ${why}`);
}

function uidOf(mapping: JwtAuthenticator['uid'], claims: Claims): string {
  if (mapping === undefined) return '';
  return typeof mapping === 'string'
    ? textClaim(claims, mapping, `parse uid claim ${JSON.stringify(mapping)}`)
    : textOf(mapping, claims, 'uid');
}

function extraOf({ extra }: JwtAuthenticator, claims: Claims): Readonly<Record<string, readonly string[]>> {
  const { jti } = claims;
  const entries: [string, readonly string[]][] =
    typeof jti === 'string' && jti !== '' ? [['authentication.kubernetes.io/credential-id', [`JTI=${jti}`]]] : [];
  for (const { key, program } of extra) {
    const result = evaluateExpression(program, { claims });
    if ('error' in result) throw new TokenError(result.error, true);
    const texts = textsIn(result.value);
    if (texts === undefined) {
      const why = 'expression must return a string or a list of strings';
      throw new TokenError(`error evaluating extra claim expression: ${program.expression}: ${why}`);
    }
    if (texts.length > 0) entries.push([key, texts]);
  }
  return Object.fromEntries(entries);
}

/** The first that is not true is told. */
function checkRules(rules: readonly ValidationRule[], variables: Readonly<Record<string, unknown>>, what: string): void {
  for (const { program, message } of rules) {
    const result = evaluateExpression(program, variables);
    if ('error' in result) throw new TokenError(`error evaluating ${what}: ${result.error}`);
    if (result.value !== true)
      throw new TokenError(`error evaluating ${what}: validation expression '${program.expression}' failed: ${message}`);
  }
}

function textClaim(claims: Claims, name: string, doing: string): string {
  // A name such as `constructor` is no claim.
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) throw new TokenError(`${doing}: claim not present`);
  if (typeof value !== 'string') throw new TokenError(`${doing}: json: cannot unmarshal ${claimKind(value)} into Go value of type string`);
  return value;
}

/** A user must not be somebody by an address that nobody has checked. */
function checkVerified(claims: Claims): void {
  const verified = claims['email_verified'];
  if (verified === undefined) return;
  if (typeof verified !== 'boolean')
    throw new TokenError(`parse 'email_verified' claim: json: cannot unmarshal ${claimKind(verified)} into Go value of type bool`);
  if (!verified) throw new TokenError('email not verified');
}

function groupsIn(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value;
  throw new TokenError(
    `parse groups claim ${JSON.stringify(name)}: json: cannot unmarshal ${claimKind(value)} into Go value of type string`,
  );
}

export function claimKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isRecord(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
}
