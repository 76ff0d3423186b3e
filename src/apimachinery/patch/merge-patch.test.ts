import { applyMergePatch, applyMergePatchWork } from './merge-patch.js';

// The table of RFC 7386, appendix A, but for patches that are no objects: the server refuses those.
it.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j is %j', (document, patch, expected) => {
  expect(applyMergePatch(document, patch)).toEqual(expected);
});

it('returns the document itself when nothing changes, and shares what does not', () => {
  const document = { a: { b: 1 }, c: { d: 2 } };
  expect(applyMergePatch(document, { a: { b: 1 }, x: null })).toBe(document);
  const changed = applyMergePatch(document, { a: { b: 2 } }) as typeof document;
  expect(changed.c).toBe(document.c);
  expect(document.a.b).toBe(1);
});

it('takes __proto__ for a name like any other', () => {
  const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as object;
  expect(Object.keys(result)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

it.each([[[]], ['x'], [1], [true]])('refuses %j', (patch) => {
  expect(() => applyMergePatch({}, patch)).toThrow(/^error decoding patch: json: cannot unmarshal/);
});

test('a long patch does the same in slices', () => {
  const fields = (count: number, one: (index: number) => unknown): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, one(index)]));
  const before = { keep: { a: 1 }, data: fields(3000, () => 'v') };
  const patch = { data: fields(4000, (index) => (index % 3 === 0 ? null : index % 3 === 1 ? 'v' : { b: null, c: index })) };
  const work = applyMergePatchWork(before, patch);
  let yields = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) yields++;
  const expected = fields(4000, (index) => (index % 3 === 1 ? 'v' : { c: index }));
  for (let index = 0; index < 4000; index += 3) delete expected[`k${index}`];
  expect(step.value).toEqual({ keep: before.keep, data: expected });
  expect((step.value as typeof before).keep).toBe(before.keep);
  expect(yields).toBeGreaterThan(10);
});
