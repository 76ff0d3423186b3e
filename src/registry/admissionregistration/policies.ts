// What validating and mutating admission policies share.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { MatchResources, ParamKind, Variable } from '../../../openapi/types/admissionregistration.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { DefaultRow } from '../rules/defaults.js';
import { each, needed, type Errors } from '../rules/fields.js';
import { matchResourcesErrors } from './rules.js';

/** The defaults of what is matched, under a path such as `spec.matchConstraints`. */
export function matchDefaults(path: string): readonly DefaultRow[] {
  return [
    [`${path}.matchPolicy`, 'Equivalent'],
    [`${path}.namespaceSelector`, () => ({})],
    [`${path}.objectSelector`, () => ({})],
    [`${path}.resourceRules[].scope`, '*'],
    [`${path}.excludeResourceRules[].scope`, '*'],
  ];
}

export function paramKindErrors(paramKind: Draft<ParamKind> | undefined): Errors {
  if (paramKind === undefined) return [];
  const field = 'spec.paramKind.apiVersion';
  return [
    ...needed(field, paramKind.apiVersion, (path, value) =>
      value.split('/').length > 2 ? [invalid(path, value, `unexpected GroupVersion string: ${value}`)] : [],
    ),
    ...needed('spec.paramKind.kind', paramKind.kind),
  ];
}

/** A policy says what it matches, with at least one rule. */
export function constraintErrors(match: Draft<MatchResources> | undefined): Errors {
  const field = 'spec.matchConstraints';
  if (match === undefined) return [required(field)];
  const errors = matchResourcesErrors(field, match);
  return (match.resourceRules ?? []).length === 0 ? [...errors, required(`${field}.resourceRules`)] : errors;
}

export function variableErrors(variables: readonly Draft<Variable>[] | undefined): Errors {
  return each('spec.variables', variables, (field, { name = '', expression = '' }) => {
    const errors: Errors[number][] = [];
    if (name === '') errors.push(required(`${field}.name`, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)) errors.push(invalid(`${field}.name`, name, 'must be a valid CEL identifier'));
    if (expression.trim() === '') errors.push(required(`${field}.expression`, 'expression is not specified'));
    return errors;
  });
}

export function paramKindText(paramKind: Draft<ParamKind> | undefined): string {
  return paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`;
}
