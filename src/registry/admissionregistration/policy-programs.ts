// A validating admission policy, compiled.
import type { ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import type { Program } from '../../apimachinery/cel/compile.js';
import { boolType, dynType, nullType, stringType, type CelType } from '../../apimachinery/cel/types.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Errors } from '../rules/fields.js';
import { environmentFor, expressionErrors, programOf, withPolicyVariables } from './expressions.js';

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

/** Compiles a stored policy. An expression that cannot be compiled fails when it is evaluated. */
export function compilePolicy(spec: Spec): PolicyPrograms {
  const base = environmentFor(spec.paramKind !== undefined);
  const types = new Map<string, CelType>();
  const compiled = (expression: string, outputs: readonly CelType[] = []): Compiled => ({
    expression: expression.trim(),
    program: programOf(expression, withPolicyVariables(base, types), outputs),
  });
  const conditions = (spec.matchConditions ?? []).map(({ expression = '' }) => ({
    expression: expression.trim(),
    program: programOf(expression, base, [boolType]),
  }));
  const variables = (spec.variables ?? []).map(({ name = '', expression = '' }) => {
    const one = compiled(expression);
    types.set(name, typeof one.program === 'string' ? dynType : one.program.outputType);
    return { name, ...one };
  });
  return {
    conditions,
    variables,
    validations: (spec.validations ?? []).map(({ expression = '', message = '', messageExpression, reason = 'Invalid' }) => ({
      ...compiled(expression, [boolType]),
      message: message.trim(),
      messageProgram: messageExpression === undefined || messageExpression === '' ? undefined : compiled(messageExpression, [stringType]),
      reason,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key = '', valueExpression = '' }) => ({
      key,
      ...compiled(valueExpression, [stringType, nullType]),
    })),
  };
}

/** What is wrong with the expressions of a policy, field by field. */
export function policyExpressionErrors(spec: Spec): Errors {
  const base = environmentFor(spec.paramKind !== undefined);
  const types = new Map<string, CelType>();
  const environment = (): ReturnType<typeof withPolicyVariables> => withPolicyVariables(base, types);
  const conditions = (spec.matchConditions ?? []).flatMap(({ expression }, index) =>
    expressionErrors(`spec.matchConditions[${index}].expression`, expression, base, [boolType]),
  );
  const variables = (spec.variables ?? []).flatMap(({ name = '', expression = '' }, index) => {
    const errors = expressionErrors(`spec.variables[${index}].expression`, expression, environment(), []);
    const program = programOf(expression, environment());
    types.set(name, typeof program === 'string' ? dynType : program.outputType);
    return errors;
  });
  const validations = (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...expressionErrors(`spec.validations[${index}].expression`, expression, environment(), [boolType]),
    ...expressionErrors(`spec.validations[${index}].messageExpression`, messageExpression, environment(), [stringType]),
  ]);
  const annotations = (spec.auditAnnotations ?? []).flatMap(({ valueExpression }, index) =>
    expressionErrors(`spec.auditAnnotations[${index}].valueExpression`, valueExpression, environment(), [stringType, nullType]),
  );
  return [...conditions, ...variables, ...validations, ...annotations];
}
