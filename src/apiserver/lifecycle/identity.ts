// Who asks, on whose behalf, and whether they may.
import { unauthorized } from '../../apimachinery/errors/api-error.js';
import type { UserInfo } from '../../registry/kind.js';
import { clientCertificateOf } from '../authentication/client-certificate.js';
import type { Authenticator } from '../authentication/authenticator.js';
import type { Attributes, Authorizer } from '../authorization/authorizer.js';
import { forbiddenError } from '../authorization/forbidden.js';
import { asksImpersonation, impersonate } from '../authorization/impersonation.js';
import type { Exchange } from '../http/exchange.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { RequestInfo } from '../request/request-info.js';

export interface IdentityOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly metrics: ServerMetrics;
  /** Milliseconds of a monotonic clock in real time. */
  readonly now: () => number;
}

/** Who sent the request. Rejects with 401. */
export async function whoAsks({ authenticator, metrics, now }: IdentityOptions, exchange: Exchange): Promise<UserInfo> {
  const { socket } = exchange;
  const clientCertificate = socket === undefined ? undefined : clientCertificateOf(exchange.connection, socket);
  const { success, error } = metrics.requests.authentications;
  let result = error;
  const began = now();
  try {
    const user = await authenticator.authenticate({ headers: exchange.headers, clientCertificate, path: exchange.path });
    if (user === undefined) throw unauthorized();
    result = success;
    metrics.requests.user(user.name);
    return user;
  } finally {
    result.count.add();
    result.seconds.observe((now() - began) / 1000);
  }
}

/** The user whom the request is served as: who asks, or whom they may act as. Throws 403. */
export function actingAs(authorizer: Authorizer, asking: UserInfo, info: RequestInfo, { headers }: Exchange): UserInfo {
  return asksImpersonation(headers) ? impersonate(headers, attributesOf(asking, info), authorizer) : asking;
}

/** Throws 403. */
export function authorize({ authorizer, metrics, now }: IdentityOptions, attributes: Attributes): void {
  const began = now();
  const decision = authorizer.authorize(attributes);
  const { count, seconds } = metrics.requests.authorizations[decision.allowed ? 'allowed' : 'no-opinion'];
  count.add();
  seconds.observe((now() - began) / 1000);
  if (!decision.allowed) throw forbiddenError(attributes, decision);
}

/** What is asked, as authorization and flow control see it. */
export function attributesOf(user: UserInfo, info: RequestInfo): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, name } = info;
  // A namespace is asked about in itself.
  const namespace = resource === 'namespaces' && group === '' ? name : info.namespace;
  return { user, verb, group, version, resource, subresource, namespace, name };
}
