import { emptySet, type FieldSet } from './field-set.js';
import { finish } from '../../clock/slices.js';
import { sharedSet as sharedSetWork } from './shared-sets.js';
import type { Structure } from './structure.js';

const structure = (): Structure => ({}) as Structure;
const sharedSet = (kind: Structure, fields: FieldSet): FieldSet => finish(sharedSetWork(kind, fields));

test('the same set is given for what says the same', () => {
  const kind = structure();
  const first = sharedSet(kind, { 'f:spec': { 'f:a': {} } });
  expect(sharedSet(kind, { 'f:spec': { 'f:a': {} } })).toBe(first);
  expect(sharedSet(kind, { 'f:spec': { 'f:b': {} } })).toEqual({ 'f:spec': { 'f:b': {} } });
  expect(sharedSet(kind, { 'f:spec': { 'f:a': {} } })).toBe(first);
  expect(sharedSet(structure(), { 'f:spec': { 'f:a': {} } })).not.toBe(first);
  expect(sharedSet(kind, emptySet)).toBe(emptySet);
});

test('the one that was not seen for longest is forgotten', () => {
  const kind = structure();
  const set = (name: number) => ({ [`f:${name}`]: {} });
  const first = sharedSet(kind, set(0));
  for (let name = 1; name < 4; name++) sharedSet(kind, set(name));
  expect(sharedSet(kind, set(0))).toBe(first);
  for (let name = 4; name < 8; name++) sharedSet(kind, set(name));
  expect(sharedSet(kind, set(0))).not.toBe(first);
});
