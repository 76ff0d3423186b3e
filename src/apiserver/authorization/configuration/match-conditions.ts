// When a webhook is asked: CEL expressions over the SubjectAccessReview that it would be sent.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#webhook-match-conditions
import type { Program } from '../../../apimachinery/cel/compile.js';
import { createEnvironment } from '../../../apimachinery/cel/environment.js';
import { runtimeCostLimits } from '../../../apimachinery/cel/evaluate/run.js';
import { Patience, patiently } from '../../../apimachinery/cel/regex/patience.js';
import { boolType, listType, mapType, stringType } from '../../../apimachinery/cel/types.js';
import { duplicate, invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { inSlices, type Work } from '../../../clock/slices.js';
import { typeOf } from '../../../registry/admissionregistration/expression-types.js';
import { programOf } from '../../../registry/admissionregistration/expressions.js';
import { isResourceRequest, joined, type Attributes, type SelectorRequirement } from '../authorizer.js';

/** Whether the webhook is to be asked; an error when that cannot be told. */
export type Met = boolean | { readonly error: string };

/** One that is false decides, whatever the others say. A promise when it takes long. */
export type MatchConditions = (attributes: Attributes) => Met | Promise<Met>;

const selector = (kind: string) =>
  typeOf(`kubernetes.${kind}SelectorAttributes`, {
    rawSelector: stringType,
    requirements: listType(
      typeOf(`kubernetes.${kind}SelectorRequirement`, { key: stringType, operator: stringType, values: listType(stringType) }),
    ),
  });

const requestType = typeOf('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: typeOf('kubernetes.ResourceAttributes', {
    namespace: stringType,
    verb: stringType,
    group: stringType,
    version: stringType,
    resource: stringType,
    subresource: stringType,
    name: stringType,
    fieldSelector: selector('Field'),
    labelSelector: selector('Label'),
  }),
  nonResourceAttributes: typeOf('kubernetes.NonResourceAttributes', { path: stringType, verb: stringType }),
  user: stringType,
  groups: listType(stringType),
  extra: mapType(stringType, listType(stringType)),
  uid: stringType,
});

/** Compiles them; none: undefined. `errors` has what is wrong with them, under `path`. */
export function compileMatchConditions(
  expressions: readonly string[],
  path: string,
): { readonly conditions: MatchConditions | undefined; readonly errors: readonly FieldError[] } {
  if (expressions.length === 0) return { conditions: undefined, errors: [] };
  const environment = createEnvironment({ variables: { request: requestType } });
  const errors: FieldError[] = [];
  const programs: Program[] = [];
  for (const [index, expression] of expressions.entries()) {
    const field = `${path}[${index}].expression`;
    if (expression.trim() === '') {
      errors.push(required(field));
      continue;
    }
    if (expressions.indexOf(expression) < index) {
      errors.push(duplicate(field, expression));
      continue;
    }
    const program = programOf(expression, environment, [boolType]);
    if (typeof program === 'string') errors.push(invalid(field, expression, program));
    else programs.push(program);
  }
  return { conditions: (attributes) => inSlices(holdAll(programs, attributes)), errors };
}

function* holdAll(programs: readonly Program[], attributes: Attributes): Work<Met> {
  const activation = { request: () => requestOf(attributes) };
  const budget = { remaining: runtimeCostLimits.total / 4, perEvaluation: runtimeCostLimits.perCall };
  const patience = new Patience();
  const errors: string[] = [];
  for (const program of programs) {
    yield;
    const result = yield* patiently(patience, () => program.evaluate(activation, budget, patience));
    if (!result.ok) errors.push(`cel evaluation error: expression '${program.expression}' resulted in error: ${result.error}`);
    else if (result.value !== true) return false;
  }
  const error = joined(errors);
  return error === undefined ? true : { error };
}

/** All but selectors is always there, if empty. */
function requestOf(attributes: Attributes): unknown {
  const { user, verb } = attributes;
  const who = { user: user.name, groups: user.groups, uid: user.uid ?? '', extra: user.extra ?? {} };
  if (!isResourceRequest(attributes)) return { ...who, nonResourceAttributes: { path: attributes.path, verb } };
  const { namespace, group, version, resource, subresource, name, selectors } = attributes;
  const shown = (field: string, requirements: readonly SelectorRequirement[] = []): object =>
    requirements.length === 0 ? {} : { [field]: { requirements } };
  const asked = { namespace, verb, group, version, resource, subresource, name };
  return {
    ...who,
    resourceAttributes: { ...asked, ...shown('fieldSelector', selectors?.fields), ...shown('labelSelector', selectors?.labels) },
  };
}
