import fc from 'fast-check';
import {
  label1035Problems,
  labelNameProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './names.js';

const long = (length: number): string => 'a'.repeat(length);

test.each(['a', 'a-b', 'a.b', '1', 'a1.b2-c', long(253)])('%s is a subdomain', (value) => {
  expect(subdomainProblems(value)).toEqual([]);
});

test.each(['', '-', 'A', 'a..b', '.a', 'a.', 'a-.b', 'a_b', 'é', 'a b', 'a/b'])('%j is no subdomain', (value) => {
  expect(subdomainProblems(value)).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
});

test('length comes first', () => {
  expect(subdomainProblems(long(254))).toEqual(['must be no more than 253 characters']);
  expect(subdomainProblems('A'.repeat(254))).toHaveLength(2);
  expect(labelValueProblems(long(64))).toEqual(['must be no more than 63 bytes']);
});

test('labels have no dots; a DNS-1035 label begins with a letter', () => {
  expect(labelNameProblems('1-a')).toEqual([]);
  expect(labelNameProblems('a.b')).toEqual(['must not contain dots']);
  expect(labelNameProblems('A.b')[0]).toContain('a lowercase RFC 1123 label must consist');
  expect(labelNameProblems(long(64))).toEqual(['must be no more than 63 characters']);
  expect(label1035Problems('a1')).toEqual([]);
  expect(label1035Problems('1a')[0]).toContain('a DNS-1035 label must consist');
});

test('path segments', () => {
  expect(pathSegmentProblems('system:Node A')).toEqual([]);
  expect(pathSegmentProblems('..')).toEqual(["may not be '..'"]);
  expect(pathSegmentProblems('a/%')).toEqual(["may not contain '/'", "may not contain '%'"]);
});

test('qualified names', () => {
  for (const value of ['a', 'A_b.C', 'example.com/MyName', `${long(253)}/x`]) expect(qualifiedNameProblems(value)).toEqual([]);
  expect(qualifiedNameProblems('/a')).toEqual(['prefix part must be non-empty']);
  expect(qualifiedNameProblems('a/')[0]).toBe('name part must be non-empty');
  expect(qualifiedNameProblems('a/')).toHaveLength(2);
  expect(qualifiedNameProblems('a/b/c')[0]).toMatch(
    /^a valid label key must consist .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/,
  );
  expect(qualifiedNameProblems(`${long(254)}/a`)).toEqual(['prefix part must be no more than 253 bytes']);
  expect(qualifiedNameProblems(long(64))).toEqual(['name part must be no more than 63 bytes']);
});

test('the validators agree with the expressions that their texts name', () => {
  const value = fc.string({ unit: fc.constantFrom(...'aZ0-._/'), maxLength: 8 });
  fc.assert(
    fc.property(value, (text) => {
      expect(subdomainProblems(text).length === 0).toBe(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text));
      expect(labelNameProblems(text).length === 0).toBe(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text));
      expect(labelValueProblems(text).length === 0).toBe(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(text));
    }),
  );
});
