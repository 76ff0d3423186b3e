// A validating admission policy, compiled.
import type { ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import type { Program } from '../../apimachinery/cel/compile.js';
import type { Environment } from '../../apimachinery/cel/environment.js';
import { boolType, dynType, nullType, stringType, type CelType } from '../../apimachinery/cel/types.js';
import type { Draft } from '../../apimachinery/object.js';
import { each, type Errors } from '../rules/fields.js';
import { environmentFor, programErrors, programOf, withPolicyVariables } from './expressions.js';

/** An expression with its program, or with why it has none. */
export interface Compiled {
  readonly expression: string;
  readonly program: Program | string;
}

export interface CompiledValidation extends Compiled {
  readonly message: string;
  readonly messageProgram: Compiled | undefined;
  readonly reason: string;
}

export interface PolicyPrograms {
  readonly conditions: readonly Compiled[];
  readonly variables: readonly (Compiled & { readonly name: string })[];
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly (Compiled & { readonly key: string })[];
}

type Spec = NonNullable<Draft<ValidatingAdmissionPolicy>['spec']>;

/** Compiles a policy. An expression that cannot be compiled fails when it is evaluated. */
export function compilePolicy(spec: Spec): PolicyPrograms {
  const base = environmentFor(spec.paramKind !== undefined);
  const types = new Map<string, CelType>();
  const compiled = (expression: string, environment: Environment, outputs: readonly CelType[] = []): Compiled => ({
    expression: expression.trim(),
    program: programOf(expression, environment, outputs),
  });
  const conditions = (spec.matchConditions ?? []).map(({ expression = '' }) => compiled(expression, base, [boolType]));
  // Each knows those before it.
  const variables = (spec.variables ?? []).map(({ name = '', expression = '' }) => {
    const one = compiled(expression, withPolicyVariables(base, types));
    types.set(name, typeof one.program === 'string' ? dynType : one.program.outputType);
    return { name, ...one };
  });
  const full = withPolicyVariables(base, types);
  return {
    conditions,
    variables,
    validations: (spec.validations ?? []).map(({ expression = '', message = '', messageExpression = '', reason = 'Invalid' }) => ({
      ...compiled(expression, full, [boolType]),
      message: message.trim(),
      messageProgram: messageExpression === '' ? undefined : compiled(messageExpression, full, [stringType]),
      reason,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key = '', valueExpression = '' }) => ({
      key,
      ...compiled(valueExpression, full, [stringType, nullType]),
    })),
  };
}

/** What is wrong with the expressions of a policy, field by field. */
export function policyExpressionErrors(spec: Spec): Errors {
  const { conditions, variables, validations, auditAnnotations } = compilePolicy(spec);
  return [
    ...each('spec.matchConditions', spec.matchConditions, (field, { expression }, index) =>
      programErrors(`${field}.expression`, expression, conditions[index]!.program),
    ),
    ...each('spec.variables', spec.variables, (field, { expression }, index) =>
      programErrors(`${field}.expression`, expression, variables[index]!.program),
    ),
    ...each('spec.validations', spec.validations, (field, { expression, messageExpression }, index) => [
      ...programErrors(`${field}.expression`, expression, validations[index]!.program),
      ...programErrors(`${field}.messageExpression`, messageExpression, validations[index]!.messageProgram?.program),
    ]),
    ...each('spec.auditAnnotations', spec.auditAnnotations, (field, { valueExpression }, index) =>
      programErrors(`${field}.valueExpression`, valueExpression, auditAnnotations[index]!.program),
    ),
  ];
}
