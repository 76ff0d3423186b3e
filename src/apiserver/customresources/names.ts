// Which of the names that a definition asks for it may have: the first to ask has them.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#create-a-customresourcedefinition
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../../openapi/types/apiextensions.v1.js';
import { quote } from '../../apimachinery/schema/problems.js';
import { noConflicts, type NewCondition } from './conditions.js';

export interface Names {
  readonly accepted: CustomResourceDefinitionNames;
  readonly condition: NewCondition;
}

/** The names that other definitions of the group have been given. */
function takenBy(others: readonly CustomResourceDefinition[]): { readonly resources: Set<string>; readonly kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const { plural, singular = '', shortNames = [], kind, listKind = '' } = status.acceptedNames ?? { plural: '', kind: '' };
    for (const name of [plural, singular, ...shortNames]) resources.add(name);
    for (const name of [kind, listKind]) kinds.add(name);
  }
  resources.delete('');
  kinds.delete('');
  return { resources, kinds };
}

function inUse(name: string): string {
  return `${quote(name)} is already in use`;
}

/** The names of a definition and the condition that tells of them; `others` are the group's other definitions. */
export function acceptNames({ spec, status }: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): Names {
  const { resources, kinds } = takenBy(others);
  const wanted = spec.names;
  const had = status.acceptedNames ?? { plural: '', kind: '' };
  let accepted: CustomResourceDefinitionNames = had;
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const take = (field: 'plural' | 'singular' | 'kind' | 'listKind', taken: ReadonlySet<string>, reason: string): void => {
    const name = wanted[field] ?? '';
    if (name !== '' && taken.has(name)) conflict = { reason, message: inUse(name) };
    else accepted = { ...accepted, [field]: name };
  };
  take('plural', resources, 'PluralConflict');
  take('singular', resources, 'SingularConflict');
  const twice = (wanted.shortNames ?? []).filter((name) => resources.has(name));
  if (twice.length > 0) {
    const texts = twice.map(inUse);
    conflict = { reason: 'ShortNamesConflict', message: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
  } else accepted = { ...accepted, shortNames: wanted.shortNames ?? [] };
  take('kind', kinds, 'KindConflict');
  take('listKind', kinds, 'ListKindConflict');
  // As the real server does: what a later name has to say is told.
  accepted = { ...accepted, categories: wanted.categories ?? [] };
  return { accepted, condition: conflict === undefined ? noConflicts : { type: 'NamesAccepted', status: 'False', ...conflict } };
}

/** Whether two sets of names are the same; what is absent is empty. */
export function sameNames(one: CustomResourceDefinitionNames, other: CustomResourceDefinitionNames): boolean {
  const textOf = ({
    plural,
    singular = '',
    shortNames = [],
    kind,
    listKind = '',
    categories = [],
  }: CustomResourceDefinitionNames): string => JSON.stringify([plural, singular, shortNames, kind, listKind, categories]);
  return textOf(one) === textOf(other);
}

/** As a merge patch: what is empty is taken away. */
export function namesPatch({ plural, singular, shortNames = [], kind, listKind, categories = [] }: CustomResourceDefinitionNames): unknown {
  const text = (name: string | undefined): string | null => (name === undefined || name === '' ? null : name);
  return {
    plural,
    kind,
    singular: text(singular),
    listKind: text(listKind),
    shortNames: shortNames.length === 0 ? null : shortNames,
    categories: categories.length === 0 ? null : categories,
  };
}
