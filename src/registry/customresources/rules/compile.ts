// The rules of a place in a schema, compiled once: programs over `self`, and `oldSelf` where they compare with what was.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
import { compileExpression, type Compilation, type Program } from '../../../apimachinery/cel/compile.js';
import { createEnvironment, withVariables, type Environment } from '../../../apimachinery/cel/environment.js';
import { typeOfSchema } from '../../../apimachinery/cel/schema-type.js';
import { boolType, optionalType, stringType, type CelType } from '../../../apimachinery/cel/types.js';
import { realClock } from '../../../clock/real-clock.js';
import type { Work } from '../../../clock/slices.js';
import { isRecord } from '../../../apimachinery/object.js';
import type { Schema } from '../../apiextensions/schema-walk.js';

/** A rule as its definition says it. */
export interface RuleSource {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string;
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean | undefined;
}

export interface Rule {
  readonly source: RuleSource;
  readonly compiled: Compilation;
  /** Of the message expression; undefined when there is none. */
  readonly message: Compilation | undefined;
  /** It compares with what was, and is checked only where there was something. */
  readonly isTransition: boolean;
}

/** Environments are made once: a memo, not state. */
let base: Environment | undefined;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function sourceOf(value: unknown): RuleSource {
  const given = isRecord(value) ? value : {};
  return {
    rule: textOf(given['rule']),
    message: textOf(given['message']),
    messageExpression: textOf(given['messageExpression']),
    reason: textOf(given['reason']),
    fieldPath: textOf(given['fieldPath']),
    optionalOldSelf: typeof given['optionalOldSelf'] === 'boolean' ? given['optionalOldSelf'] : undefined,
  };
}

/** The type that rules see of a schema; `root`: of a whole resource. */
export function celTypeOf(schema: Schema, root: boolean): CelType | undefined {
  return typeOfSchema(schema, root || schema['x-kubernetes-embedded-resource'] === true);
}

function compileRule(source: RuleSource, type: CelType): Rule {
  base ??= createEnvironment();
  const oldSelf = source.optionalOldSelf === true ? optionalType(type) : type;
  const environment = withVariables(base, { self: type, oldSelf });
  const compiled = compileExpression(source.rule, environment, {
    output: [boolType],
    outputError: 'cel expression must evaluate to a bool',
  });
  const expression = source.messageExpression.trim();
  const message =
    expression === ''
      ? undefined
      : compileExpression(source.messageExpression, environment, {
          output: [stringType],
          outputError: 'messageExpression must evaluate to a string',
        });
  const usesOld = compiled.ok && compiled.program.variables.has('oldSelf');
  return { source, compiled, message, isTransition: usesOld && source.optionalOldSelf !== true };
}

const known = new WeakMap<Schema, readonly Rule[]>();
/** What that took, in milliseconds. */
const times = new WeakMap<Schema, number>();

/** The rules of a schema's own place, which are compiled when they are asked for first. Yields between them. */
export function* rulesOf(schema: Schema, root: boolean): Work<readonly Rule[]> {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const clock = realClock();
  const given = schema['x-kubernetes-validations'];
  const type = Array.isArray(given) ? celTypeOf(schema, root) : undefined;
  const rules: Rule[] = [];
  let spent = 0;
  for (const one of type === undefined ? [] : (given as readonly unknown[])) {
    const began = clock.monotonic();
    rules.push(compileRule(sourceOf(one), type!));
    spent += clock.monotonic() - began;
    yield;
  }
  known.set(schema, rules);
  times.set(schema, spent);
  return rules;
}

/** How long {@link rulesOf} took to compile them, in milliseconds. */
export function compileTimeOf(schema: Schema): number {
  return times.get(schema) ?? 0;
}

export function programOf(compilation: Compilation | undefined): Program | undefined {
  return compilation?.ok === true ? compilation.program : undefined;
}
