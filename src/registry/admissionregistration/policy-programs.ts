// A validating admission policy, compiled.
import type { ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import type { Program } from '../../apimachinery/cel/compile.js';
import type { Environment } from '../../apimachinery/cel/environment.js';
import { boolType, dynType, nullType, stringType, type CelType } from '../../apimachinery/cel/types.js';
import type { Draft } from '../../apimachinery/object.js';
import { environmentFor, programOf, withPolicyVariables } from './expressions.js';

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

/** What validating and mutating policies have in common. */
export type SharedPrograms = Pick<PolicyPrograms, 'conditions' | 'variables'>;

export function compiled(expression: string, environment: Environment, outputs: readonly CelType[] = []): Compiled {
  return { expression: expression.trim(), program: programOf(expression, environment, outputs) };
}

/** Compiles conditions and variables; `types` are those of the variables, by name. */
export function compileShared(spec: Pick<Spec, 'paramKind' | 'matchConditions' | 'variables'>): {
  readonly programs: SharedPrograms;
  readonly types: ReadonlyMap<string, CelType>;
} {
  const base = environmentFor(spec.paramKind !== undefined);
  const types = new Map<string, CelType>();
  const conditions = (spec.matchConditions ?? []).map(({ expression = '' }) => compiled(expression, base, [boolType]));
  // Each knows those before it.
  const variables = (spec.variables ?? []).map(({ name = '', expression = '' }) => {
    const one = compiled(expression, withPolicyVariables(base, types));
    types.set(name, typeof one.program === 'string' ? dynType : one.program.outputType);
    return { name, ...one };
  });
  return { programs: { conditions, variables }, types };
}

/** Compiles a policy. An expression that cannot be compiled fails when it is evaluated. */
export function compilePolicy(spec: Spec): PolicyPrograms {
  const { programs, types } = compileShared(spec);
  const base = environmentFor(spec.paramKind !== undefined);
  const full = types.size === 0 ? base : withPolicyVariables(base, types);
  return {
    ...programs,
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
