// The rules for names, labels and annotations. Every validator returns the real server's texts; none means valid.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/

const subdomainForm =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelForm =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Form =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const keyForm =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const valueForm =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const longestSubdomain = 253;
const longestLabel = 63;

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isAlphanumeric(code: number): boolean {
  return isLower(code) || isDigit(code) || (code >= 65 && code <= 90);
}

/** Whether all of the text is `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, between dots if they are allowed. */
function isDns(value: string, dots: boolean): boolean {
  if (value === '') return false;
  // At the start of a part as after a '-': only letters and digits may end or begin one.
  let mayEnd = false;
  let atStart = true;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (isLower(code) || isDigit(code)) {
      mayEnd = true;
      atStart = false;
    } else if (code === 45 && !atStart) mayEnd = false;
    else if (code === 46 && dots && mayEnd) {
      mayEnd = false;
      atStart = true;
    } else return false;
  }
  return mayEnd;
}

/** Whether all of the text is `[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`. */
function isQualifiedPart(value: string): boolean {
  if (value === '' || !isAlphanumeric(value.charCodeAt(0)) || !isAlphanumeric(value.charCodeAt(value.length - 1))) return false;
  for (let at = 1; at < value.length - 1; at++) {
    const code = value.charCodeAt(at);
    if (!isAlphanumeric(code) && code !== 45 && code !== 95 && code !== 46) return false;
  }
  return true;
}

/** Too long in bytes; ASCII, which most names are, has as many as characters. */
function tooLong(value: string, limit: number): boolean {
  return value.length > limit || (value.length * 3 > limit && Buffer.byteLength(value) > limit);
}

function problems(value: string, limit: number, unit: 'bytes' | 'characters', valid: boolean, form: string): string[] {
  const found: string[] = [];
  if (tooLong(value, limit)) found.push(`must be no more than ${limit} ${unit}`);
  if (!valid) found.push(form);
  return found;
}

/** DNS-1123 subdomain (most names). */
export function subdomainProblems(value: string): string[] {
  return problems(value, longestSubdomain, 'characters', isDns(value, true), subdomainForm);
}

/** DNS-1123 label (namespaces, containers). */
export function labelNameProblems(value: string): string[] {
  const valid = isDns(value, false);
  return problems(value, longestLabel, 'characters', valid, !valid && isDns(value, true) ? 'must not contain dots' : labelForm);
}

/** DNS-1035 label (names of kinds and versions in custom resource definitions). */
export function label1035Problems(value: string): string[] {
  return problems(value, longestLabel, 'characters', isDns(value, false) && isLower(value.charCodeAt(0)), label1035Form);
}

/** One segment of a path (RBAC names). */
export function pathSegmentProblems(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((character) => value.includes(character)).map((character) => `may not contain '${character}'`);
}

/** A qualified name: `[prefix/]name` (keys of labels, annotations, finalizers, resources). */
export function qualifiedNameProblems(value: string): string[] {
  if (wellFormed.has(value)) return [];
  const found = findQualifiedNameProblems(value);
  if (found.length === 0) {
    if (wellFormed.size >= mostWellFormed) wellFormed.clear();
    wellFormed.add(value);
  }
  return found;
}

/** Label keys that passed: the same few come with every object. */
const wellFormed = new Set<string>();
const mostWellFormed = 2000;

function findQualifiedNameProblems(value: string): string[] {
  const parts = value.split('/', 3);
  if (parts.length > 2) return [`a valid label key ${keyForm} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const name = parts.at(-1)!;
  const found: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') found.push('prefix part must be non-empty');
    else
      found.push(
        ...problems(prefix, longestSubdomain, 'bytes', isDns(prefix, true), subdomainForm).map((problem) => `prefix part ${problem}`),
      );
  }
  if (name === '') found.push('name part must be non-empty');
  else if (tooLong(name, longestLabel)) found.push(`name part must be no more than ${longestLabel} bytes`);
  if (!isQualifiedPart(name)) found.push(`name part ${keyForm}`);
  return found;
}

/** The value of a label. */
export function labelValueProblems(value: string): string[] {
  return problems(value, longestLabel, 'bytes', value === '' || isQualifiedPart(value), valueForm);
}
