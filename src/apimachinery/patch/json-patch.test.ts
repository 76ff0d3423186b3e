import fc from 'fast-check';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { ApiError } from '../errors/api-error.js';
import { finish } from '../../clock/slices.js';
import { applyJsonPatch, brokenOperation } from './json-patch.js';

const document = { a: { b: [1, 2, 3], c: 'x' }, d: { e: {} } };

it('shares what no operation touched and leaves the input alone', () => {
  const before = JSON.stringify(document);
  const result = applyJsonPatch(document, [{ op: 'add', path: '/a/b/1', value: 9 }]) as typeof document;
  expect(result).toEqual({ a: { b: [1, 9, 2, 3], c: 'x' }, d: { e: {} } });
  expect(result.d).toBe(document.d);
  expect(JSON.stringify(document)).toBe(before);
});

it('keeps a copied part apart from the part it was copied from', () => {
  const result = applyJsonPatch(document, [
    { op: 'add', path: '/a/n', value: 1 },
    { op: 'copy', from: '/a', path: '/f' },
    { op: 'add', path: '/f/n', value: 2 },
    { op: 'replace', path: '/a/b/0', value: 7 },
  ]);
  expect(result).toEqual({ a: { b: [7, 2, 3], c: 'x', n: 1 }, d: { e: {} }, f: { b: [1, 2, 3], c: 'x', n: 2 } });
});

it('does not change values of the patch', () => {
  const patch = [
    { op: 'add', path: '/n', value: { x: 1 } },
    { op: 'add', path: '/n/y', value: 2 },
  ];
  expect(applyJsonPatch({}, patch)).toEqual({ n: { x: 1, y: 2 } });
  expect(patch[0]!.value).toEqual({ x: 1 });
});

it.each(['/__proto__/polluted', '/constructor/prototype/polluted', '/a/__proto__/polluted'])(
  'takes %s for a name that is not there',
  (path) => {
    expect(() => applyJsonPatch(document, [{ op: 'add', path, value: 1 }])).toThrow(ApiError);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  },
);

it('sets a field named __proto__ as any other', () => {
  const result = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }]) as object;
  expect(Object.keys(result)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
});

it('takes 10,000 operations and no more', () => {
  const patch = Array.from({ length: 10_000 }, (_, i) => ({ op: 'add', path: `/n${i}`, value: i }));
  expect(Object.keys(applyJsonPatch({}, patch) as object)).toHaveLength(10_000);
  const error = (() => {
    try {
      return applyJsonPatch({}, [...patch, ...patch.slice(0, 1)]);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect((error as ApiError).code).toBe(413);
});

it('refuses copies of copies that would grow without bound', () => {
  const patch = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/n${i}` }));
  expect(() => applyJsonPatch({ a: { text: 'x'.repeat(100) } }, patch)).toThrow(ApiError);
});

// fast-json-patch is the oracle where the standard and the real server agree.
const key = fc.constantFrom('a', 'b', 'c', 'x~0y', '0', '1');
const value = fc.jsonValue({ maxDepth: 2 });
const tree = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.dictionary(key, value, { maxKeys: 3 })),
);
const pointer = fc.array(key, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointer, value }),
  fc.record({ op: fc.constant('remove'), path: pointer }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: pointer, from: pointer }),
);

it('does what fast-json-patch does wherever that can carry a patch out', () => {
  let compared = 0;
  fc.assert(
    fc.property(tree, fc.array(operation, { maxLength: 4 }), (given, patch) => {
      let expected: unknown;
      try {
        expected = fastJsonPatch.applyPatch(structuredClone(given), structuredClone(patch) as Operation[], true).newDocument;
      } catch {
        return;
      }
      compared++;
      expect(applyJsonPatch(given, patch)).toEqual(expected);
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(compared).toBeGreaterThan(100);
});

describe('the first operation that cannot be carried out', () => {
  const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

  it('is undefined when all can', () => {
    expect(finish(brokenOperation(document, [add('/x', 1), { op: 'move', from: '/x', path: '/y' }]))).toBeUndefined();
  });

  it('comes with the document before it', () => {
    const broken = { op: 'test', path: '/a/c', value: 'y' };
    expect(finish(brokenOperation(document, [add('/n', 1), broken, add('/o', 2)]))).toEqual({
      operation: broken,
      document: { ...document, n: 1 },
    });
  });

  it('has moved nothing when there is no place for it', () => {
    const move = { op: 'move', from: '/n', path: '/nowhere/n' };
    expect(finish(brokenOperation(document, [add('/n', 1), move]))).toEqual({ operation: move, document: { ...document, n: 1 } });
    expect(document).not.toHaveProperty('n');
  });

  it('is one that is none', () => {
    expect(finish(brokenOperation(document, [add('/n', 1), null]))?.operation).toBeNull();
  });

  it('is found in one walk: the parts of the document are copied once, however many operations there are', () => {
    const patch = Array.from({ length: 9999 }, (_, index) => add(`/data/k${index}`, 'v'));
    const broken = { op: 'remove', path: '/data/none' };
    let yields = 0;
    const work = brokenOperation({ data: {} }, [...patch, broken]);
    let step = work.next();
    for (; step.done !== true; step = work.next()) yields++;
    expect(step.value?.operation).toBe(broken);
    expect(yields).toBeGreaterThan(100);
  });
});

it('does not let copies of copies fill the memory', () => {
  const doubling = Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '/data', path: `/data/k${index}` }));
  expect(() => applyJsonPatch({ data: { k: 'x' } }, doubling)).toThrow(ApiError);
});
