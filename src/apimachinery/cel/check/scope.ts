// Names and what they stand for.

import type { Environment } from '../environment.js';
import type { Expression } from '../syntax/expression.js';
import type { CelType } from '../types.js';

/** A variable of a macro, and the place of its value in a frame. */
export interface Scope {
  readonly name: string;
  readonly type: CelType;
  readonly slot: number;
  readonly outer: Scope | undefined;
}

/** What a name stands for at run time. */
export type Reference =
  | { readonly kind: 'slot'; readonly slot: number }
  /** A variable of the environment. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A type, as a value. */
  | { readonly kind: 'type'; readonly name: string };

export function findLocal(scope: Scope | undefined, name: string): Scope | undefined {
  for (let current = scope; current !== undefined; current = current.outer) if (current.name === name) return current;
  return undefined;
}

/** `a.b.c` when the expression is nothing but names; undefined otherwise. */
export function qualifiedName(expression: Expression): string | undefined {
  const parts: string[] = [];
  let current = expression;
  while (current.kind === 'select') {
    if (current.test || current.optional) return undefined;
    parts.push(current.field);
    current = current.operand;
  }
  return current.kind === 'ident' ? [current.name, ...parts.reverse()].join('.') : undefined;
}

/** The names that a name may mean in a container, most specific first. A leading dot: this name alone. */
export function candidates(container: string, name: string): readonly string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  const names: string[] = [];
  for (let prefix = container; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.'))))
    names.push(`${prefix}.${name}`);
  names.push(name);
  return names;
}

/** A variable or a type of the environment by its name. */
export function findDeclared(
  environment: Environment,
  name: string,
): { readonly type: CelType; readonly reference: Reference } | undefined {
  for (const candidate of candidates(environment.container, name)) {
    const variable = environment.variables.get(candidate);
    if (variable !== undefined) return { type: variable, reference: { kind: 'variable', name: candidate } };
    const type = environment.typeNames.get(candidate) ?? environment.objects.get(candidate);
    if (type !== undefined)
      return { type: { kind: 'type', name: 'type', parameters: [type] }, reference: { kind: 'type', name: candidate } };
  }
  return undefined;
}
