// The formats of strings that the API knows. Others are not checked.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
import { RE2JS } from 're2js';
import { labelNameProblems, subdomainProblems } from '../../apimachinery/names/names.js';
import { parseUrl } from '../rules/urls.js';

type Check = (text: string) => boolean;

const matching = (pattern: string): Check => {
  let compiled: RE2JS | undefined;
  return (text) => (compiled ??= RE2JS.compile(pattern)).matches(text);
};

const base64 = matching('(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?');

/** An IPv4 address; zeros may stand before its numbers. */
function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const dotted = last.includes('.');
  if (dotted && (!isIPv4(last) || text.endsWith(':'))) return false;
  const plain = dotted ? groups.slice(0, -1) : groups;
  const size = plain.length + (dotted ? 2 : 0);
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? size < 8 : size === 8);
}

function isCidr(text: string): boolean {
  const at = text.indexOf('/');
  const length = text.slice(at + 1);
  if (at < 0 || !/^\d{1,3}$/.test(length)) return false;
  const address = text.slice(0, at);
  return (isIPv4(address) && Number(length) <= 32) || (isIPv6(address) && Number(length) <= 128);
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const time = matching('\\d{4}-\\d\\d-\\d\\d[Tt][012]\\d:[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:[Zz]|[+-]\\d\\d:?\\d\\d)?');

function isTime(text: string): boolean {
  return time(text) && isDate(text.slice(0, 10)) && Number(text.slice(11, 13)) < 24;
}

const units =
  'ns|us|µs|μs|ms|s|m|h|d|w|nanos?|nanoseconds?|micros?|microseconds?|millis?|milliseconds?|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?';
const duration = matching(`[+-]?(?:0|(?:\\d+(?:\\.\\d*)?|\\.\\d+)\\s*(?:${units})(?:\\s*(?:\\d+(?:\\.\\d*)?|\\.\\d+)\\s*(?:${units}))*)`);
const isoDuration = matching('P(?:\\d+Y)?(?:\\d+M)?(?:\\d+W)?(?:\\d+D)?(?:T(?:\\d+H)?(?:\\d+M)?(?:\\d+(?:\\.\\d+)?S)?)?');

/** `a@b`, also with a name before it. */
function isMail(text: string): boolean {
  const framed = /^[^<>]*<([^<>]*)>$/.exec(text.trim());
  const address = framed === null ? text.trim() : framed[1]!;
  const at = address.lastIndexOf('@');
  return at > 0 && at < address.length - 1 && !/[\s<>(),;:\\"[\]]/.test(address) && !address.includes('..') && !address.includes('@@');
}

const plainHost = matching('[a-zA-Z0-9\\p{S}\\p{L}](?:-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?');
const dottedHost = matching(
  '(?:[a-zA-Z0-9\\p{S}\\p{L}](?:[a-zA-Z0-9\\-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?\\.)+[a-zA-Z\\p{L}]{2,63}',
);

/** Names with dots end in letters. */
function isHostname(text: string): boolean {
  if (Buffer.byteLength(text) > 255) return false;
  return text.includes('.') ? dottedHost(text) : plainHost(text);
}

function digitsOf(text: string): string {
  return text.replaceAll('-', '').replaceAll(' ', '');
}

function isIsbn10(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, index) => total + (digit === 'X' ? 10 : Number(digit)) * (index + 1), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

/** The check digit of Luhn. https://www.rfc-editor.org/rfc/rfc6758 */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  const known =
    /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
  if (!known.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

const colour = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const uuid = (version: string, variant: string): Check =>
  matching(`(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}`);

function isUri(text: string): boolean {
  if (text === '' || !(text.startsWith('/') || /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text))) return false;
  return typeof parseUrl(text) !== 'string';
}

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', matching('[0-9a-fA-F]{24}')],
  ['byte', (text) => text !== '' && base64(text)],
  ['cidr', isCidr],
  ['creditcard', isCreditCard],
  ['date', isDate],
  ['datetime', isTime],
  ['duration', (text) => duration(text) || (text.length > 1 && isoDuration(text))],
  ['email', isMail],
  ['hexcolor', matching('#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})')],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['k8slongname', (text) => subdomainProblems(text).length === 0],
  ['k8sshortname', (text) => labelNameProblems(text).length === 0],
  [
    'mac',
    matching(
      '[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){5}|(?::[0-9a-fA-F]{2}){7}|(?:-[0-9a-fA-F]{2}){7})|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4}){2,3}',
    ),
  ],
  ['rgbcolor', matching(`rgb\\(\\s*${colour}\\s*,\\s*${colour}\\s*,\\s*${colour}\\s*\\)`)],
  ['ssn', matching('\\d{3}[- ]\\d{2}[- ]\\d{4}')],
  ['uri', isUri],
  ['uuid', matching('(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}')],
  ['uuid3', uuid('3', '[0-9a-f]')],
  ['uuid4', uuid('4', '[89ab]')],
  ['uuid5', uuid('5', '[89ab]')],
]);

/** The check of a format for strings; undefined for one that is not checked. */
export function formatCheck(format: string): Check | undefined {
  return checks.get(format.replaceAll('-', ''));
}
