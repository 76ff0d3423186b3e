import { processorTime } from '../../../test/support/processor-time.js';
import { compileJsonPath } from './json-path.js';

const object = {
  metadata: { labels: { 'a.b/c': 'lab' } },
  spec: {
    s: 'str',
    i: 5,
    list: [
      { n: 'a', v: 1 },
      { n: 'b', v: 2 },
      { n: 'c', v: 3 },
    ],
    nothing: null,
  },
};

// What a real kube-apiserver v1.36.3 showed in a column of each path.
test.each([
  ['.spec.s', 'str'],
  ['.spec.missing', undefined],
  ['.spec.nothing', null],
  ['.spec.list[*].n', 'a'],
  ['.spec.list[0].n', 'a'],
  ['.spec.list[-1].n', 'c'],
  ['.spec.list[9].n', undefined],
  ['.spec.list[1:3].n', 'b'],
  ['.spec.list[?(@.n=="b")].v', 2],
  [".spec.list[?(@.n=='b')].v", 2],
  ['.spec.list[?(@.v>1)].n', 'b'],
  ['.spec.list[?(@.v>=3)].n', 'c'],
  ['.spec.list[?(@.n!="a")].n', 'b'],
  ['.spec.list[?(@.missing)].n', undefined],
  ['..n', 'a'],
  ["['spec']['s','i']", 'str'],
  ['.metadata.labels.a\\.b/c', 'lab'],
  ['.spec.list', object.spec.list],
  ['.spec.__proto__', undefined],
])('%s', (path, value) => {
  expect(compileJsonPath(path)!(object)).toEqual(value);
});

test.each(['.spec.a[', '.spec[?(@.a==1]', '.spec[]', '.spec[x]'])('%s is no path', (path) => {
  expect(compileJsonPath(path)).toBeUndefined();
});

test('a path of any length is read in time', () => {
  const { milliseconds } = processorTime(() => {
    compileJsonPath(`.spec${'[?(@.a'.repeat(20_000)}`);
    compileJsonPath(`.${'a'.repeat(100_000)}${'..*'.repeat(50)}`)!(object);
  });
  expect(milliseconds).toBeLessThan(10_000);
});

test('what is far away is not shown, however many ways lead there', () => {
  const many = { list: Array.from({ length: 100_000 }, (_, n) => ({ n })) };
  let deep: unknown = {};
  for (let level = 0; level < 40; level++) deep = { a: deep, b: deep };
  expect(compileJsonPath('.list[?(@.n==40000)].n')!(many)).toBe(40_000);
  expect(compileJsonPath('.list[?(@.n==90000)].n')!(many)).toBeUndefined();
  expect(compileJsonPath(`${'..a'.repeat(20)}.zz`)!(deep)).toBeUndefined();
  expect(compileJsonPath('.list[*].*')!(many)).toBe(0);
});

test('what is compared is looked for no further than what is shown', () => {
  const below = Array.from({ length: 20_000 }, (_, n) => ({ n }));
  let deep: unknown = below;
  for (let level = 0; level < 300; level++) deep = [deep];
  const names = Array.from({ length: 20_000 }, (_, n) => `'a${n}'`).join(',');
  const { milliseconds } = processorTime(() => {
    for (const path of ['..[?(@..zz==1)].n', '.list[*][0,1,2:900000:800000].n', `.list[*][${names}]`])
      expect(compileJsonPath(path)!({ deep, list: below })).toBeUndefined();
  });
  expect(milliseconds).toBeLessThan(10_000);
});

test.each([
  ['.l[-1]', 4],
  ['.l[-9]', undefined],
  ['.l[4]', undefined],
  ['.l[-2:]', 3],
  ['.l[-9:1]', 1],
  ['.l[1:-2]', 2],
  ['.l[1:-3]', undefined],
  ['.l[2:9:5]', 3],
])('%s', (path, value) => {
  expect(compileJsonPath(path)!({ l: [1, 2, 3, 4] })).toBe(value);
});
