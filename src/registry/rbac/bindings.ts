// What role bindings and cluster role bindings share.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
import type { RoleBinding, RoleRef, Subject } from '../../../openapi/types/rbac.v1.js';
import { invalid, notSupportedText, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Cell, Strategy, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkPathSegment, checkSubdomain, eachAlone, needed, type Errors } from '../rules/fields.js';

const group = 'rbac.authorization.k8s.io';

function applyDefaults(draft: Mutable): void {
  const { roleRef, subjects } = draft;
  if (isRecord(roleRef) && (roleRef.apiGroup === undefined || roleRef.apiGroup === '')) roleRef.apiGroup = group;
  if (!Array.isArray(subjects)) return;
  for (const subject of subjects as unknown[]) {
    if (!isRecord(subject) || (subject.apiGroup !== undefined && subject.apiGroup !== '')) continue;
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup = group;
  }
}

/** That the value is one of these. */
function among(field: string, value = '', supported: readonly string[]): Errors {
  return supported.includes(value) ? [] : [notSupportedText(field, value, supported)];
}

function refErrors(ref: Draft<RoleRef>, kinds: readonly string[]): Errors {
  return [
    ...among('roleRef.apiGroup', ref.apiGroup, [group]),
    ...among('roleRef.kind', ref.kind, kinds),
    ...needed('roleRef.name', ref.name, checkPathSegment),
  ];
}

function subjectErrors(field: string, subject: Draft<Subject>, namespaced: boolean): Errors {
  const { kind = '', name = '', namespace = '', apiGroup = '' } = subject;
  const errors: Errors[number][] = name === '' ? [required(`${field}.name`)] : [];
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...checkSubdomain(`${field}.name`, name));
      if (apiGroup !== '') errors.push(notSupportedText(`${field}.apiGroup`, apiGroup, ['']));
      // In a namespace, none means the binding's own.
      if (!namespaced && namespace === '') errors.push(required(`${field}.namespace`));
      break;
    case 'User':
    case 'Group':
      errors.push(...among(`${field}.apiGroup`, apiGroup, [group]));
      break;
    default:
      errors.push(notSupportedText(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

/** The strategy of a binding whose `roleRef` may be of these kinds. */
export function bindingStrategy(kinds: readonly string[], namespaced: boolean): Strategy {
  return {
    applyDefaults,
    validate: (object) => {
      const { roleRef, subjects } = object as Draft<RoleBinding>;
      return [
        ...refErrors(roleRef ?? {}, kinds),
        ...eachAlone('subjects', subjects, (field, subject) => subjectErrors(field, subject, namespaced)),
      ];
    },
    validateUpdate: (object, old) => {
      const now = (object as Draft<RoleBinding>).roleRef ?? {};
      const before = (old as Draft<RoleBinding>).roleRef ?? {};
      if (now.apiGroup === before.apiGroup && now.kind === before.kind && now.name === before.name) return [];
      const shown = { APIGroup: now.apiGroup ?? '', Kind: now.kind ?? '', Name: now.name ?? '' };
      return [invalid('roleRef', shown, 'cannot change roleRef')];
    },
  };
}

/** The cells of a binding's row. */
export function bindingCells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { roleRef, subjects = [] } = object as Draft<RoleBinding>;
  const names = (kind: string, text: (subject: Draft<Subject>) => string): string =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(text)
      .join(', ');
  return [
    nameOf(object),
    `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`,
    ageOf(object, context),
    names('User', ({ name = '' }) => name),
    names('Group', ({ name = '' }) => name),
    names('ServiceAccount', ({ namespace = '', name = '' }) => `${namespace}/${name}`),
  ];
}
