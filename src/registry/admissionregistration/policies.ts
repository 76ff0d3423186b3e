// What validating and mutating admission policies share.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { MatchResources, ParamKind, Variable } from '../../../openapi/types/admissionregistration.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import { label1035Problems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import type { DefaultRow } from '../rules/defaults.js';
import { checkLabel1035, checkSubdomain, eachAlone, needed, type Errors } from '../rules/fields.js';
import { programErrors } from './expressions.js';
import { isCelIdentifier } from './identifiers.js';
import type { Compiled } from './policy-programs.js';
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

function groupVersionErrors(field: string, apiVersion: string): Errors {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group = '', version = ''] = parts.length === 2 ? parts : ['', apiVersion];
  if (version === '') return [invalid(field, apiVersion, 'version must be specified')];
  return [...(group === '' ? [] : checkSubdomain(field, group)), ...checkLabel1035(field, version)];
}

export function paramKindErrors(paramKind: Draft<ParamKind> | undefined): Errors {
  if (paramKind === undefined) return [];
  const field = 'spec.paramKind.apiVersion';
  return [
    ...needed(field, paramKind.apiVersion, groupVersionErrors),
    ...needed('spec.paramKind.kind', paramKind.kind, (path, kind) =>
      label1035Problems(kind.toLowerCase()).map((why) => invalid(path, kind, `may have mixed case, but should otherwise match: ${why}`)),
    ),
  ];
}

/** A policy says what it matches, with at least one rule. */
export function constraintErrors(match: Draft<MatchResources> | undefined): Errors {
  const field = 'spec.matchConstraints';
  if (match === undefined) return [required(field)];
  const errors = matchResourcesErrors(field, match);
  return (match.resourceRules ?? []).length === 0 ? [...errors, required(`${field}.resourceRules`)] : errors;
}

/** `programs` are those of the expressions, or why there are none. */
export function variableErrors(variables: readonly Draft<Variable>[] | undefined, programs: readonly Compiled[]): Errors {
  return eachAlone('spec.variables', variables, (field, { name = '', expression = '' }, index) => {
    const errors: Errors[number][] = [];
    if (name === '') errors.push(required(`${field}.name`, 'name is not specified'));
    else if (!isCelIdentifier(name)) errors.push(invalid(`${field}.name`, name, 'must be a valid CEL identifier'));
    if (expression.trim() === '') errors.push(required(`${field}.expression`, 'expression is not specified'));
    errors.push(...programErrors(`${field}.expression`, expression, programs[index]?.program));
    return errors;
  });
}

export function paramKindText(paramKind: Draft<ParamKind> | undefined): string {
  return paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`;
}
