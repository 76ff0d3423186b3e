import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliValue,
  parseQuantity,
  quantityValue,
  QuantityError,
  subtractQuantities,
} from './quantity.js';

const recorded = JSON.parse(readFileSync('src/apimachinery/quantity/testdata/reference.json', 'utf8')) as [
  string,
  string | null,
  string?,
][];

test.each(recorded.map(([text, canonical, problem = '']) => [text, canonical, problem] as const))(
  '%j is written %j by the reference',
  (text, canonical, problem) => {
    if (canonical === null) expect(() => canonicalQuantity(text)).toThrow(new QuantityError(problem));
    else expect(canonicalQuantity(text)).toBe(canonical);
  },
);

test('an exponent that would take an age is refused', () => {
  expect(() => parseQuantity('1e2147483648')).toThrow(QuantityError);
});

test('values are rounded up, away from zero', () => {
  expect(milliValue('100m')).toBe(100);
  expect(milliValue('1.5')).toBe(1500);
  expect(milliValue('1u')).toBe(1);
  expect(milliValue('-1u')).toBe(-1);
  expect(milliValue(2)).toBe(2000);
  expect(quantityValue('1.5Gi')).toBe(1610612736);
  expect(quantityValue('100m')).toBe(1);
  expect(quantityValue('-1500m')).toBe(-2);
  expect(quantityValue(parseQuantity('3k'))).toBe(3000);
});

test('a sum keeps the format of the first, of the second when the first is zero', () => {
  const sum = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a), parseQuantity(b)));
  expect(sum('1Gi', '512Mi')).toBe('1536Mi');
  expect(sum('100m', '1')).toBe('1100m');
  expect(sum('0', '1Gi')).toBe('1Gi');
  expect(sum('1Gi', '1M')).toBe('1074741824');
  expect(formatQuantity(subtractQuantities(parseQuantity('1'), parseQuantity('250m')))).toBe('750m');
});

const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'e-3', 'e6', 'E1'];
const texts = fc
  .tuple(fc.constantFrom('', '-'), fc.nat(1_000_000), fc.option(fc.nat(9999)), fc.constantFrom(...suffixes))
  .map(([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`);

test('the canonical text is the same number, and its own canonical text', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const canonical = canonicalQuantity(text);
      expect(parseQuantity(canonical).nano).toBe(parseQuantity(text).nano);
      expect(canonicalQuantity(canonical)).toBe(canonical);
    }),
  );
});

test('sums and differences are exact, and agree with the order', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const [a, b] = [parseQuantity(one), parseQuantity(other)];
      expect(compareQuantities(subtractQuantities(addQuantities(a, b), b), a)).toBe(0);
      expect(Math.sign(compareQuantities(a, b))).toBe(-Math.sign(compareQuantities(b, a)) + 0);
      expect(compareQuantities(addQuantities(a, b), addQuantities(b, a))).toBe(0);
    }),
  );
});

describe('numbers of very many digits', () => {
  test('have a canonical text that is exact', () => {
    expect(canonicalQuantity(`1${'0'.repeat(1500)}`)).toBe(canonicalQuantity('1e1500').replace('1e1500', '1'));
    expect(canonicalQuantity('1e1000')).toBe('10e999');
    expect(canonicalQuantity('1e9999')).toBe('1e9999');
    expect(canonicalQuantity('120e9998')).toBe('12e9999');
    expect(canonicalQuantity('-7000e300')).toBe('-7e303');
    expect(canonicalQuantity('1e-9999')).toBe('1e-9');
    expect(canonicalQuantity('9'.repeat(300))).toBe('9'.repeat(300));
  });

  test('after the point are rounded up', () => {
    const zeros = '0'.repeat(1_000_000);
    expect(canonicalQuantity(`0.${zeros}1`)).toBe('1n');
    expect(canonicalQuantity(`1.${zeros}`)).toBe('1');
    expect(canonicalQuantity(`-2.5${zeros}1`)).toBe('-2500000001n');
    expect(canonicalQuantity(`0.5${zeros}Ki`)).toBe('512');
    expect(canonicalQuantity(`0.${'0'.repeat(200)}1e250`)).toBe(canonicalQuantity('1e49'));
  });

  test('before the point are refused, but for zeros in front', () => {
    expect(canonicalQuantity('0'.repeat(2_000_000))).toBe('0');
    expect(canonicalQuantity(`${'0'.repeat(5000)}12`)).toBe('12');
    expect(() => canonicalQuantity('9'.repeat(2001))).toThrow(QuantityError);
  });
});
