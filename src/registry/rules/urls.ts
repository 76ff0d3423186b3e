// URLs as the real server reads them: kept as they are, with its words for what is none. https://www.rfc-editor.org/rfc/rfc3986
export interface UrlParts {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function isControl(code: number): boolean {
  return code < 0x20 || code === 0x7f;
}

/** What is wrong with the percent signs of a text. */
function escapeProblem(text: string): string | undefined {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    const escape = text.slice(at, at + 3);
    if (!/^%[0-9A-Fa-f]{2}$/.test(escape)) return `invalid URL escape ${JSON.stringify(escape)}`;
  }
  return undefined;
}

/** What is wrong with a host and its port. */
function hostProblem(host: string): string | undefined {
  let rest = host;
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    rest = host.slice(end + 1);
    if (rest !== '' && !/^:[0-9]*$/.test(rest)) return `invalid port ${JSON.stringify(rest)} after host`;
    return escapeProblem(host);
  }
  const colon = rest.lastIndexOf(':');
  if (colon >= 0 && !/^:[0-9]*$/.test(rest.slice(colon))) return `invalid port ${JSON.stringify(rest.slice(colon))} after host`;
  const bad = [...host].find((character) => ' "<>\\^`{|}#?/'.includes(character));
  return bad === undefined ? escapeProblem(host) : `invalid character ${JSON.stringify(bad)} in host name`;
}

/** The scheme of a URL and what follows it; a text that says what is wrong. */
function schemeOf(url: string): readonly [scheme: string, rest: string] | string {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url);
  if (match !== null) return [match[1]!.toLowerCase(), url.slice(match[0].length)];
  return url.startsWith(':') ? 'missing protocol scheme' : ['', url];
}

/** Splits a URL without changing it; a text says why it is none. */
export function parseUrl(url: string): UrlParts | string {
  for (let at = 0; at < url.length; at++) if (isControl(url.charCodeAt(at))) return 'net/url: invalid control character in URL';
  const [beforeFragment, fragment] = cut(url, '#');
  const read = schemeOf(beforeFragment);
  if (typeof read === 'string') return read;
  const [scheme, rest] = read;
  const [hierarchy, query] = cut(rest, '?');
  const nowhere = { scheme, user: '', host: '', query, fragment };
  if (!hierarchy.startsWith('/')) {
    if (scheme === '' && cut(hierarchy, '/')[0].includes(':')) return 'first path segment in URL cannot contain colon';
    return scheme === '' ? (escapeProblem(hierarchy) ?? nowhere) : nowhere;
  }
  if (!hierarchy.startsWith('//')) return escapeProblem(hierarchy) ?? nowhere;
  const slash = hierarchy.indexOf('/', 2);
  const authority = hierarchy.slice(2, slash < 0 ? undefined : slash);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const problem = hostProblem(host) ?? escapeProblem(slash < 0 ? '' : hierarchy.slice(slash));
  return problem ?? { scheme, user: at < 0 ? '' : authority.slice(0, at), host, query, fragment };
}
