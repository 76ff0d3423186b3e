// The sorted list and the order of keys, compared with plain arrays.
import fc from 'fast-check';
import { compareKeys } from './key-order.js';
import { SortedList } from './sorted-list.js';

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const unicode = fc.string({ unit: fc.constantFrom('a', '/', 'é', '\uff5e', '\ue000', '\u{1f600}', '\u{10ffff}'), maxLength: 5 });

test('keys compare as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(unicode, unicode, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(inBytes(a, b));
    }),
  );
});

const visited = (list: SortedList<{ key: string }>, start = 0, end = list.size): string[] => {
  const keys: string[] = [];
  list.forEach(start, end, ({ key }) => void keys.push(key));
  return keys;
};

test('stays sorted and counts ranges, through thousands of insertions and deletions', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 3_000 }), (seed, deletions) => {
      const list = new SortedList<{ key: string }>();
      const keys = new Set<string>();
      let state = seed;
      const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff);
      for (let i = 0; i < 3_000; i++) {
        const key = `/${next() % 7}/${(next() >>> 8) % 2_000}`;
        if (keys.has(key)) continue;
        keys.add(key);
        list.insert({ key });
      }
      for (const key of [...keys].slice(0, deletions)) {
        keys.delete(key);
        if (!list.delete(key) || list.delete(key)) throw new Error(`${key} was not deleted once`);
      }
      const sorted = [...keys].sort(inBytes);
      expect(list.size).toBe(sorted.length);
      expect(visited(list)).toEqual(sorted);
      for (const prefix of ['', '/', '/3', '/3/', '/3/1', '/9', '0', '/3/1999']) {
        expect(list.rank(prefix)).toBe(sorted.filter((key) => inBytes(key, prefix) < 0).length);
        const under = sorted.filter((key) => key.startsWith(prefix));
        expect(visited(list, list.rank(prefix), list.rankAfter(prefix))).toEqual(under);
      }
    }),
    { numRuns: 10 },
  );
});

test('the last character of all has a range too', () => {
  const list = new SortedList<{ key: string }>();
  for (const key of ['a', '\u{10ffff}', '\u{10ffff}\u{10ffff}', '\uffff']) list.insert({ key });
  expect(visited(list)).toEqual(['a', '\uffff', '\u{10ffff}', '\u{10ffff}\u{10ffff}']);
  expect(list.rankAfter('\u{10ffff}') - list.rank('\u{10ffff}')).toBe(2);
});

test('a visit ends when it is told to', () => {
  const list = new SortedList<{ key: string }>();
  for (let i = 0; i < 2_000; i++) list.insert({ key: String(i).padStart(4, '0') });
  let visits = 0;
  list.forEach(700, 2_000, ({ key }) => {
    visits++;
    return key !== '0709';
  });
  expect(visits).toBe(10);
  expect(visited(list, 1_998, 9_999)).toEqual(['1998', '1999']);
  list.clear();
  expect([list.size, list.rank('1'), list.rankAfter('1'), list.delete('1')]).toEqual([0, 0, 0, false]);
});
