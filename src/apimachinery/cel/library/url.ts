// URLs. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library

import { sizeAt, sizeOf, traversal } from '../cost/costs.js';
import { failure } from '../evaluate/errors.js';
import { opaqueType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, EntriesMap, OpaqueValue } from '../values/value.js';
import type { Library } from './overload.js';
import { library, overload } from './overload.js';

interface Url {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const urlType = opaqueType('kubernetes.URL');

/** An absolute URL (`mailto:a@b` too), or an absolute path, as in the first line of an HTTP request. */
function parseUrl(text: string): Url | undefined {
  if (text === '' || hasControls(text)) return undefined;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const whole = scheme === '' ? text : text.slice(scheme.length + 1);
  if (!whole.startsWith('/')) return scheme === '' ? undefined : { text, scheme: scheme.toLowerCase(), host: '', path: '', query: '' };
  const hash = whole.indexOf('#');
  const rest = hash < 0 ? whole : whole.slice(0, hash);
  const question = rest.indexOf('?');
  const before = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? '' : rest.slice(question + 1);
  const authority = before.startsWith('//') ? (before.slice(2).split('/', 1)[0] ?? '') : undefined;
  const path = authority === undefined ? before : before.slice(2 + authority.length);
  const host = (authority ?? '').slice((authority ?? '').lastIndexOf('@') + 1);
  if (!isHost(host) || !hasGoodEscapes(path)) return undefined;
  return { text, scheme: scheme.toLowerCase(), host, path, query };
}

function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

function hasGoodEscapes(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function isHost(host: string): boolean {
  if (/[ <>"\\^`{|}#]/.test(host)) return false;
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  const colon = host.indexOf(':');
  return (colon < 0 || /^:\d*$/.test(host.slice(colon))) && hasGoodEscapes(host);
}

function hostname(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  const colon = host.indexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

function port(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon < 0 || host.endsWith(']') ? '' : host.slice(colon + 1);
}

/** The path with everything escaped that must be, and what is escaped left so. */
function escapedPath(path: string): string {
  let escaped = '';
  for (const character of path) escaped += /[A-Za-z0-9\-_.~$&+,/:;=@%!'()*[\]]/.test(character) ? character : encodeUtf8(character);
  return escaped;
}

function encodeUtf8(character: string): string {
  return [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function decode(text: string): string | undefined {
  if (!hasGoodEscapes(text)) return undefined;
  const spaced = text.replaceAll('+', ' ');
  const bytes: number[] = [];
  const raw = Buffer.from(spaced, 'utf8');
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 37) {
      bytes.push(parseInt(raw.toString('latin1', at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(raw[at] ?? 0);
  }
  return Buffer.from(bytes).toString('utf8');
}

/** Each name with its values in their order; pairs that do not decode, or that have a semicolon, are left out. */
function queryOf(query: string): CelValue {
  const values = new Map<string, CelValue[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return new EntriesMap(new Map([...values].map(([name, list]) => [name, [name, new ArrayList(list)] as const])));
}

function url(text: CelValue): OpaqueValue {
  const parsed = parseUrl(text as string);
  if (parsed === undefined)
    throw failure(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
  return new OpaqueValue(urlType, parsed, (other) => parsed.text === (other as Url).text);
}

const content = (value: CelValue): Url => (value as OpaqueValue).content as Url;

export function urlLibrary(): Library {
  const reading = traversal([0]);
  return library([
    overload('url(string): kubernetes.URL', url, {
      cost: (args) => Math.ceil(sizeOf(args[0]) / 10),
      estimate: (args) => ({ cost: reading.estimate?.(args).cost ?? sizeAt(args, 0), size: { min: 1, max: sizeAt(args, 0).max } }),
    }),
    overload('isURL(string): bool', (text) => parseUrl(text as string) !== undefined),
    overload('kubernetes.URL.getScheme(): string', (value) => content(value).scheme),
    overload('kubernetes.URL.getHost(): string', (value) => content(value).host),
    overload('kubernetes.URL.getHostname(): string', (value) => hostname(content(value).host)),
    overload('kubernetes.URL.getPort(): string', (value) => port(content(value).host)),
    overload('kubernetes.URL.getEscapedPath(): string', (value) => escapedPath(content(value).path)),
    overload('kubernetes.URL.getQuery(): map(string, list(string))', (value) => queryOf(content(value).query)),
  ]);
}
