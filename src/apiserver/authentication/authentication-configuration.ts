// The file of `--authentication-config`: issuers of JSON web tokens, and where anonymous requests are taken.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { isRecord } from '../../apimachinery/object.js';
import { certificateAuthorities } from './certificate-authorities.js';

export interface JwtIssuer {
  readonly url: string;
  /** Where the issuer's document is, when not below its URL. */
  readonly discoveryURL?: string;
  /** PEM; absent: the system's authorities. */
  readonly certificateAuthority?: string;
  readonly audiences: readonly string[];
}

/** A claim and what is put before its value. */
export interface PrefixedClaim {
  readonly claim: string;
  readonly prefix: string;
}

export interface JwtAuthenticator {
  readonly issuer: JwtIssuer;
  readonly requiredClaims: readonly { readonly claim: string; readonly value: string }[];
  readonly username: PrefixedClaim;
  readonly groups: PrefixedClaim | undefined;
  readonly uid: string | undefined;
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticator[];
  /** As `AuthenticatorOptions` has it; undefined when the file says nothing. */
  readonly anonymous: boolean | ReadonlySet<string> | undefined;
}

/** The file cannot be used; `message` is the real server's. */
export class AuthenticationConfigurationError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const versions = new Set(['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`));
const mostIssuers = 64;

/** @param ownIssuers whose tokens the server knows by itself; throws {@link AuthenticationConfigurationError} */
export function readAuthenticationConfiguration(value: unknown, ownIssuers: readonly string[]): AuthenticationConfiguration {
  const errors: string[] = [];
  const unknown: string[] = [];
  const fields = (of: unknown, path: string, known: readonly string[]): Fields => {
    if (of === undefined || of === null) return {};
    if (!isRecord(of)) throw new AuthenticationConfigurationError(`${path === '' ? 'the file' : path} must be a map of fields`);
    for (const name of Object.keys(of)) if (!known.includes(name)) unknown.push(`unknown field "${path === '' ? '' : `${path}.`}${name}"`);
    return of;
  };
  const list = (of: unknown, path: string): readonly unknown[] => {
    if (of === undefined || of === null) return [];
    if (!Array.isArray(of)) throw new AuthenticationConfigurationError(`${path} must be a list`);
    return of;
  };
  const file = fields(value, '', ['apiVersion', 'kind', 'jwt', 'anonymous']);
  if (!versions.has(text(file['apiVersion'])) || file['kind'] !== 'AuthenticationConfiguration')
    throw new AuthenticationConfigurationError(
      `no kind "${text(file['kind'])}" is registered for version "${text(file['apiVersion'])}": use AuthenticationConfiguration of apiserver.config.k8s.io/v1`,
    );

  const seen = new Set<string>();
  const readIssuer = (of: unknown, path: string): JwtIssuer => {
    const issuer = fields(of, path, [
      'url',
      'discoveryURL',
      'certificateAuthority',
      'audiences',
      'audienceMatchPolicy',
      'egressSelectorType',
    ]);
    const url = text(issuer['url']);
    const discoveryURL = text(issuer['discoveryURL']);
    errors.push(...urlErrors(url, `${path}.url`, true));
    if (seen.has(url)) errors.push(`${path}.url: Duplicate value: ${JSON.stringify(url)}`);
    else if (ownIssuers.includes(url)) errors.push(`${path}.url: Invalid value: ${JSON.stringify(url)}: URL must not overlap with disallowed issuers: [${ownIssuers.join(' ')}]`); // prettier-ignore
    seen.add(url);
    if (discoveryURL !== '') {
      if (discoveryURL.replace(/\/$/, '') === url.replace(/\/$/, ''))
        errors.push(`${path}.discoveryURL: Invalid value: ${JSON.stringify(discoveryURL)}: discoveryURL must be different from URL`);
      errors.push(...urlErrors(discoveryURL, `${path}.discoveryURL`, false));
    }
    const audiences = list(issuer['audiences'], `${path}.audiences`).map(text);
    if (audiences.length === 0) errors.push(`${path}.audiences: Required value: at least one ${path}.audiences is required`);
    for (const [index, audience] of audiences.entries()) {
      if (audience === '') errors.push(`${path}.audiences[${index}]: Required value: audience can't be empty`);
      if (audiences.indexOf(audience) < index) errors.push(`${path}.audiences[${index}]: Duplicate value: ${JSON.stringify(audience)}`);
    }
    const policy = text(issuer['audienceMatchPolicy']);
    const policyPath = `${path}.audienceMatchPolicy: Invalid value: ${JSON.stringify(policy)}: audienceMatchPolicy must be`;
    if (audiences.length > 1 && policy !== 'MatchAny') errors.push(`${policyPath} MatchAny for multiple audiences`);
    else if (audiences.length <= 1 && policy !== '' && policy !== 'MatchAny')
      errors.push(`${policyPath} empty or MatchAny for single audience`);
    const certificateAuthority = text(issuer['certificateAuthority']);
    if (certificateAuthority !== '') {
      try {
        certificateAuthorities(certificateAuthority);
      } catch {
        errors.push(`${path}.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates`);
      }
    }
    return {
      url,
      audiences,
      ...(discoveryURL === '' ? {} : { discoveryURL }),
      ...(certificateAuthority === '' ? {} : { certificateAuthority }),
    };
  };

  const expressions = (of: Fields, path: string): void => {
    if (text(of['expression']) !== '')
      throw new AuthenticationConfigurationError(`${path}.expression: CEL expressions are not supported here: map a claim`);
  };
  const prefixed = (of: unknown, path: string, isRequired: boolean): PrefixedClaim | undefined => {
    const mapping = fields(of, path, ['claim', 'prefix', 'expression']);
    const claim = text(mapping['claim']);
    const expression = text(mapping['expression']);
    if (claim !== '' && expression !== '') errors.push(`${path}: Invalid value: "": claim and expression can't both be set`);
    else expressions(mapping, path);
    if (claim === '' && expression === '' && isRequired) errors.push(`${path}: Required value: claim or expression is required`);
    const { prefix } = mapping;
    if (claim !== '' && expression === '' && typeof prefix !== 'string')
      errors.push(
        `${path}.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing`,
      );
    if (claim === '' && prefix !== undefined && prefix !== null)
      errors.push(`${path}.prefix: Invalid value: ${JSON.stringify(prefix)}: prefix can't be set when claim is not set`);
    return claim === '' ? undefined : { claim, prefix: text(prefix) };
  };

  const jwt = list(file['jwt'], 'jwt').map((one, index): JwtAuthenticator => {
    const path = `jwt[${index}]`;
    const entry = fields(one, path, ['issuer', 'claimValidationRules', 'claimMappings', 'userValidationRules']);
    const issuer = readIssuer(entry['issuer'], `${path}.issuer`);
    const claims = new Set<string>();
    const requiredClaims = list(entry['claimValidationRules'], `${path}.claimValidationRules`).map((of, at) => {
      const rulePath = `${path}.claimValidationRules[${at}]`;
      const rule = fields(of, rulePath, ['claim', 'requiredValue', 'expression', 'message']);
      expressions(rule, rulePath);
      const claim = text(rule['claim']);
      if (claim === '') errors.push(`${rulePath}: Required value: claim or expression is required`);
      else if (claims.has(claim)) errors.push(`${rulePath}.claim: Duplicate value: ${JSON.stringify(claim)}`);
      claims.add(claim);
      return { claim, value: text(rule['requiredValue']) };
    });
    const mappings = fields(entry['claimMappings'], `${path}.claimMappings`, ['username', 'groups', 'uid', 'extra']);
    const username = prefixed(mappings['username'], `${path}.claimMappings.username`, true);
    const groups = prefixed(mappings['groups'], `${path}.claimMappings.groups`, false);
    const uid = fields(mappings['uid'], `${path}.claimMappings.uid`, ['claim', 'expression']);
    expressions(uid, `${path}.claimMappings.uid`);
    for (const [what, rules] of [
      ['claimMappings.extra', mappings['extra']],
      ['userValidationRules', entry['userValidationRules']],
    ] as const) {
      if (list(rules, `${path}.${what}`).length > 0)
        throw new AuthenticationConfigurationError(`${path}.${what}: CEL expressions are not supported here`);
    }
    const uidClaim = text(uid['claim']);
    return {
      issuer,
      requiredClaims,
      username: username ?? { claim: '', prefix: '' },
      groups,
      uid: uidClaim === '' ? undefined : uidClaim,
    };
  });
  if (jwt.length > mostIssuers) errors.push(`jwt: Too many: ${jwt.length}: must have at most ${mostIssuers} items`);

  const anonymous = anonymousOf(file['anonymous'], fields, list, errors);
  if (unknown.length > 0) throw new AuthenticationConfigurationError(`strict decoding error: ${unknown.join(', ')}`);
  if (errors.length > 0)
    throw new AuthenticationConfigurationError(
      `invalid authentication configuration: ${errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`}`,
    );
  return { jwt, anonymous };
}

function anonymousOf(
  value: unknown,
  fields: (of: unknown, path: string, known: readonly string[]) => Fields,
  list: (of: unknown, path: string) => readonly unknown[],
  errors: string[],
): boolean | ReadonlySet<string> | undefined {
  if (value === undefined || value === null) return undefined;
  const { enabled, conditions } = fields(value, 'anonymous', ['enabled', 'conditions']);
  const paths = list(conditions, 'anonymous.conditions').map((one, index) =>
    text(fields(one, `anonymous.conditions[${index}]`, ['path'])['path']),
  );
  if (enabled !== true && paths.length > 0) {
    const shown = `[${paths.map((path) => `{"Path":${JSON.stringify(path)}}`).join(',')}]`;
    errors.push(`anonymous.conditions: Invalid value: ${shown}: enabled should be set to true when conditions are defined`);
  }
  return paths.length === 0 ? enabled === true : new Set(paths);
}

function urlErrors(url: string, path: string, isIssuer: boolean): readonly string[] {
  if (url === '') return isIssuer ? [`${path}: Required value: URL is required`] : [];
  const wrong = (why: string): readonly string[] => [`${path}: Invalid value: ${JSON.stringify(url)}: ${why}`];
  if (!URL.canParse(url)) return wrong('URL cannot be parsed');
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== 'https:') return wrong('URL scheme must be https');
  if (username !== '' || password !== '') return wrong('URL must not contain a username or password');
  if (search !== '') return wrong('URL must not contain a query');
  return hash === '' ? [] : wrong('URL must not contain a fragment');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
