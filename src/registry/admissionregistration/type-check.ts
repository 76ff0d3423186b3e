// Checks the expressions of a validating policy against the schemas of the kinds that it matches.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
import type { ExpressionWarning, ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import { compileExpression } from '../../apimachinery/cel/compile.js';
import { withVariables, type Environment } from '../../apimachinery/cel/environment.js';
import { typeOfSchema, type StructuralSchema } from '../../apimachinery/cel/schema-type.js';
import { dynType, type CelType } from '../../apimachinery/cel/types.js';
import { environmentFor, withPolicyVariables, type PolicyVariables } from './expressions.js';

/** A kind that a policy matches. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: StructuralSchema;
}

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>;

/** What is wrong with each validation and its message, kind by kind in their order. `params`: the schema of parameters; undefined when it is not known. */
export function expressionWarnings(
  spec: Spec,
  kinds: readonly CheckedKind[],
  params: StructuralSchema | undefined,
): readonly ExpressionWarning[] {
  const environments = kinds.map((kind) => ({ kind, environment: typedEnvironment(spec, kind, params) }));
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string | undefined): void => {
    if (expression === undefined || expression.trim() === '') return;
    const found = environments.flatMap(({ kind, environment }) => {
      const problem = problemOf(expression, environment);
      return problem === undefined ? [] : [`${titleOf(kind)}: ${problem}\n`];
    });
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join('\n') });
  };
  (spec.validations ?? []).forEach(({ expression, messageExpression }, index) => {
    check(`spec.validations[${index}].expression`, expression);
    check(`spec.validations[${index}].messageExpression`, messageExpression);
  });
  return warnings;
}

function titleOf({ group, version, kind }: CheckedKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function problemOf(expression: string, environment: Environment): string | undefined {
  const compiled = compileExpression(expression, environment);
  return compiled.ok ? undefined : compiled.errors;
}

/** What the expressions see of a request about this kind. A variable that cannot be typed may be anything. */
function typedEnvironment(spec: Spec, { kind, schema }: CheckedKind, params: StructuralSchema | undefined): Environment {
  const object = typeOfSchema(schema, false, kind) ?? dynType;
  const hasParams = spec.paramKind != null;
  const base = withVariables(environmentFor(hasParams), {
    object,
    oldObject: object,
    ...(hasParams ? { params: (params && typeOfSchema(params, false, spec.paramKind?.kind)) ?? dynType } : {}),
  });
  const fields: PolicyVariables = new Map();
  const environment = withPolicyVariables(base, fields);
  for (const { name, expression } of spec.variables ?? []) {
    const compiled = compileExpression(expression, environment);
    fields.set(name, { jsonName: name, type: compiled.ok ? withoutObjects(compiled.program.outputType) : dynType, required: true });
  }
  return fields.size === 0 ? base : environment;
}

/** Of a variable that holds an object, the real server does not know its fields. */
function withoutObjects(type: CelType): CelType {
  if (type.kind === 'object') return dynType;
  return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(withoutObjects) };
}
