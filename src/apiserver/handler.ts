// The story of one request, from the socket to the answer. docs/architecture.md tells it with figures.
import { protobufMediaType, type ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import { quote } from '../apimachinery/schema/problems.js';
import { ApiError, badRequest, resourceNotFound, unsupportedMediaType } from '../apimachinery/errors/api-error.js';
import { errorText } from '../client/logger.js';
import { Abandoned } from '../clock/slices.js';
import type { Kind, UserInfo } from '../registry/kind.js';
import type { Aggregation } from './aggregation/index.js';
import type { Authenticator } from './authentication/authenticator.js';
import type { Authorizer } from './authorization/authorizer.js';
import { UndecidedError } from './authorization/forbidden.js';
import { Impersonation } from './authorization/impersonation.js';
import type { ApiRequest, PatchMediaType, RequestBody } from './core/api-request.js';
import type { Core } from './core/core.js';
import { checkServed, dispatch } from './core/dispatch.js';
import { isCustomGroup, isServedPath } from './customresources/served.js';
import { negotiate, negotiateStatus, type Wanted } from './encoding/media-type.js';
import { answerTo, textBytes, writeError } from './encoding/status-writer.js';
import { ClientGone, type Exchange } from './http/exchange.js';
import type { BeginAudit } from './audit/options.js';
import type { RequestAudit } from './audit/request-audit.js';
import { actingAs, attributesOf, audited, authorize, whoAsks } from './lifecycle/identity.js';
import { countServed, scopeOf, seriesOf } from './lifecycle/count.js';
import type { Lifecycle } from './lifecycle/lifecycle.js';
import type { ServedExchange } from './lifecycle/served-exchange.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import { parametersOf, readOptions, wantsWatch } from './request/options.js';
import { decodePath, resolveRequest, type RequestInfo, type ResourceRequestInfo } from './request/request-info.js';
import { jsonAnswer, respond, type Responder } from './respond.js';
import { admitConnection } from './subresources/connect-admission.js';
import { warningHeaders } from './encoding/warning-headers.js';

/** The largest body that is read, in bytes: the real server's limit. */
const largestBody = 3 * 1024 * 1024;

/** Streams to a kubelet or service behind the API (logs, exec, port-forward, proxies), by `<resource>/<subresource>`. */
export type ConnectHandler = (request: ConnectRequest) => Promise<void>;

export interface ConnectRequest {
  readonly core: Core;
  readonly exchange: Exchange;
  readonly info: ResourceRequestInfo;
  readonly kind: Kind;
  readonly user: UserInfo;
  readonly parameters: URLSearchParams;
}

export interface HandlerOptions {
  readonly core: Core;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly responder: Responder;
  readonly connects: ReadonlyMap<string, ConnectHandler>;
  /** What happens around every request: its number, its time, its turn, its counters. */
  readonly lifecycle: Lifecycle;
  readonly metrics: ServerMetrics;
  /** What other servers have. */
  readonly aggregation: Pick<Aggregation, 'find' | 'serve'>;
  /** Absent when nothing is audited. */
  readonly audit?: BeginAudit | undefined;
  /** Serves what is no resource: discovery, OpenAPI, health, version. Resolves when somebody else writes the answer. */
  routes(exchange: Exchange, user: UserInfo): Promise<void>;
  /** Milliseconds of a monotonic clock in real time. */
  readonly now: () => number;
  /** Told of errors that are bugs. */
  readonly unexpected: (error: unknown, path: string) => void;
}

const none = new URLSearchParams();
const plainText = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
const badPath = Buffer.from('400 Bad Request');
const noPage = Buffer.from('404 page not found\n');

/** Makes the function that serves every exchange. It never throws and never rejects. */
export function createHandler(options: HandlerOptions): (exchange: Exchange) => void {
  const impersonation = new Impersonation(options.authorizer);
  const served = { ...options, impersonation };
  return (received) => {
    const path = decodePath(received.path);
    if (path === undefined) return received.respond(400, { ...plainText, Connection: 'close' }, [badPath]);
    const parameters = received.query === '' ? none : parametersOf(received.query);
    const info = resolveRequest(received.method, path, parameters.size > 0 && wantsWatch(parameters));
    if (!info.isResource && info.malformed !== undefined) return received.respond(500, plainText, [Buffer.from(info.malformed)]);
    const exchange = options.lifecycle.begin(received);
    if (options.audit !== undefined) exchange.audit = options.audit(exchange, info, parameters);
    const headers: Record<string, string | readonly string[]> = {};
    serve(served, exchange, info, parameters, headers).then(
      () => exchange.served(),
      (error: unknown) => {
        answerError(options, exchange, parameters, headers, error);
        exchange.served();
      },
    );
  };
}

function answerError(
  { responder, unexpected }: HandlerOptions,
  exchange: ServedExchange,
  parameters: URLSearchParams,
  headers: Readonly<Record<string, string | readonly string[]>>,
  error: unknown,
): void {
  const { audit } = exchange;
  if (error instanceof ClientGone || error instanceof Abandoned) return audit?.broken('client disconnected');
  if (error instanceof UndecidedError) return exchange.respond(500, plainText, [Buffer.from(error.text)]);
  const form = negotiateStatus(wantedOf(exchange, parameters));
  if (audit !== undefined) tellError(audit, error);
  try {
    writeError(exchange, error, form, headers, responder.protobuf, (bug) => {
      audit?.panicked(errorText(bug));
      unexpected(bug, exchange.path);
    });
  } catch (bug) {
    // An answer that cannot be written must not end the process.
    unexpected(bug, exchange.path);
    exchange.abort();
  }
}

/** Whoever asks for no form that there is gets an answer that no event tells. */
function tellError(audit: RequestAudit, error: unknown): void {
  const { status, code } = answerTo(error);
  if (code !== 406) audit.answers(() => textBytes(status, { form: 'object', encoding: 'json', pretty: false }), true);
}

async function serve(
  options: HandlerOptions & { readonly impersonation: Impersonation },
  exchange: ServedExchange,
  info: RequestInfo,
  parameters: URLSearchParams,
  headers: Record<string, string | readonly string[]>,
): Promise<void> {
  const { core, lifecycle, metrics } = options;
  const kind = info.isResource ? core.registry.byResource(info.group, info.version, info.resource) : undefined;
  exchange.series = seriesOf(metrics, exchange, info, kind, parameters);
  if (!lifecycle.setDeadline(exchange, info, parameters)) return;
  const told = whoAsks(options, exchange);
  const asking = told instanceof Promise ? await told : told;
  if (exchange.audit !== undefined && !(await audited(exchange, exchange.audit, asking))) return;
  const acting = actingAs(options.impersonation, asking, info, exchange);
  const attributes = attributesOf(acting instanceof Promise ? await acting : acting, info, parameters);
  const { user } = attributes;
  const { audit } = exchange;
  if (user !== asking) audit?.actsAs(user);
  const turn = lifecycle.admit(exchange, info, attributes, parameters);
  if (turn instanceof Promise ? !(await turn) : !turn) return;
  const asked = authorize(options, attributes, exchange);
  if (asked instanceof Promise) await asked;
  exchange.counted = true;
  const remote = options.aggregation.find(info);
  if (remote !== undefined) return options.aggregation.serve(remote, { exchange, user, info });
  if (!info.isResource) {
    // No route has what is no UTF-8 in its name, and Express refuses to look.
    return isText(info.path) ? options.routes(exchange, user) : exchange.respond(404, plainText, [noPage]);
  }

  if (kind === undefined) {
    const knownGroup = core.registry.groups().some((group) => group.name === info.group);
    if (!knownGroup || isCustomGroup(core.registry, info.group))
      return isText(info.path) ? options.routes(exchange, user) : exchange.respond(404, plainText, [noPage]);
    throw resourceNotFound();
  }
  const isCustom = kind.customSchema !== undefined;
  if (isCustom && !isServedPath(kind, info)) return options.routes(exchange, user);
  // HEAD, OPTIONS and the like are refused wherever there is something; a proxy passes them on.
  const isProxied = info.subresource === 'proxy' && (info.method === 'HEAD' || info.method === 'OPTIONS');
  if (!info.hasVerb && !isCustom && !isProxied) checkServed(kind, info.verb, info.subresource, info.namespace, info.name, 'HEAD');
  const connect = options.connects.get(`${info.resource}/${info.subresource}`);
  if (connect !== undefined && info.group === '')
    return connect({ core, exchange, info, kind, user, parameters: await admitConnection({ core, info, kind, user, parameters }) });

  // Only a connection has anything below its subresource.
  if (info.rest !== '' && !isCustom) throw resourceNotFound();
  const wanted = wantedOf(exchange, parameters);
  const form = negotiate(wanted, {
    watch: info.verb === 'watch',
    custom: kind.customSchema !== undefined,
    watchable: info.verb === 'list' || info.verb === 'watch',
    noTable: info.verb === 'create' && (info.subresource !== '' || !kind.verbs.includes('get')),
  });
  if (!isCustom) checkServed(kind, info.verb, info.subresource, info.namespace, info.name, info.method);
  checkName(info.name);
  const mediaType = mediaTypeOf(exchange.header('content-type'));
  const patchType = info.verb === 'patch' ? patchTypeOf(mediaType) : undefined;
  const body = reads.has(info.verb)
    ? undefined
    : await bodyOf(exchange, info, mediaType, patchType, hasProtobuf(kind, info) ? options.responder.protobuf : undefined);
  // All requests have one shape: those who read them find each field in its place.
  const request: ApiRequest = {
    user,
    verb: info.verb,
    kind,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    options: readOptions(parameters, info.verb, patchType),
    query: info.verb === 'delete' || info.verb === 'deletecollection' ? parameters : undefined,
    body,
    patchType,
    userAgent: wanted.userAgent,
    warnings: kind.deprecation === undefined ? [] : [kind.deprecation],
    audit,
    waiter: exchange,
  };
  if (audit !== undefined) {
    if (kind.deprecation !== undefined) audit.annotate('k8s.io/deprecated', 'true');
    if (patchType !== undefined && request.body !== undefined && 'bytes' in request.body) audit.requestPatch(request.body.bytes);
  }
  try {
    const result = await dispatch(core, request);
    if (request.warnings.length > 0) headers['Warning'] = warningHeaders(request.warnings);
    countServed(metrics, request, result);
    if (result.type === 'watch') lifecycle.watching(exchange, kind, info);
    audit?.answers(() => jsonAnswer(options.responder, result, form, { parameters, headers }), result.type === 'status');
    const answering = respond(options.responder, exchange, result, form, { parameters, headers, waiter: exchange });
    if (answering !== undefined) await answering;
    if (request.options.sendInitialEvents === true && result.type === 'watch') {
      metrics.watches.listed(kind, scopeOf(info), (options.now() - exchange.arrived) / 1000);
    }
  } catch (error) {
    if (request.warnings.length > 0) headers['Warning'] = warningHeaders(request.warnings);
    throw error;
  }
}

/** Whether a path was UTF-8 before it was decoded. */
function isText(path: string): boolean {
  return !path.includes('\ufffd');
}

/** What no name can be, since it could not stand in a path. */
function checkName(name: string): void {
  const problem = name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : undefined;
  if (problem !== undefined) throw badRequest(`Name parameter invalid: ${quote(name)}: ${problem}`);
}

function wantedOf(exchange: Exchange, parameters: URLSearchParams): Wanted {
  return { accept: exchange.header('accept'), userAgent: exchange.header('user-agent') ?? '', pretty: parameters.get('pretty') };
}

const patchTypes: Readonly<Record<string, PatchMediaType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return '';
  const end = contentType.indexOf(';');
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim();
  // No type before the parameters is a wrong one, not none.
  return type === '' && contentType !== '' ? contentType : type;
}

function patchTypeOf(mediaType: string): PatchMediaType {
  const type = Object.hasOwn(patchTypes, mediaType) ? patchTypes[mediaType] : undefined;
  if (type === undefined) throw unsupportedMediaType('415: Unsupported Media Type', {});
  return type;
}

/** Whether a body may be protobuf: not a custom resource, but what is said about one. */
function hasProtobuf(kind: Kind, { verb, subresource }: ResourceRequestInfo): boolean {
  return kind.customSchema === undefined || subresource === 'scale' || verb === 'delete' || verb === 'deletecollection';
}

const bodyTypes = new Set(['application/json', 'application/yaml']);

/** Verbs that have no body. */
const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

async function bodyOf(
  exchange: Exchange,
  { verb }: ResourceRequestInfo,
  mediaType: string,
  patchType: PatchMediaType | undefined,
  protobuf: ProtobufCodec | undefined,
): Promise<RequestBody | undefined> {
  const bytes = await exchange.readBody(largestBody);
  const optional = verb === 'delete' || verb === 'deletecollection';
  if (optional && bytes.byteLength === 0) return undefined;
  if (patchType !== undefined) return { bytes, mediaType: patchType === 'apply' ? 'application/yaml' : 'application/json' };
  const type = mediaType.toLowerCase();
  if (type === protobufMediaType && protobuf !== undefined) return { bytes, mediaType: type, protobuf };
  if (type !== '' && !bodyTypes.has(type)) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  return { bytes, mediaType: type === '' ? 'application/json' : type };
}
