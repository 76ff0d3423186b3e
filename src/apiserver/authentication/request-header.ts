// Users named by a proxy that has authenticated them itself: `--requestheader-…`.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy
import type { UserInfo } from '../../registry/kind.js';
import { headerValues, type RequestHeaders } from './bearer-token.js';
import type { CertificateAuthorities } from './certificate-authorities.js';
import type { ClientCertificate } from './client-certificate.js';
import { authenticated } from './groups.js';

export interface RequestHeaderOptions {
  /** Who signs the certificates of proxies. */
  readonly authorities: CertificateAuthorities;
  /** Common names of proxies; empty: any that the authority signed. */
  readonly allowedNames?: readonly string[] | undefined;
  /** Headers with the user's name, the first that is there counts. */
  readonly usernameHeaders?: readonly string[] | undefined;
  readonly uidHeaders?: readonly string[] | undefined;
  readonly groupHeaders?: readonly string[] | undefined;
  /** What headers with extra fields begin with. */
  readonly extraHeadersPrefix?: readonly string[] | undefined;
}

export interface RequestHeaderAuthenticator {
  /** Whom the proxy names; undefined when the client is no proxy or names nobody: then the headers mean nothing. */
  authenticate(headers: () => RequestHeaders, certificate: ClientCertificate | undefined): UserInfo | undefined;
  /** Whether only proxies have such certificates: then they prove nobody's own name. */
  isProxyOnly(certificate: ClientCertificate): boolean;
}

const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());

/** Names of headers are compared without case; keys of extra fields are lower case and percent-decoded. */
export function createRequestHeaderAuthenticator(options: RequestHeaderOptions, own: CertificateAuthorities): RequestHeaderAuthenticator {
  const { authorities, allowedNames = [] } = options;
  const usernames = lower(options.usernameHeaders ?? []);
  const uids = lower(options.uidHeaders ?? []);
  const groupNames = lower(options.groupHeaders ?? []);
  const prefixes = lower(options.extraHeadersPrefix ?? []).filter((prefix) => prefix !== '');
  const first = (headers: RequestHeaders, names: readonly string[]): string => {
    for (const name of names) {
      const [value = ''] = headerValues(headers[name]);
      if (value !== '') return value;
    }
    return '';
  };
  return {
    isProxyOnly: (certificate) => certificate.verified && !own.signed(certificate),
    authenticate(given, certificate) {
      if (certificate?.verified !== true || !authorities.signed(certificate)) return undefined;
      if (allowedNames.length > 0 && !allowedNames.includes(certificate.commonName)) return undefined;
      const headers = given();
      const name = first(headers, usernames);
      if (name === '') return undefined;
      const groups = groupNames.flatMap((header) => headerValues(headers[header])).filter((group) => group !== '');
      const uid = first(headers, uids);
      const extra = new Map<string, readonly string[]>();
      for (const header in headers) {
        const prefix = prefixes.find((one) => header.startsWith(one));
        if (prefix === undefined) continue;
        const key = decoded(header.slice(prefix.length));
        extra.set(key, [...(extra.get(key) ?? []), ...headerValues(headers[header])]);
      }
      // A proxy may say that it did not find out who asks.
      return authenticated({
        name,
        groups,
        ...(uid === '' ? {} : { uid }),
        // Not assigned key by key: a key may be `__proto__`.
        ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
      });
    },
  };
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
