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

test('a set that nobody else has shares what is below it', () => {
  const kind = structure();
  const address = (ip: string) => ({
    'f:status': {
      'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } },
      'f:podIPs': { [`k:{"ip":"${ip}"}`]: { 'f:ip': {} } },
    },
  });
  const first = sharedSet(kind, address('10.0.0.1'));
  const second = sharedSet(kind, address('10.0.0.2'));
  expect(second).toEqual(address('10.0.0.2'));
  expect(second['f:status']!['f:conditions']).toBe(first['f:status']!['f:conditions']);
  expect(sharedSet(kind, address('10.0.0.1'))).toBe(first);
  // What has less, or more, is not the same.
  expect(sharedSet(kind, { 'f:status': { 'f:podIPs': {} } })).toEqual({ 'f:status': { 'f:podIPs': {} } });
  const more = { 'f:status': { ...address('10.0.0.1')['f:status'], 'f:phase': {} } };
  expect(sharedSet(kind, more)).toEqual(more);
  expect(sharedSet(kind, address('10.0.0.1'))).toBe(first);
});
