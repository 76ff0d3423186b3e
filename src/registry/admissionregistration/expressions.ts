// The CEL expressions of policies and webhooks: what they may refer to, and what is said of one that cannot be used.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import { compileExpression, type Program } from '../../apimachinery/cel/compile.js';
import { createEnvironment, withVariables, type Environment } from '../../apimachinery/cel/environment.js';
import { authorizerTypes } from '../../apimachinery/cel/library/authorizer.js';
import { mutationType } from '../../apimachinery/cel/library/jsonpatch.js';
import { mutatingLibraries } from '../../apimachinery/cel/library/libraries.js';
import { dynType, formatType, objectType, sameType, type CelType, type ObjectField } from '../../apimachinery/cel/types.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import { takes } from '../../clock/apart.js';
import type { Errors } from '../rules/fields.js';
import { namespaceType, requestType } from './expression-types.js';

/** Environments are immutable and few: with or without parameters, for mutations or not; each is made when it is first asked for. */
const made = new Map<string, Environment>();

/**
 * @param params whether there are parameters: the policy has a kind of them
 * @param mutating of the mutations themselves, which construct patches and objects; a mutating policy's variables and conditions do not
 */
export function environmentFor(params: boolean, mutating = false): Environment {
  const key = `${params}:${mutating}`;
  let environment = made.get(key);
  if (environment === undefined) {
    environment = createEnvironment({
      ...(mutating ? { libraries: mutatingLibraries(), objects: mutationType } : {}),
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
    made.set(key, environment);
  }
  return environment;
}

/** The policy's own variables as fields of `variables`, with their types. */
export type PolicyVariables = Map<string, ObjectField>;

/** The environment with the policy's own variables. An expression may use those that are there when it is compiled: more may come after it. */
export function withPolicyVariables(environment: Environment, fields: PolicyVariables): Environment {
  return withVariables(environment, { variables: objectType({ name: 'kubernetes.variables', fields }) });
}

/** To compile the shortest expression takes as long as to look at so many elements of a list. */
const stepsOfProgram = 8;

/** A program, or why there is none, in the real server's words. Without `outputs` anything will do; dyn is none of them. */
export function programOf(expression: string, environment: Environment, outputs: readonly CelType[] = []): Program | string {
  takes(stepsOfProgram + (expression.length >> 3));
  const compiled = compileExpression(expression.trim(), environment);
  if (!compiled.ok) return `compilation failed: ${compiled.errors}`;
  const { outputType } = compiled.program;
  if (outputs.length === 0 || outputs.some((type) => sameType(type, outputType))) return compiled.program;
  const shown = outputs.map(typeText);
  return `must evaluate to ${shown.length === 1 ? shown[0]! : `one of [${shown.join(' ')}]`} but got ${typeText(outputType)}`;
}

/** As in the messages, where null has another name than in the checker's. */
function typeText(type: CelType): string {
  return formatType(withNullType(type));
}

function withNullType(type: CelType): CelType {
  if (type.kind === 'null') return { ...type, name: 'null_type' };
  return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(withNullType) };
}

/** A field error for an expression that cannot be used. An empty one is somebody else's matter. */
export function programErrors(field: string, expression: string | undefined, program: Program | string | undefined): Errors {
  if (expression === undefined || expression.trim() === '' || typeof program !== 'string') return [];
  return [invalid(field, expression, program)];
}
