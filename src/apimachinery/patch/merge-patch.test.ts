import { applyMergePatch } from './merge-patch.js';

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
