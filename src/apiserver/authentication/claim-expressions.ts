// CEL in an AuthenticationConfiguration: what a user is, from the claims of a token, and who is turned away.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { compileExpression, type Program } from '../../apimachinery/cel/compile.js';
import { createEnvironment, type Environment } from '../../apimachinery/cel/environment.js';
import { runtimeCostLimits } from '../../apimachinery/cel/evaluate/run.js';
import type { Expression } from '../../apimachinery/cel/syntax/expression.js';
import { parseExpression } from '../../apimachinery/cel/syntax/parser.js';
import { boolType, dynType, listType, mapType, stringType } from '../../apimachinery/cel/types.js';
import { toJson } from '../../apimachinery/cel/values/json.js';
import { ListValue, type CelValue } from '../../apimachinery/cel/values/value.js';
import { typeOf } from '../../registry/admissionregistration/expression-types.js';

/** What the expressions of one file may refer to; made once a file, and only when it has expressions. */
export interface ClaimEnvironments {
  readonly claims: () => Environment;
  readonly user: () => Environment;
}

export function claimEnvironments(): ClaimEnvironments {
  let claims: Environment | undefined;
  let user: Environment | undefined;
  return {
    claims: () => (claims ??= createEnvironment({ variables: { claims: mapType(stringType, dynType) } })),
    user: () => (user ??= createEnvironment({ variables: { user: userType } })),
  };
}

const userType = typeOf('kubernetes.UserInfo', {
  username: stringType,
  uid: stringType,
  groups: listType(stringType),
  extra: mapType(stringType, listType(stringType)),
});

/** The program, or what is wrong. A rule must be true or false; a mapping may give anything, until it is evaluated. */
export function compileClaimExpression(text: string, environment: Environment, isRule: boolean): Program | string {
  const compiled = compileExpression(text, environment, isRule ? { output: [boolType] } : {});
  if (compiled.ok) return compiled.program;
  return compiled.reason === 'output' ? compiled.errors : `compilation failed: ${compiled.errors}`;
}

/** The value, or the real server's words for why there is none. */
export function evaluateExpression(
  program: Program,
  variables: Readonly<Record<string, unknown>>,
): { readonly value: CelValue } | { readonly error: string } {
  const result = program.evaluate(variables, { remaining: runtimeCostLimits.total, perEvaluation: runtimeCostLimits.perCall });
  return result.ok ? { value: result.value } : { error: `expression '${program.expression}' resulted in error: ${result.error}` };
}

/** One text or several, without empty ones; undefined for anything else. null is none. */
export function textsIn(value: CelValue): readonly string[] | undefined {
  if (value === null) return [];
  const json = typeof value === 'string' ? [value] : value instanceof ListValue ? toJson(value) : undefined;
  if (!Array.isArray(json) || !json.every((one): one is string => typeof one === 'string')) return undefined;
  return json.filter((one) => one !== '');
}

/** Whether `claims.<claim>` is read, as a field. */
export function readsClaim(text: string, claim: string, environment: Environment): boolean {
  const { expression } = parseExpression(text, environment.macros);
  return expression !== undefined && contains(expression, claim);
}

function contains(node: unknown, claim: string): boolean {
  if (Array.isArray(node)) return node.some((one) => contains(one, claim));
  if (typeof node !== 'object' || node === null) return false;
  const { kind, operand, field } = node as { readonly kind?: string; readonly operand?: Expression; readonly field?: string };
  if (kind === 'select' && field === claim && operand?.kind === 'ident' && operand.name === 'claims') return true;
  return Object.values(node).some((one) => contains(one, claim));
}
