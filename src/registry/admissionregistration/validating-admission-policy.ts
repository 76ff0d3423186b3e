// Validating admission policies. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '../../../openapi/types/admissionregistration.v1.js';
import { duplicate, invalid, required } from '../../apimachinery/errors/field-error.js';
import { qualifiedNameProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { each, eachAlone, optionalOneOf, type Errors } from '../rules/fields.js';
import { shownAs, type Shape } from '../rules/shown.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { programErrors } from './expressions.js';
import { constraintErrors, matchDefaults, paramKindErrors, paramKindText, variableErrors } from './policies.js';
import { compilePolicy, type Compiled, type CompiledValidation } from './policy-programs.js';
import { failurePolicies, matchConditionErrors } from './rules.js';

const mostAnnotations = 20;
const annotationShape: Shape = [
  ['Key', ''],
  ['ValueExpression', ''],
];

function validationErrors(
  field: string,
  { expression = '', message, messageExpression, reason }: Draft<Validation>,
  { program, messageProgram }: CompiledValidation,
): Errors {
  const errors: Errors[number][] = [];
  if (expression.trim() === '') errors.push(required(`${field}.expression`, 'expression is not specified'));
  errors.push(
    ...programErrors(`${field}.expression`, expression, program),
    ...programErrors(`${field}.messageExpression`, messageExpression, messageProgram?.program),
  );
  if (message !== undefined && message !== '') {
    if (message.trim() === '') errors.push(invalid(`${field}.message`, message, 'must be non-empty if specified'));
    else if (message.trim().includes('\n')) errors.push(invalid(`${field}.message`, message, 'must not contain line breaks'));
  }
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(invalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  }
  // The server's own words for the reasons that it knows.
  return [...errors, ...optionalOneOf(`${field}.reason`, reason, ['Forbidden', 'Invalid', 'RequestEntityTooLarge'])];
}

function auditErrors(annotations: readonly Draft<AuditAnnotation>[] | undefined, policy: string, programs: readonly Compiled[]): Errors {
  const list = annotations ?? [];
  if (list.length > mostAnnotations) {
    return [
      invalid('spec.auditAnnotations', shownAs(annotationShape, list), `must not have more than ${mostAnnotations} auditAnnotations`),
    ];
  }
  const keys = new Set<string>();
  return each('spec.auditAnnotations', annotations, (field, { key = '', valueExpression = '' }, index) => {
    const full = `${policy}/${key}`;
    const errors: Errors[number][] = qualifiedNameProblems(full).map((why) => invalid(`${field}.key`, full, why));
    if (valueExpression.trim() === '') errors.push(required(`${field}.valueExpression`, 'valueExpression is not specified'));
    errors.push(...programErrors(`${field}.valueExpression`, valueExpression, programs[index]?.program));
    if (keys.has(key)) errors.push(duplicate(`${field}.key`, key));
    keys.add(key);
    return errors;
  });
}

function validate(policy: Draft<ValidatingAdmissionPolicy>): Errors {
  const spec = policy.spec ?? {};
  const { conditions, variables, validations, auditAnnotations } = compilePolicy(spec);
  const errors = [
    ...optionalOneOf('spec.failurePolicy', spec.failurePolicy, failurePolicies),
    ...paramKindErrors(spec.paramKind),
    ...constraintErrors(spec.matchConstraints),
    ...matchConditionErrors(
      'spec.matchConditions',
      spec.matchConditions,
      conditions.map(({ program }) => program),
    ),
    ...variableErrors(spec.variables, variables),
  ];
  if ((spec.validations ?? []).length === 0 && (spec.auditAnnotations ?? []).length === 0) {
    const text = 'validations or auditAnnotations must contain at least one item';
    return [...errors, required('spec.validations', text), required('spec.auditAnnotations', text)];
  }
  return [
    ...errors,
    ...eachAlone('spec.validations', spec.validations, (field, validation, index) =>
      validationErrors(field, validation, validations[index]!),
    ),
    ...auditErrors(spec.auditAnnotations, policy.metadata?.name ?? '', auditAnnotations),
  ];
}

export const validatingAdmissionPolicy: KindDefinition = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  unconditionalUpdate: false,
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([['spec.failurePolicy', 'Fail'], ...matchDefaults('spec.matchConstraints')]),
    ...statusHooks(() => ({})),
    statusResetFields: { 'f:metadata': {}, 'f:spec': {} },
    prepareForStatusUpdate: keepAllButStatus,
    validate: (object) => validate(object),
  },
  cells: (object, context) => {
    const { spec } = object as Draft<ValidatingAdmissionPolicy>;
    return [nameOf(object), spec?.validations?.length ?? 0, paramKindText(spec?.paramKind), ageOf(object, context)];
  },
};
