// The CEL expressions of policies and webhooks: what they may refer to, and what is said of one that cannot be used.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import { compileExpression, type Program } from '../../apimachinery/cel/compile.js';
import { createEnvironment, withVariables, type Environment } from '../../apimachinery/cel/environment.js';
import { authorizerTypes } from '../../apimachinery/cel/library/authorizer.js';
import { dynType, isDynamic, objectType, sameType, type CelType, type ObjectField } from '../../apimachinery/cel/types.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Errors } from '../rules/fields.js';
import { namespaceType, requestType } from './expression-types.js';

/** Environments are immutable and few: without and with parameters; each is made when it is first asked for. */
const made = new Map<boolean, Environment>();

/** @param params whether there are parameters: the policy has a kind of them */
export function environmentFor(params: boolean): Environment {
  let environment = made.get(params);
  if (environment === undefined) {
    environment = createEnvironment({
      variables: {
        object: dynType,
        oldObject: dynType,
        request: requestType,
        namespaceObject: namespaceType,
        authorizer: authorizerTypes.authorizer,
        'authorizer.requestResource': authorizerTypes.resourceCheck,
        ...(params ? { params: dynType } : {}),
      },
    });
    made.set(params, environment);
  }
  return environment;
}

/** The environment with the policy's own variables, whose types are known by now, under `variables`. */
export function withPolicyVariables(environment: Environment, types: ReadonlyMap<string, CelType>): Environment {
  if (types.size === 0) return environment;
  const fields = new Map<string, ObjectField>([...types].map(([name, type]) => [name, { jsonName: name, type, required: true }]));
  return withVariables(environment, { variables: objectType({ name: 'kubernetes.variables', fields }) });
}

/** A program, or why there is none, in the real server's words. */
export function programOf(expression: string, environment: Environment, outputs: readonly CelType[] = []): Program | string {
  const compiled = compileExpression(expression.trim(), environment);
  if (!compiled.ok) return `compilation failed: ${compiled.errors}`;
  const { outputType } = compiled.program;
  if (outputs.length === 0 || isDynamic(outputType) || outputs.some((type) => sameType(type, outputType))) return compiled.program;
  const wanted =
    outputs.length === 1
      ? outputs[0]!.name
      : `one of [${outputs.map((type) => (type.name === 'null' ? 'null_type' : type.name)).join(' ')}]`;
  return `must evaluate to ${wanted} but got ${outputType.name}`;
}

/** A field error for an expression that cannot be used. An empty one is somebody else's matter. */
export function programErrors(field: string, expression: string | undefined, program: Program | string | undefined): Errors {
  if (expression === undefined || expression.trim() === '' || typeof program !== 'string') return [];
  return [invalid(field, expression, program)];
}
