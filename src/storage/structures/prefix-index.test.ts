// What is found under the prefixes of a key.
import fc from 'fast-check';
import { PrefixIndex } from './prefix-index.js';

const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 });

test('finds all and only the prefixes of a key', () => {
  fc.assert(
    fc.property(fc.array(path), fc.array(fc.nat()), fc.array(path), (prefixes, removed, keys) => {
      const index = new PrefixIndex<number>();
      const left = new Map(prefixes.map((prefix, number) => [number, prefix]));
      for (const [number, prefix] of left) index.add(prefix, number);
      for (const number of removed) {
        index.delete(prefixes[number] ?? '', number);
        left.delete(number);
      }
      for (const key of keys) {
        const found: number[] = [];
        index.visit(key, (number) => found.push(number));
        const wanted = [...left].filter(([, prefix]) => key.startsWith(prefix)).map(([number]) => number);
        expect(found.sort((a, b) => a - b)).toEqual(wanted);
      }
    }),
  );
});

test('values may be deleted while they are visited', () => {
  const index = new PrefixIndex<string>();
  for (const value of ['one', 'two', 'three']) index.add('/a/', value);
  const found: string[] = [];
  index.visit('/a/b', (value) => {
    found.push(value);
    index.delete('/a/', 'two');
  });
  expect(found).toEqual(['one', 'three']);
});
