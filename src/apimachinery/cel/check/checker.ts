// Finds the type of every part of an expression, and which functions its calls may mean.

import type { Environment } from '../environment.js';
import type { FunctionDeclaration, Overload } from '../library/overload.js';
import type {
  CallExpression,
  Expression,
  IdentExpression,
  ListExpression,
  MapExpression,
  SelectExpression,
  StructExpression,
} from '../syntax/expression.js';
import type { CelType } from '../types.js';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  elementOf,
  errorType,
  formatType,
  intType,
  isDynamic,
  isOptional,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  uintType,
  valueOf,
} from '../types.js';
import type { Checked, ResolvedCall } from './checked.js';
import { MacroChecker } from './macro-checker.js';
import type { Reference, Scope } from './scope.js';
import { candidates as candidateNames, findDeclared, findLocal, qualifiedName } from './scope.js';

export type { Checked } from './checked.js';

const literalTypes = {
  null: nullType,
  bool: boolType,
  int: intType,
  uint: uintType,
  double: doubleType,
  string: stringType,
  bytes: bytesType,
} as const;

export function checkExpression(expression: Expression, environment: Environment): Checked {
  const checker = new Checker(environment);
  checker.check(expression, undefined);
  return checker;
}

class Checker extends MacroChecker implements Checked {
  readonly references = new Map<Expression, Reference>();
  readonly calls = new Map<CallExpression, ResolvedCall>();
  readonly structs = new Map<StructExpression, CelType>();
  readonly variables = new Set<string>();

  constructor(private readonly environment: Environment) {
    super();
  }

  override check(expression: Expression, scope: Scope | undefined): CelType {
    const type = this.infer(expression, scope);
    this.types.set(expression, type);
    return type;
  }

  private infer(expression: Expression, scope: Scope | undefined): CelType {
    switch (expression.kind) {
      case 'literal':
        return literalTypes[expression.literal.kind];
      case 'ident':
        return this.ident(expression, scope);
      case 'select':
        return this.select(expression, scope);
      case 'call':
        return this.call(expression, scope);
      case 'list':
        return this.list(expression, scope);
      case 'map':
        return this.map(expression, scope);
      case 'struct':
        return this.struct(expression, scope);
      case 'comprehension':
        return this.comprehension(expression, scope);
      case 'bind':
        return this.bind(expression, scope);
      case 'optionalMap':
        return this.optionalMap(expression, scope);
    }
  }

  private undeclared(position: number, name: string): CelType {
    return this.problem(position, `undeclared reference to '${name}' (in container '${this.environment.container}')`);
  }

  private ident(expression: IdentExpression, scope: Scope | undefined): CelType {
    const local = findLocal(scope, expression.name);
    if (local !== undefined) {
      this.references.set(expression, { kind: 'slot', slot: local.slot });
      return local.type;
    }
    return this.declared(expression, expression.name) ?? this.undeclared(expression.position, expression.name);
  }

  private declared(expression: Expression, name: string): CelType | undefined {
    const found = findDeclared(this.environment, name);
    if (found === undefined) return undefined;
    this.references.set(expression, found.reference);
    if (found.reference.kind === 'variable') this.variables.add(found.reference.name);
    return found.type;
  }

  /** The name with dots that an expression may be, unless its first part is a macro's variable. */
  private qualified(expression: Expression, scope: Scope | undefined): string | undefined {
    const name = qualifiedName(expression);
    if (name === undefined) return undefined;
    const first = name.startsWith('.') ? name : (name.split('.')[0] ?? name);
    return findLocal(scope, first) === undefined ? name : undefined;
  }

  private select(expression: SelectExpression, scope: Scope | undefined): CelType {
    if (!expression.test && !expression.optional) {
      const name = this.qualified(expression, scope);
      const found = name === undefined ? undefined : this.declared(expression, name);
      if (found !== undefined) return found;
    }
    const operand = this.substitution.apply(this.check(expression.operand, scope));
    const optional = isOptional(operand);
    const field = this.field(optional ? elementOf(operand) : operand, expression);
    if (expression.test) return boolType;
    return optional || expression.optional ? optionalType(field) : field;
  }

  private field(unresolved: CelType, expression: SelectExpression): CelType {
    const type = this.substitution.apply(unresolved);
    if (type.kind === 'param') this.substitution.assignable(dynType, type);
    if (isDynamic(type)) return type.kind === 'error' ? errorType : dynType;
    if (type.kind === 'map') return valueOf(type);
    if (type.kind === 'object') {
      const field = type.object?.fields.get(expression.field);
      if (field !== undefined) return field.type;
      return type.object?.open ? dynType : this.problem(expression.position, `undefined field '${expression.field}'`);
    }
    return this.problem(expression.position, `type '${this.show(type)}' does not support field selection`);
  }

  private call(expression: CallExpression, scope: Scope | undefined): CelType {
    const { target } = expression;
    if (target !== undefined) {
      const prefix = this.qualified(target, scope);
      const declared = prefix === undefined ? undefined : this.findFunction(`${prefix}.${expression.name}`);
      if (declared !== undefined) {
        return this.resolve(
          expression,
          declared,
          expression.arguments.map((argument) => this.check(argument, scope)),
          false,
        );
      }
    }
    const operands = target === undefined ? expression.arguments : [target, ...expression.arguments];
    const types = operands.map((operand) => this.check(operand, scope));
    if (expression.name === '_&&_' || expression.name === '_||_') return this.logic(expression, types);
    const declared = this.findFunction(expression.name, target !== undefined);
    if (declared === undefined) return this.undeclared(expression.position, expression.name);
    return this.resolve(expression, declared, types, target !== undefined);
  }

  private findFunction(name: string, exact = false): FunctionDeclaration | undefined {
    if (exact) return this.environment.functions.get(name);
    for (const candidate of candidateNames(this.environment.container, name)) {
      const declared = this.environment.functions.get(candidate);
      if (declared !== undefined) return declared;
    }
    return undefined;
  }

  private logic(expression: CallExpression, types: readonly CelType[]): CelType {
    for (const [index, type] of types.entries()) {
      const operand = expression.arguments[index];
      if (operand !== undefined && !this.substitution.assignable(type, boolType)) this.expected(operand.position, boolType, type);
    }
    return boolType;
  }

  private resolve(expression: CallExpression, declared: FunctionDeclaration, types: readonly CelType[], receiver: boolean): CelType {
    const overloads: Overload[] = [];
    const candidates = declared.overloads.filter((one) => one.receiver === receiver && one.parameters.length === types.length);
    let result: CelType | undefined;
    for (const candidate of candidates) {
      const instance = this.substitution.instantiate([candidate.result, ...candidate.parameters]);
      if (!this.substitution.assignableAll(types, instance.slice(1))) continue;
      overloads.push(candidate);
      const type = this.substitution.apply(instance[0] ?? dynType);
      result = result === undefined || formatType(result) === formatType(type) ? (result ?? type) : dynType;
    }
    this.calls.set(expression, { name: declared.name, overloads, candidates, namespaced: expression.target !== undefined && !receiver });
    return result ?? this.noOverload(expression, declared.name, types, receiver);
  }

  private noOverload(expression: CallExpression, name: string, types: readonly CelType[], receiver: boolean): CelType {
    const shown = types.map((type) => this.show(type));
    const applied = receiver ? `${shown[0] ?? ''}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
    return this.problem(expression.position, `found no matching overload for '${name}' applied to '${applied}'`);
  }

  /** The type of an element, or what is in it when it is written `[?x]`. */
  private element(value: Expression, optional: boolean, scope: Scope | undefined): CelType {
    const type = this.check(value, scope);
    if (!optional) return type;
    const inner = this.substitution.apply(type);
    if (isDynamic(inner)) return dynType;
    return isOptional(inner) ? elementOf(inner) : this.expected(value.position, optionalType(inner), inner);
  }

  private list(expression: ListExpression, scope: Scope | undefined): CelType {
    let element: CelType | undefined;
    for (const { value, optional } of expression.elements) element = this.substitution.join(element, this.element(value, optional, scope));
    return listType(element ?? this.substitution.variable());
  }

  private map(expression: MapExpression, scope: Scope | undefined): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expression.entries) {
      key = this.substitution.join(key, this.check(entry.key, scope));
      value = this.substitution.join(value, this.element(entry.value, entry.optional, scope));
    }
    return mapType(key ?? this.substitution.variable(), value ?? this.substitution.variable());
  }

  private struct(expression: StructExpression, scope: Scope | undefined): CelType {
    const type = candidateNames(this.environment.container, expression.name)
      .map((name) => this.environment.objects.get(name))
      .find((found) => found !== undefined);
    if (type !== undefined) this.structs.set(expression, type);
    for (const entry of expression.entries) {
      const value = this.element(entry.value, entry.optional, scope);
      if (type === undefined) continue;
      const wanted = type.object?.fields.get(entry.field)?.type ?? type.object?.undeclared;
      if (wanted === undefined) {
        if (!type.object?.open) this.problem(entry.position, `undefined field '${entry.field}'`);
      } else if (!this.substitution.assignable(value, wanted)) {
        this.problem(
          entry.position,
          `expected type of field '${entry.field}' is '${this.show(wanted)}' but provided type is '${this.show(value)}'`,
        );
      }
    }
    return type ?? this.undeclared(expression.position, expression.name);
  }
}
