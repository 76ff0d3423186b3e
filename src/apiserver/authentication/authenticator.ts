// Who is asking: turns what came with a request into a user.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/
import { unauthorized } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import { bearerToken, type RequestHeaders } from './bearer-token.js';
import type { ClientCertificate } from './client-certificate.js';
import { anonymousUser, authenticated } from './groups.js';
import type { RequestHeaderAuthenticator } from './request-header.js';
import type { AuthenticationNote, TokenAnswer, TokenAuthenticator } from './token-authenticator.js';

export type { AuthenticationNote, TokenAnswer, TokenAuthenticator } from './token-authenticator.js';

/** The part of a request that says who asks; no transport's own type. Node's header objects of HTTP/1.1 and HTTP/2 fit. */
export interface AuthenticationRequest {
  /** Lower-case names. Read: `authorization`, and of a WebSocket's request `sec-websocket-protocol`. */
  readonly headers: RequestHeaders;
  /** All headers, each value as it was sent: for names of users and groups, which may have commas in them. `headers` when absent. */
  readonly distinct?: (() => RequestHeaders) | undefined;
  /** From `clientCertificateOf`; absent when the client showed none. The same object for all requests of a connection. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Without the query; read when anonymous requests are taken on some paths only. */
  readonly path?: string | undefined;
  /** For what the audit event of the request tells of how the user was found out. */
  readonly note?: AuthenticationNote | undefined;
  /** Takes what the client is to be warned of. */
  readonly warn?: ((text: string) => void) | undefined;
}

/** Tells who asks. */
export interface Authenticator {
  /**
   * The user; undefined when nothing says who asks and anonymous requests are not taken (the caller answers 401). Rejects with the
   * API error 401 when a certificate or token is wrong and nothing else is right. Whom a certificate names is told at once.
   */
  authenticate(request: AuthenticationRequest): UserInfo | Promise<UserInfo | undefined>;
}

export interface AuthenticatorOptions {
  /** Ways to check bearer tokens, asked in this order. */
  readonly tokens?: readonly TokenAuthenticator[];
  /** Whether a request without credentials is `system:anonymous` (true when absent), or the only paths on which it is. */
  readonly anonymous?: boolean | ReadonlySet<string>;
  /** Proxies that name their users; asked before everything else. */
  readonly requestHeader?: RequestHeaderAuthenticator | undefined;
}

/** The server's authenticator: proxy's headers, client certificate, then bearer token, then anonymous. */
export function createAuthenticator({ tokens = [], anonymous = true, requestHeader }: AuthenticatorOptions): Authenticator {
  const byToken = async (request: AuthenticationRequest, proxy: boolean): Promise<UserInfo | undefined> => {
    const { headers, clientCertificate, path, note, warn } = request;
    const token = bearerToken(headers);
    if (token !== undefined) {
      const answer = await authenticateToken(tokens, token, undefined, note);
      if (answer.user !== undefined) {
        for (const text of answer.warnings ?? []) warn?.(text);
        return authenticated(answer.user);
      }
    }
    if (token !== undefined || proxy || clientCertificate?.verified === false) throw unauthorized();
    const taken = typeof anonymous === 'boolean' ? anonymous : path !== undefined && anonymous.has(path);
    return taken ? anonymousUser : undefined;
  };
  return {
    authenticate(request) {
      const { headers, distinct = () => headers, clientCertificate } = request;
      const named = requestHeader?.authenticate(distinct, clientCertificate);
      if (named !== undefined) return named;
      const proxy = clientCertificate !== undefined && requestHeader?.isProxyOnly(clientCertificate) === true;
      // A wrong certificate does not stop a right token, nor the other way round.
      if (clientCertificate?.verified === true && !proxy && clientCertificate.user !== undefined) return clientCertificate.user;
      return byToken(request, proxy);
    },
  };
}

/** Asks one way after the other; the errors of all when none knows the token. */
export async function authenticateToken(
  tokens: readonly TokenAuthenticator[],
  token: string,
  audiences?: readonly string[],
  note?: AuthenticationNote,
): Promise<TokenAnswer & { readonly errors: readonly string[] }> {
  const errors: string[] = [];
  for (const way of tokens) {
    const answer = await way.authenticateToken(token, audiences, note);
    if (answer.user !== undefined) return { ...answer, errors };
    if (answer.error !== undefined) errors.push(answer.error);
  }
  return { user: undefined, errors };
}
