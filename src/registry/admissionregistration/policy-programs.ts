// A validating admission policy, compiled.
import type { ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import type { Program } from '../../apimachinery/cel/compile.js';
import type { Environment } from '../../apimachinery/cel/environment.js';
import { boolType, dynType, nullType, stringType, type CelType } from '../../apimachinery/cel/types.js';
import type { Draft } from '../../apimachinery/object.js';
import { onward } from '../../clock/apart.js';
import { environmentFor, programOf, withPolicyVariables, type PolicyVariables } from './expressions.js';

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

/** Makes what is not there yet of each of the list; others may have their turn in between. */
export function grow<T, R>(made: R[], list: readonly T[] | undefined, make: (one: T) => R): void {
  while (list !== undefined && made.length < list.length) {
    onward();
    made.push(make(list[made.length]!));
  }
}

/** What is compiled of a policy so far. */
interface Shared {
  readonly conditions: Compiled[];
  readonly variables: (Compiled & { readonly name: string })[];
  readonly fields: PolicyVariables;
  readonly environment: Environment;
}

type SharedSpec = Pick<Spec, 'paramKind' | 'matchConditions' | 'variables'>;

/** Specs are immutable: what was compiled of one stays right. */
const sharedOf = new WeakMap<SharedSpec, Shared>();

/** Compiles conditions and variables; `fields` are the variables with their types. */
export function compileShared(spec: SharedSpec): { readonly programs: SharedPrograms; readonly fields: PolicyVariables } {
  const base = environmentFor(spec.paramKind !== undefined);
  let shared = sharedOf.get(spec);
  if (shared === undefined) {
    const fields: PolicyVariables = new Map();
    sharedOf.set(spec, (shared = { conditions: [], variables: [], fields, environment: withPolicyVariables(base, fields) }));
  }
  const { conditions, variables, fields, environment } = shared;
  grow(conditions, spec.matchConditions, ({ expression = '' }) => compiled(expression, base, [boolType]));
  // Each knows those before it.
  grow(variables, spec.variables, ({ name = '', expression = '' }) => {
    const one = compiled(expression, environment);
    fields.set(name, { jsonName: name, type: typeof one.program === 'string' ? dynType : one.program.outputType, required: true });
    return { name, ...one };
  });
  return { programs: { conditions, variables }, fields };
}

interface Parts {
  readonly validations: CompiledValidation[];
  readonly auditAnnotations: (Compiled & { readonly key: string })[];
}

const partsOf = new WeakMap<Spec, Parts>();

/** Compiles a policy. An expression that cannot be compiled fails when it is evaluated. */
export function compilePolicy(spec: Spec): PolicyPrograms {
  const { programs, fields } = compileShared(spec);
  const base = environmentFor(spec.paramKind !== undefined);
  const full = fields.size === 0 ? base : withPolicyVariables(base, fields);
  let parts = partsOf.get(spec);
  if (parts === undefined) partsOf.set(spec, (parts = { validations: [], auditAnnotations: [] }));
  grow(parts.validations, spec.validations, ({ expression = '', message = '', messageExpression = '', reason = 'Invalid' }) => ({
    ...compiled(expression, full, [boolType]),
    message: message.trim(),
    messageProgram: messageExpression === '' ? undefined : compiled(messageExpression, full, [stringType]),
    reason,
  }));
  grow(parts.auditAnnotations, spec.auditAnnotations, ({ key = '', valueExpression = '' }) => ({
    key,
    ...compiled(valueExpression, full, [stringType, nullType]),
  }));
  return { ...programs, ...parts };
}
