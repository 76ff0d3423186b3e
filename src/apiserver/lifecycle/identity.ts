// Who asks, on whose behalf, and whether they may.
import { unauthorized } from '../../apimachinery/errors/api-error.js';
import { nextTurn } from '../../clock/slices.js';
import type { UserInfo } from '../../registry/kind.js';
import type { RequestHeaders } from '../authentication/bearer-token.js';
import { clientCertificateOf } from '../authentication/client-certificate.js';
import type { Authenticator } from '../authentication/authenticator.js';
import type { Attributes, Authorizer, Decision } from '../authorization/authorizer.js';
import { forbiddenError, UndecidedError } from '../authorization/forbidden.js';
import { asksImpersonation, hasManyHeaders, type Impersonation } from '../authorization/impersonation.js';
import { selectedName, selectorsOf } from '../authorization/request-selectors.js';
import type { Exchange } from '../http/exchange.js';
import type { RequestAudit } from '../audit/request-audit.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { RequestInfo } from '../request/request-info.js';
import type { ServedExchange } from './served-exchange.js';

const plainText = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };

export interface IdentityOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly metrics: ServerMetrics;
  /** Milliseconds of a monotonic clock in real time. */
  readonly now: () => number;
}

/** Who sent the request: at once when the connection's certificate says so. Throws, or rejects with, 401. */
export function whoAsks(options: IdentityOptions, exchange: ServedExchange): UserInfo | Promise<UserInfo> {
  const { authenticator, now } = options;
  const { socket, audit } = exchange;
  const clientCertificate = socket === undefined ? undefined : clientCertificateOf(exchange.connection, socket);
  const note = audit === undefined ? undefined : audit.annotate.bind(audit);
  const distinct = (): RequestHeaders => exchange.distinctHeaders();
  const began = now();
  const found = authenticator.authenticate({
    headers: exchange.headers,
    distinct,
    clientCertificate,
    path: exchange.path,
    note,
    warn: (text) => exchange.warn(text),
  });
  if (!(found instanceof Promise)) return known(options, found, began);
  return found.then(
    (user) => known(options, user, began),
    (error: unknown) => {
      const { count, seconds } = options.metrics.requests.authentications.error;
      count.add();
      seconds.observe((now() - began) / 1000);
      throw error;
    },
  );
}

/** Counts an answer of the authenticator. Throws 401 when it is nobody. */
function known({ metrics, now }: IdentityOptions, user: UserInfo | undefined, began: number): UserInfo {
  const { success, error } = metrics.requests.authentications;
  const { count, seconds } = user === undefined ? error : success;
  count.add();
  seconds.observe((now() - began) / 1000);
  if (user === undefined) throw unauthorized();
  metrics.requests.user(user.name);
  return user;
}

/** The audit of a request is told who asks. False for a request whose event had to be written first and could not be: it has been answered. */
export async function audited(exchange: ServedExchange, audit: RequestAudit, asking: UserInfo): Promise<boolean> {
  const goesOn = await audit.authenticated(asking);
  // Nobody audits it, or nobody can.
  if (audit.level === 'None' || !goesOn) exchange.audit = undefined;
  if (!goesOn) exchange.respond(500, plainText, [Buffer.from(new UndecidedError(targetOf(exchange), 'failed to store audit event').text)]);
  return goesOn;
}

/** The user whom the request is served as: who asks, or whom they may act as. Rejects with 403. */
export function actingAs(
  impersonation: Impersonation,
  asking: UserInfo,
  info: RequestInfo,
  exchange: ServedExchange,
): UserInfo | Promise<UserInfo> {
  if (!asksImpersonation(exchange.headers)) return asking;
  const constrained = (constraint: string): void => exchange.audit?.constrained(constraint);
  const asked = (): Promise<UserInfo> => impersonation.userFor(exchange.distinctHeaders(), attributesOf(asking, info), constrained);
  return hasManyHeaders(exchange.headers) ? nextTurn().then(asked) : asked();
}

/** Throws 403, or a 500 when nobody could tell; a promise when others have to be asked first. */
export function authorize(options: IdentityOptions, attributes: Attributes, exchange: ServedExchange): void | Promise<void> {
  const began = options.now();
  const decision = options.authorizer.authorize(attributes);
  if (decision instanceof Promise) return decision.then((answer) => heed(options, attributes, answer, began, exchange));
  heed(options, attributes, decision, began, exchange);
}

function heed(
  { metrics, now }: IdentityOptions,
  attributes: Attributes,
  decision: Decision,
  began: number,
  exchange: ServedExchange,
): void {
  const { audit } = exchange;
  if (decision.allowed || decision.error === undefined)
    audit?.annotate('authorization.k8s.io/decision', decision.allowed ? 'allow' : 'forbid');
  audit?.annotate('authorization.k8s.io/reason', decision.allowed || decision.error === undefined ? decision.reason : 'internal error');
  const { count, seconds } = metrics.requests.authorizations[resultOf(decision)];
  count.add();
  seconds.observe((now() - began) / 1000);
  if (decision.allowed) return;
  if (decision.error === undefined) throw forbiddenError(attributes, decision);
  throw new UndecidedError(targetOf(exchange), decision.error);
}

function targetOf({ path, query }: Exchange): string {
  return query === '' ? path : `${path}?${query}`;
}

function resultOf({ allowed, denied, error }: Decision): 'allowed' | 'denied' | 'error' | 'no-opinion' {
  if (allowed) return 'allowed';
  if (error !== undefined) return 'error';
  return denied === true ? 'denied' : 'no-opinion';
}

const noParameters = new URLSearchParams();

/** What is asked, as authorization and flow control see it. */
export function attributesOf(user: UserInfo, info: RequestInfo, parameters: URLSearchParams = noParameters): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource } = info;
  let { name } = info;
  // A namespace is asked about in itself.
  const namespace = resource === 'namespaces' && group === '' ? name : info.namespace;
  const many = parameters.size > 0 && (verb === 'list' || verb === 'watch' || verb === 'deletecollection');
  const selectors = many ? selectorsOf(parameters) : undefined;
  if (selectors === undefined) return { user, verb, group, version, resource, subresource, namespace, name };
  if (name === '' && verb !== 'deletecollection') name = selectedName(selectors, parameters.get('fieldSelector') ?? '');
  return { user, verb, group, version, resource, subresource, namespace, name, selectors };
}
