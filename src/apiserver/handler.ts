// The story of one request, from the socket to the answer. docs/architecture.md tells it with figures.
import { protobufMediaType, type ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import { ApiError, badRequest, resourceNotFound, unauthorized, unsupportedMediaType } from '../apimachinery/errors/api-error.js';
import type { Kind, UserInfo } from '../registry/kind.js';
import { clientCertificateOf } from './authentication/client-certificate.js';
import type { Authenticator } from './authentication/authenticator.js';
import type { Attributes, Authorizer } from './authorization/authorizer.js';
import { forbiddenError } from './authorization/forbidden.js';
import { asksImpersonation, impersonate } from './authorization/impersonation.js';
import type { ApiRequest, PatchMediaType, RequestBody } from './core/api-request.js';
import type { Core } from './core/core.js';
import { checkServed, dispatch } from './core/dispatch.js';
import { negotiate, negotiateStatus, type Wanted } from './encoding/media-type.js';
import { writeError } from './encoding/status-writer.js';
import { ClientGone, type Exchange } from './http/exchange.js';
import { parametersOf, readOptions, wantsWatch } from './request/options.js';
import { decodePath, resolveRequest, type RequestInfo, type ResourceRequestInfo } from './request/request-info.js';
import { respond, type Responder } from './respond.js';
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
  /** Serves what is no resource: discovery, OpenAPI, health, version. */
  routes(exchange: Exchange, user: UserInfo): void;
  /** Told of errors that are bugs. */
  unexpected(error: unknown, path: string): void;
}

const none = new URLSearchParams();
const plainText = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
const badPath = Buffer.from('400 Bad Request');
const noPage = Buffer.from('404 page not found\n');
const noStore = { 'Cache-Control': 'no-cache, private' };

/** Makes the function that serves every exchange. It never throws and never rejects. */
export function createHandler(options: HandlerOptions): (exchange: Exchange) => void {
  return (exchange) => {
    const parameters = exchange.query === '' ? none : parametersOf(exchange.query);
    const headers: Record<string, string | readonly string[]> = { 'Audit-Id': options.core.random.uid(), ...noStore };
    serve(options, exchange, parameters, headers).catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      const form = negotiateStatus(wantedOf(exchange, parameters));
      try {
        writeError(exchange, error, form, headers, options.responder.protobuf, (bug) => options.unexpected(bug, exchange.path));
      } catch (bug) {
        // An answer that cannot be written must not end the process.
        options.unexpected(bug, exchange.path);
        exchange.abort();
      }
    });
  };
}

async function serve(
  options: HandlerOptions,
  exchange: Exchange,
  parameters: URLSearchParams,
  headers: Record<string, string | readonly string[]>,
): Promise<void> {
  const { core } = options;
  const path = decodePath(exchange.path);
  if (path === undefined) return exchange.respond(400, { ...plainText, Connection: 'close' }, [badPath]);
  const info = resolveRequest(exchange.method, path, parameters.size > 0 && wantsWatch(parameters));
  const user = authorized(options.authorizer, await whoAsks(options, exchange), info, exchange);
  if (!info.isResource) {
    // No route has what is no UTF-8 in its name, and Express refuses to look.
    if (path.includes('\ufffd')) return exchange.respond(404, plainText, [noPage]);
    return options.routes(exchange, user);
  }

  const kind = core.registry.byResource(info.group, info.version, info.resource);
  if (kind === undefined) {
    const knownGroup = core.registry.groups().some((group) => group.name === info.group);
    if (!knownGroup) return options.routes(exchange, user);
    throw resourceNotFound();
  }
  const connect = options.connects.get(`${info.resource}/${info.subresource}`);
  if (connect !== undefined && info.group === '') return connect({ core, exchange, info, kind, user, parameters });

  // Only a connection has anything below its subresource.
  if (info.rest !== '') throw resourceNotFound();
  const wanted = wantedOf(exchange, parameters);
  const form = negotiate(wanted, { watch: info.verb === 'watch', custom: kind.customSchema !== undefined });
  checkServed(kind, info.verb, info.subresource, info.namespace, info.name, info.method);
  checkName(info.name);
  const mediaType = mediaTypeOf(exchange.header('content-type'));
  const patchType = info.verb === 'patch' ? patchTypeOf(mediaType) : undefined;
  const request: ApiRequest = {
    user,
    verb: info.verb,
    kind,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    options: readOptions(parameters, info.verb, patchType),
    userAgent: wanted.userAgent,
    warnings: kind.deprecation === undefined ? [] : [kind.deprecation],
    ...(patchType === undefined ? {} : { patchType }),
    ...(await bodyOf(exchange, info, mediaType, patchType, hasProtobuf(kind, info) ? options.responder.protobuf : undefined)),
  };
  try {
    const result = await dispatch(core, request);
    if (request.warnings.length > 0) headers['Warning'] = warningHeaders(request.warnings);
    respond(options.responder, exchange, result, form, { parameters, headers });
  } catch (error) {
    if (request.warnings.length > 0) headers['Warning'] = warningHeaders(request.warnings);
    throw error;
  }
}

/** What no name can be, since it could not stand in a path. */
function checkName(name: string): void {
  const problem = name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : undefined;
  if (problem !== undefined) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${problem}`);
}

function wantedOf(exchange: Exchange, parameters: URLSearchParams): Wanted {
  return { accept: exchange.header('accept'), userAgent: exchange.header('user-agent') ?? '', pretty: parameters.get('pretty') };
}

async function whoAsks({ authenticator }: HandlerOptions, exchange: Exchange): Promise<UserInfo> {
  const { socket } = exchange;
  const clientCertificate = socket === undefined ? undefined : clientCertificateOf(exchange.connection, socket);
  const user = await authenticator.authenticate({ headers: exchange.headers, clientCertificate });
  if (user === undefined) throw unauthorized();
  return user;
}

/** The user whom the request is served as: who asks, or whom they may act as. Throws 403. */
function authorized(authorizer: Authorizer, asking: UserInfo, info: RequestInfo, exchange: Exchange): UserInfo {
  const { headers } = exchange;
  const user = asksImpersonation(headers) ? impersonate(headers, attributesOf(asking, info), authorizer) : asking;
  const attributes = attributesOf(user, info);
  const decision = authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision);
  return user;
}

function attributesOf(user: UserInfo, info: RequestInfo): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, name } = info;
  // A namespace is asked about in itself.
  const namespace = resource === 'namespaces' && group === '' ? name : info.namespace;
  return { user, verb, group, version, resource, subresource, namespace, name };
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

async function bodyOf(
  exchange: Exchange,
  { verb }: ResourceRequestInfo,
  mediaType: string,
  patchType: PatchMediaType | undefined,
  protobuf: ProtobufCodec | undefined,
): Promise<{ body?: RequestBody }> {
  if (verb === 'get' || verb === 'list' || verb === 'watch') return {};
  const bytes = await exchange.readBody(largestBody);
  const optional = verb === 'delete' || verb === 'deletecollection';
  if (optional && bytes.byteLength === 0) return {};
  if (patchType !== undefined) return { body: { bytes, mediaType: patchType === 'apply' ? 'application/yaml' : 'application/json' } };
  const type = mediaType.toLowerCase();
  if (type === protobufMediaType && protobuf !== undefined) return { body: { bytes, mediaType: type, protobuf } };
  if (type !== '' && !bodyTypes.has(type)) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  return { body: { bytes, mediaType: type === '' ? 'application/json' : type } };
}
