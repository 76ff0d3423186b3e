// What the header fields of a request say, checked. https://www.rfc-editor.org/rfc/rfc9113#section-8.3
import { errorCodes, StreamError } from './constants.js';

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** By lower-case name, with repeated ones joined; without those that begin with a colon, but with the authority as `host`. */
  readonly headers: Record<string, string>;
  /** The values of those that came more than once; absent when none did. */
  readonly repeated?: ReadonlyMap<string, readonly string[]> | undefined;
  /** As announced; undefined when it is not. */
  readonly contentLength: number | undefined;
}

/** Of these the first one counts, as with Node's own servers. */
const single = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'user-agent',
]);
/** These belong to HTTP/1.1's connections. */
const forbidden = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Reads name, value, name, value. Throws a StreamError for what is no request. */
export function readRequestHead(fields: readonly string[]): RequestHead {
  let method: string | undefined;
  let target: string | undefined;
  let scheme: string | undefined;
  let authority: string | undefined;
  const headers: Record<string, string> = {};
  const repeated = new Map<string, string[]>();
  let pseudo = true;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    if (name.charCodeAt(0) === colon) {
      if (!pseudo) throw malformed('a pseudo-header field after the others');
      if (name === ':method' && method === undefined) method = value;
      else if (name === ':path' && target === undefined) target = value;
      else if (name === ':scheme' && scheme === undefined) scheme = value;
      else if (name === ':authority' && authority === undefined) authority = value;
      else throw malformed('an unknown or repeated pseudo-header field');
      continue;
    }
    pseudo = false;
    addField(headers, repeated, name, value);
  }
  if (method === 'CONNECT') throw malformed('CONNECT');
  if (method === undefined || target === undefined || target === '' || scheme === undefined || !isToken(method))
    throw malformed('no request');
  if (authority !== undefined) headers.host = authority;
  const length = headers['content-length'];
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw malformed('the content length is no number');
  return {
    method,
    target,
    headers,
    repeated: repeated.size === 0 ? undefined : repeated,
    contentLength: length === undefined ? undefined : Number(length),
  };
}

/** Checks the fields after a body. They are not handed on: nothing of the API uses them. */
export function checkTrailers(fields: readonly string[]): void {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]!.charCodeAt(0) === colon) throw malformed('a pseudo-header field among the trailers');
    if (!isName(fields[i]!)) throw malformed('a field name');
  }
}

const colon = 0x3a;

function addField(headers: Record<string, string>, repeated: Map<string, string[]>, name: string, value: string): void {
  if (!isName(name) || forbidden.has(name) || !isValue(value)) throw malformed('a header field');
  if (name === 'te' && value !== 'trailers') throw malformed('te');
  // It would set the object's prototype, not a field; nothing asks for it.
  if (name === '__proto__') return;
  if (!Object.hasOwn(headers, name)) {
    headers[name] = value;
    return;
  }
  if (name === 'content-length' && headers[name] !== value) throw malformed('two content lengths');
  if (single.has(name)) return;
  const values = repeated.get(name);
  if (values === undefined) repeated.set(name, [headers[name]!, value]);
  else values.push(value);
  headers[name] += (name === 'cookie' ? '; ' : ', ') + value;
}

/** A token of HTTP in lower case. */
function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return false;
    if (tokens[code] !== 1) return false;
  }
  return name !== '';
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (tokens[text.charCodeAt(i)] !== 1) return false;
  return text !== '';
}

const tokens = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  tokens[character.charCodeAt(0)] = 1;

/** No control characters but tabs. */
function isValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return false;
  }
  return true;
}

function malformed(what: string): StreamError {
  return new StreamError(errorCodes.protocol, `malformed request: ${what}`);
}
