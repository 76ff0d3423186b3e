// What the bindings of admission policies share.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
import type { MutatingAdmissionPolicyBinding, ParamRef } from '../../../openapi/types/admissionregistration.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { fieldForbidden, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Cell, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkPathSegment, checkSubdomain, needed, oneOf, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { matchResourcesErrors } from './rules.js';

function paramRefErrors(ref: Draft<ParamRef> | undefined): Errors {
  if (ref === undefined) return [];
  const { name = '', selector } = ref;
  const field = 'spec.paramRef';
  const errors: Errors[number][] = [];
  if (name !== '' && selector !== undefined) {
    const text = 'name and selector are mutually exclusive';
    errors.push(fieldForbidden(`${field}.name`, text), fieldForbidden(`${field}.selector`, text));
  } else if (name === '' && selector === undefined) errors.push(required(field, 'one of name or selector must be specified'));
  else errors.push(...labelSelectorErrors(`${field}.selector`, selector));
  if (name !== '' && selector === undefined) errors.push(...checkPathSegment(`${field}.name`, name));
  return [
    ...errors,
    ...needed(`${field}.parameterNotFoundAction`, ref.parameterNotFoundAction, (path, value) => oneOf(path, value, ['Deny', 'Allow'])),
  ];
}

type Spec = NonNullable<Draft<MutatingAdmissionPolicyBinding>['spec']>;

/** The broken rules of the parts that both kinds of bindings have. */
export function bindingErrors(spec: Spec): Errors {
  return [
    ...needed('spec.policyName', spec.policyName, checkSubdomain),
    ...paramRefErrors(spec.paramRef),
    ...(spec.matchResources === undefined ? [] : matchResourcesErrors('spec.matchResources', spec.matchResources)),
  ];
}

/** A selector as the real server prints it: its structure in Go's words. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: Draft<LabelSelector>): string {
  const labels = Object.keys(matchLabels).sort();
  const shownLabels = labels.map((key) => `${key}: ${matchLabels[key] ?? ''},`).join('');
  const expressions = matchExpressions.map(
    ({ key = '', operator = '', values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${shownLabels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

function paramRefText(ref: Draft<ParamRef> | undefined): string {
  if (ref === undefined) return '<unset>';
  const { name = '', namespace = '*', selector } = ref;
  if (name !== '') return `${namespace}/${name}`;
  return selector === undefined ? '' : selectorText(selector);
}

/** The cells of a binding's row. */
export function bindingCells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec } = object as Draft<MutatingAdmissionPolicyBinding>;
  return [nameOf(object), spec?.policyName ?? '', paramRefText(spec?.paramRef), ageOf(object, context)];
}
