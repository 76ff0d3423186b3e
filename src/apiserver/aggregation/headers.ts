// What is passed on of a request's headers, and what the backend is told of who asks.
// https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#original-request-username-and-group
import type { UserInfo } from '../../registry/kind.js';
import type { Exchange, ResponseHeaders } from '../http/exchange.js';

/** Names in lower case; several values of one name are a list. Without a prototype: clients choose the names. */
export type OutgoingHeaders = Record<string, string | string[]>;

/** They are about one connection, not about the request. https://www.rfc-editor.org/rfc/rfc9110#name-connection */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
/** The backend learns who asks from this server, not how they showed it. */
const ofIdentity = new Set(['authorization', 'x-remote-user', 'x-remote-uid', 'x-remote-group']);
const identityPrefixes = ['x-remote-extra-', 'impersonate-'];
const elsewhere = new Set(['host', 'expect', 'audit-id', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-uri', '__proto__']);
/** A subprotocol of WebSocket that carries a token, as browsers send it. */
const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';

/**
 * The headers of the request to the backend at `authority`, without those that only a proxy may send, however they are written: backends of
 * some languages read `_` as `-`.
 */
export function forwardedHeaders(exchange: Exchange, user: UserInfo, authority: string, auditId: string): OutgoingHeaders {
  const named = listed(exchange.headers['connection']);
  const out = newHeaders();
  for (const name in exchange.headers) {
    const value = exchange.headers[name];
    if (value === undefined || name.startsWith(':') || ofConnection.has(name) || elsewhere.has(name) || named.has(name)) continue;
    if (isIdentity(name.replaceAll('_', '-'))) continue;
    out[name] = typeof value === 'string' ? value : [...value];
  }
  if (out['sec-websocket-protocol'] !== undefined) withoutToken(out);
  const { remoteAddress } = exchange.socket ?? {};
  if (remoteAddress !== undefined) {
    const before = exchange.header('x-forwarded-for');
    out['x-forwarded-for'] = before === undefined ? remoteAddress : `${before}, ${remoteAddress}`;
  }
  out['x-forwarded-host'] = authority;
  out['x-forwarded-proto'] = 'https';
  out['x-forwarded-uri'] = exchange.path;
  out['audit-id'] = auditId;
  nameUser(out, user);
  return out;
}

export function newHeaders(): OutgoingHeaders {
  return Object.create(null) as OutgoingHeaders;
}

/** Says who asks. */
export function nameUser(headers: OutgoingHeaders, { name, uid, groups, extra }: UserInfo): void {
  headers['x-remote-user'] = bytesOf(name);
  if (uid !== undefined && uid !== '') headers['x-remote-uid'] = bytesOf(uid);
  if (groups.length > 0) headers['x-remote-group'] = groups.map(bytesOf);
  for (const [key, values] of Object.entries(extra ?? {})) {
    if (values.length > 0) headers[`x-remote-extra-${escapedKey(key)}`] = values.map(bytesOf);
  }
}

/** The headers of a backend's answer, in the way that this server writes its own: those replace what it would say itself. */
export function answeredHeaders(raw: readonly string[]): ResponseHeaders {
  const named = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.toLowerCase() === 'connection') for (const name of listed(raw[at + 1])) named.add(name);
  }
  const out = Object.create(null) as Record<string, string | string[]>;
  for (let at = 0; at < raw.length; at += 2) {
    const lower = raw[at]!.toLowerCase();
    if (ofConnection.has(lower) || named.has(lower) || kept.has(lower)) continue;
    const name = titled(lower);
    const before = out[name];
    const value = raw[at + 1]!;
    out[name] = before === undefined ? value : typeof before === 'string' ? [before, value] : [...before, value];
  }
  return out;
}

/** This server's own words count. */
const kept = new Set([
  'audit-id',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
  // Which pages may ask is this server's to say.
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  '__proto__',
]);

function isIdentity(name: string): boolean {
  return ofIdentity.has(name) || identityPrefixes.some((prefix) => name.startsWith(prefix));
}

function listed(value: string | readonly string[] | undefined): ReadonlySet<string> {
  if (value === undefined) return new Set();
  const text = typeof value === 'string' ? value : value.join(',');
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()));
}

function withoutToken(headers: OutgoingHeaders): void {
  const given = headers['sec-websocket-protocol']!;
  const protocols = (typeof given === 'string' ? given : given.join(',')).split(',').map((one) => one.trim());
  const rest = protocols.filter((one) => one !== '' && !one.startsWith(tokenProtocol));
  if (rest.length === 0) delete headers['sec-websocket-protocol'];
  else headers['sec-websocket-protocol'] = rest.join(', ');
}

/** `Content-Type`. */
function titled(name: string): string {
  return name
    .split('-')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('-');
}

/** UTF-8, byte by byte: Node writes headers in Latin-1. */
function bytesOf(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** What cannot stand in a header's name is percent-encoded, in lower case. */
function escapedKey(key: string): string {
  let out = '';
  for (const byte of Buffer.from(key.toLowerCase(), 'utf8')) {
    const character = String.fromCharCode(byte);
    out += isTokenCharacter(byte) && character !== '%' ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return out;
}

const tokenSigns = new Set(Buffer.from("!#$&'*+-.^_`|~"));

function isTokenCharacter(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || tokenSigns.has(byte);
}
