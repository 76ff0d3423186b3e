// The header fields that both sides know from the start. https://www.rfc-editor.org/rfc/rfc7541#appendix-A
const lines = `
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

/** By index minus one. */
export const staticTable: readonly { readonly name: string; readonly value: string }[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const space = line.indexOf(' ');
    return space < 0 ? { name: line, value: '' } : { name: line.slice(0, space), value: line.slice(space + 1) };
  });

/** The index of the first field with a name. */
export const staticNames: ReadonlyMap<string, number> = new Map(staticTable.map(({ name }, index) => [name, index + 1] as const).reverse());
