// Addresses, CIDRs and port names: texts of the reference.
import { addressErrors, addressFamily, cidrErrors, isStrictSubset, parseCidr, portNameErrors } from './addresses.js';

const texts = (errors: readonly { readonly message: string }[]): readonly string[] => errors.map(({ message }) => message);
const badAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const badCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

test.each([
  ['1.2.3.4', []],
  ['fd00::1', []],
  ['::', []],
  ['::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
  ['010.0.0.1', ['must not have leading 0s']],
  ['fd00:0::1', ['must be in canonical form ("fd00::1")']],
  ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
  ['fe80::1%eth0', [badAddress]],
  ['1', [badAddress]],
  ['256.0.0.1', [badAddress]],
  ['', [badAddress]],
  ['1'.repeat(1000), [badAddress]],
])('address %s', (value, problems) => {
  expect(texts(addressErrors('f', value))).toEqual(problems.map((why) => `Invalid value: ${JSON.stringify(value)}: ${why}`));
});

test.each([
  ['10.0.0.0/8', true, []],
  ['2001:DB8::/32', false, []],
  ['2001:DB8::/32', true, ['must be in canonical form ("2001:db8::/32")']],
  ['2001:db8::1/32', false, ['must not have bits set beyond the prefix length']],
  ['10.0.0.1/8', true, ['must not have bits set beyond the prefix length']],
  ['010.0.0.0/8', false, ['must not have leading 0s in IP or prefix length']],
  ['10.0.0.0/08', false, ['must not have leading 0s in IP or prefix length']],
  ['::ffff:10.0.0.0/104', false, ['must not have an IPv4-mapped IPv6 address']],
  ['10.0.0.0/33', false, [badCidr]],
  ['10.0.0.0', false, [badCidr]],
  ['x', false, [badCidr]],
])('cidr %s, strict: %s', (value, strict, problems) => {
  expect(texts(cidrErrors('f', value, strict))).toEqual(problems.map((why) => `Invalid value: ${JSON.stringify(value)}: ${why}`));
});

test.each([
  ['10.1.0.0/16', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/8', false],
  ['11.0.0.0/16', '10.0.0.0/8', false],
  ['fd00:1::/64', 'fd00::/16', true],
  ['fd00::/64', '10.0.0.0/8', false],
])('%s lies in %s: %s', (inner, outer, expected) => {
  expect(isStrictSubset(parseCidr(inner)!, parseCidr(outer)!)).toBe(expected);
});

test.each([
  ['http', []],
  ['averyveryverylongportname', ['must be no more than 15 characters']],
  ['a--b', ['must not contain consecutive hyphens']],
  ['-a', ['must not begin or end with a hyphen']],
  ['123', ['must contain at least one letter (a-z)']],
  ['', ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)', 'must contain at least one letter (a-z)']],
])('port name %j', (value, problems) => {
  expect(texts(portNameErrors('f', value))).toEqual(problems.map((why) => `Invalid value: ${JSON.stringify(value)}: ${why}`));
});

test('families', () => {
  expect(['1.2.3.4', '::1', 'x'].map(addressFamily)).toEqual(['IPv4', 'IPv6', undefined]);
});
