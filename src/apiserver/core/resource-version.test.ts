import { decodeContinue, encodeContinue, parseResourceVersion } from './resource-version.js';

it('reads back the continue token that it wrote', () => {
  const token = { revision: 12, start: 'default/a\0' };
  expect(decodeContinue(encodeContinue(token))).toEqual({ ...token, text: '12' });
  expect(encodeContinue({ ...token, start: '/default/a\0' })).toBe(
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIsInN0YXJ0IjoiL2RlZmF1bHQvYVx1MDAwMCJ9',
  );
});

it('takes names of fields in any case, a slash before the start, and revisions of 64 bits', () => {
  expect(decodeContinue(forged({ V: 'meta.k8s.io/v1', RV: -1, Start: '/a/b', other: {} }))).toEqual({
    revision: -1,
    start: 'a/b',
    text: '-1',
  });
  const large = Buffer.from('{"v":"meta.k8s.io/v1","rv":9007199254740993,"start":"a"}').toString('base64url');
  expect(decodeContinue(large).text).toBe('9007199254740993');
});

const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

it.each([
  'abc',
  forged(null),
  forged({ v: 'v2', rv: 1, start: 'a' }),
  forged({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }),
  forged({ v: 'meta.k8s.io/v1', rv: '1', start: 'a' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1, start: '' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1.5, start: 'a' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1e20, start: 'a' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1, start: '../../secrets/' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1, start: 'a/..' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1, start: './a' }),
  forged({ v: 'meta.k8s.io/v1', rv: 1, start: '//a' }),
])('refuses the token %s', (token) => {
  expect(() => decodeContinue(token)).toThrow('invalid continue token');
});

it('reads revisions and refuses everything else', () => {
  const failure = (message: string): Error => new Error(message);
  expect(parseResourceVersion('12', failure)).toBe(12);
  expect(parseResourceVersion('', failure)).toBe(0);
  for (const odd of ['x', '-1', '1.5', '1e3', ' 1']) expect(() => parseResourceVersion(odd, failure)).toThrow('invalid syntax');
  expect(parseResourceVersion('18446744073709551615', failure)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  for (const long of ['18446744073709551616', '9'.repeat(100_000)])
    expect(() => parseResourceVersion(long, failure)).toThrow('value out of range');
});
