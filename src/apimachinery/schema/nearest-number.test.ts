import * as fc from 'fast-check';
import { nearestNumber } from './nearest-number.js';

/** The largest double that is an integer of 64 bits. */
const last = 2 ** 63 - 1024;

test.each([
  ['9223372036854775807', last],
  ['-9223372036854775808', -last],
  ['9223372036854775808', 2 ** 63],
  ['-9223372036854775809', -(2 ** 63)],
  ['9223372036854774784', last],
  ['9007199254740993', 9007199254740992],
  ['1e400', Infinity],
  ['-1e400', -Infinity],
  ['1.5', 1.5],
])('%s is %d', (text, number) => {
  expect(nearestNumber(text)).toBe(number);
});

test('the text of an integer of 64 bits is one again', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (exact) => {
      const written = BigInt(JSON.stringify(nearestNumber(String(exact))));
      expect(BigInt.asIntN(64, written)).toBe(written);
      expect(Math.abs(Number(written - exact))).toBeLessThanOrEqual(2048);
    }),
  );
});

test('any other number is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = JSON.stringify(number);
      expect(nearestNumber(text)).toBe(JSON.parse(text));
    }),
  );
});
