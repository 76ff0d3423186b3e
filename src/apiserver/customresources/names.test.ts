import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../../openapi/types/apiextensions.v1.js';
import { acceptNames, namesPatch, sameNames } from './names.js';

const none: CustomResourceDefinitionNames = { plural: '', kind: '' };
const definition = (names: CustomResourceDefinitionNames, acceptedNames = none): CustomResourceDefinition =>
  ({
    metadata: { name: `${names.plural}.a.b` },
    spec: { group: 'a.b', names },
    status: { acceptedNames },
  }) as unknown as CustomResourceDefinition;
const first = { plural: 'firsts', singular: 'first', kind: 'First', listKind: 'FirstList', shortNames: ['ff'] };

// As a real kube-apiserver v1.36.3 answered.
test('who comes first has the names', () => {
  expect(acceptNames(definition(first), [])).toEqual({
    accepted: { ...first, categories: [] },
    condition: { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  });
});

test('the last name that is taken gives the reason; the others are accepted', () => {
  const names = {
    plural: 'seconds',
    singular: 'first',
    kind: 'First',
    listKind: 'FirstList',
    shortNames: ['ff', 'gg'],
    categories: ['all'],
  };
  const { accepted, condition } = acceptNames(definition(names), [definition(first, first)]);
  expect(condition).toMatchObject({ status: 'False', reason: 'ListKindConflict', message: '"FirstList" is already in use' });
  expect(accepted).toEqual({ plural: 'seconds', kind: '', categories: ['all'] });
});

test('several short names that are taken', () => {
  const names = { plural: 'thirds', singular: 'third', kind: 'Third', listKind: 'ThirdList', shortNames: ['firsts', 'first', 'tt'] };
  const { condition } = acceptNames(definition(names), [definition(first, first)]);
  expect(condition).toMatchObject({ reason: 'ShortNamesConflict', message: '["firsts" is already in use, "first" is already in use]' });
});

test('names that were had stay until the new ones are free', () => {
  const had = { plural: 'seconds', singular: 'second', kind: 'Second', listKind: 'SecondList' };
  const { accepted } = acceptNames(definition({ ...had, singular: 'first' }, had), [definition(first, first)]);
  expect(accepted.singular).toBe('second');
});

test('a patch takes away what is empty', () => {
  expect(namesPatch({ plural: 'a', kind: 'A', singular: '', shortNames: [] })).toEqual({
    plural: 'a',
    kind: 'A',
    singular: null,
    listKind: null,
    shortNames: null,
    categories: null,
  });
  expect(sameNames({ plural: 'a', kind: 'A' }, { plural: 'a', kind: 'A', shortNames: [], categories: [] })).toBe(true);
});
