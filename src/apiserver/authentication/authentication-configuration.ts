// The file of `--authentication-config`: issuers of JSON web tokens, and where anonymous requests are taken.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { duplicate, invalid, required, tooMany, type FieldError } from '../../apimachinery/errors/field-error.js';
import { certificateAuthorities } from './certificate-authorities.js';
import { claimRulesOf, extraOf, mapped, uidOf, unverifiedEmail, userRulesOf } from './claim-configuration.js';
import { claimEnvironments, type ClaimEnvironments } from './claim-expressions.js';
import {
  ConfigurationFileError,
  decodeConfiguration,
  listOf,
  structOf,
  textOf,
  type Fields,
  type FileKind,
  type Shape,
} from './configuration-file.js';
import type { JwtAuthenticator, JwtIssuer } from './jwt-configuration.js';

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticator[];
  /** As `AuthenticatorOptions` has it; undefined when the file says nothing. */
  readonly anonymous: boolean | ReadonlySet<string> | undefined;
}

/** The file cannot be used; `message` is the real server's. */
export class AuthenticationConfigurationError extends Error {}

const mapping = (struct: string): Shape => ({ struct, fields: { claim: 'string', prefix: 'string', expression: 'string' } });

const fileKind: FileKind = {
  kind: 'AuthenticationConfiguration',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  struct: 'AuthenticationConfiguration',
  fields: {
    jwt: {
      list: {
        struct: 'JWTAuthenticator',
        fields: {
          issuer: {
            struct: 'Issuer',
            fields: {
              url: 'string',
              discoveryURL: 'string',
              certificateAuthority: 'string',
              audiences: { list: 'string' },
              audienceMatchPolicy: 'string',
              egressSelectorType: 'string',
            },
          },
          claimValidationRules: {
            list: {
              struct: 'ClaimValidationRule',
              fields: { claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' },
            },
          },
          claimMappings: {
            struct: 'ClaimMappings',
            fields: {
              username: mapping('PrefixedClaimOrExpression'),
              groups: mapping('PrefixedClaimOrExpression'),
              uid: { struct: 'ClaimOrExpression', fields: { claim: 'string', expression: 'string' } },
              extra: { list: { struct: 'ExtraMapping', fields: { key: 'string', valueExpression: 'string' } } },
            },
          },
          userValidationRules: { list: { struct: 'UserValidationRule', fields: { expression: 'string', message: 'string' } } },
        },
      },
    },
    anonymous: {
      struct: 'AnonymousAuthConfig',
      fields: { enabled: 'bool', conditions: { list: { struct: 'AnonymousAuthCondition', fields: { path: 'string' } } } },
    },
  },
};
const mostIssuers = 64;

/** @param ownIssuers whose tokens the server knows by itself; throws {@link AuthenticationConfigurationError} */
export function readAuthenticationConfiguration(value: unknown, ownIssuers: readonly string[]): AuthenticationConfiguration {
  let file: Fields;
  try {
    file = decodeConfiguration(value, fileKind);
  } catch (error) {
    throw error instanceof ConfigurationFileError ? new AuthenticationConfigurationError(error.message) : error;
  }
  const errors: FieldError[] = [];
  const environments = claimEnvironments();
  const seen: Seen = { urls: new Set(), discoveryURLs: new Set(), ownIssuers };
  const list = listOf(file['jwt']).map(structOf);
  const jwt = list.map((one, index) => readIssuer(one, `jwt[${index}]`, seen, environments, errors));
  if (jwt.length > mostIssuers) errors.push(tooMany('jwt', jwt.length, mostIssuers));
  const anonymous = anonymousOf(file['anonymous'], errors);
  if (errors.length > 0) {
    const texts = errors.map(({ field, message }) => `${field}: ${message}`);
    throw new AuthenticationConfigurationError(
      `invalid authentication configuration: ${texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`}`,
    );
  }
  return { jwt, anonymous };
}

interface Seen {
  readonly urls: Set<string>;
  readonly discoveryURLs: Set<string>;
  readonly ownIssuers: readonly string[];
}

function readIssuer(entry: Fields, path: string, seen: Seen, environments: ClaimEnvironments, errors: FieldError[]): JwtAuthenticator {
  const issuer = issuerOf(structOf(entry['issuer']), `${path}.issuer`, seen, errors);
  const rules = listOf(entry['claimValidationRules']).map(structOf);
  const { requiredClaims, claimRules } = claimRulesOf(rules, `${path}.claimValidationRules`, environments, errors);
  const mappings = structOf(entry['claimMappings']);
  const at = `${path}.claimMappings`;
  const username = mapped(mappings['username'], `${at}.username`, environments, errors);
  if (username === undefined) errors.push(required(`${at}.username`, 'claim or expression is required'));
  errors.push(...unverifiedEmail(mappings, rules, `${at}.username.expression`, environments));
  const groups = mapped(mappings['groups'], `${at}.groups`, environments, errors);
  const uid = uidOf(structOf(mappings['uid']), `${at}.uid`, environments, errors);
  const extra = extraOf(listOf(mappings['extra']).map(structOf), `${at}.extra`, environments, errors);
  const userRules = userRulesOf(listOf(entry['userValidationRules']).map(structOf), `${path}.userValidationRules`, environments, errors);
  return { issuer, requiredClaims, claimRules, username: username ?? { claim: '', prefix: '' }, groups, uid, extra, userRules };
}

function issuerOf(issuer: Fields, path: string, { urls, discoveryURLs, ownIssuers }: Seen, errors: FieldError[]): JwtIssuer {
  const url = textOf(issuer['url']);
  const discoveryURL = textOf(issuer['discoveryURL']);
  errors.push(...urlErrors(url, `${path}.url`, true));
  if (urls.has(url)) errors.push(duplicate(`${path}.url`, url));
  else if (ownIssuers.includes(url)) errors.push(invalid(`${path}.url`, url, `URL must not overlap with disallowed issuers: [${ownIssuers.join(' ')}]`)); // prettier-ignore
  urls.add(url);
  if (discoveryURL !== '') {
    if (discoveryURL.replace(/\/$/, '') === url.replace(/\/$/, ''))
      errors.push(invalid(`${path}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL'));
    errors.push(...urlErrors(discoveryURL, `${path}.discoveryURL`, false));
    if (discoveryURLs.has(discoveryURL)) errors.push(duplicate(`${path}.discoveryURL`, discoveryURL));
    discoveryURLs.add(discoveryURL);
  }
  const audiences = listOf(issuer['audiences']).map(textOf);
  if (audiences.length === 0) errors.push(required(`${path}.audiences`, `at least one ${path}.audiences is required`));
  for (const [index, audience] of audiences.entries()) {
    if (audience === '') errors.push(required(`${path}.audiences[${index}]`, "audience can't be empty"));
    if (audiences.indexOf(audience) < index) errors.push(duplicate(`${path}.audiences[${index}]`, audience));
  }
  const policy = textOf(issuer['audienceMatchPolicy']);
  const wrongPolicy = (why: string): FieldError => invalid(`${path}.audienceMatchPolicy`, policy, `audienceMatchPolicy must be ${why}`);
  if (audiences.length > 1 && policy !== 'MatchAny') errors.push(wrongPolicy('MatchAny for multiple audiences'));
  else if (audiences.length <= 1 && policy !== '' && policy !== 'MatchAny')
    errors.push(wrongPolicy('empty or MatchAny for single audience'));
  const certificateAuthority = textOf(issuer['certificateAuthority']);
  if (certificateAuthority !== '') {
    try {
      certificateAuthorities(certificateAuthority);
    } catch {
      errors.push(invalid(`${path}.certificateAuthority`, '<omitted>', 'data does not contain any valid RSA or ECDSA certificates'));
    }
  }
  // There is one network here: where to leave it is checked, and has no effect.
  const egress = textOf(issuer['egressSelectorType']);
  if (egress !== '' && egress !== 'controlplane' && egress !== 'cluster')
    errors.push(invalid(`${path}.egressSelectorType`, egress, 'egress selector must be either controlplane or cluster'));
  return {
    url,
    audiences,
    ...(discoveryURL === '' ? {} : { discoveryURL }),
    ...(certificateAuthority === '' ? {} : { certificateAuthority }),
  };
}

function anonymousOf(value: unknown, errors: FieldError[]): boolean | ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  const { enabled, conditions } = structOf(value);
  const paths = listOf(conditions).map((one) => textOf(structOf(one)['path']));
  if (enabled !== true && paths.length > 0) {
    const shown = paths.map((path) => ({ Path: path }));
    errors.push(invalid('anonymous.conditions', shown, 'enabled should be set to true when conditions are defined'));
  }
  return paths.length === 0 ? enabled === true : new Set(paths);
}

function urlErrors(url: string, path: string, isIssuer: boolean): readonly FieldError[] {
  if (url === '') return isIssuer ? [required(path, 'URL is required')] : [];
  const wrong = (why: string): readonly FieldError[] => [invalid(path, url, why)];
  if (!URL.canParse(url)) return wrong('URL cannot be parsed');
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== 'https:') return wrong('URL scheme must be https');
  if (username !== '' || password !== '') return wrong('URL must not contain a username or password');
  if (search !== '') return wrong('URL must not contain a query');
  return hash === '' ? [] : wrong('URL must not contain a fragment');
}
