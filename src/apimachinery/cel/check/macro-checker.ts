// The types of macros: what their variables stand for and what they give.

import type { BindExpression, ComprehensionExpression, Expression, OptionalMapExpression } from '../syntax/expression.js';
import type { Problem } from '../syntax/problems.js';
import type { CelType } from '../types.js';
import {
  boolType,
  dynType,
  elementOf,
  errorType,
  formatType,
  intType,
  isDynamic,
  isOptional,
  listType,
  mapType,
  optionalType,
  valueOf,
} from '../types.js';
import type { Scope } from './scope.js';
import { Substitution } from './substitution.js';

/** The part of the checker that every part of it needs, and macros. */
export abstract class MacroChecker {
  readonly problems: Problem[] = [];
  readonly slots = new Map<Expression, readonly number[]>();
  slotCount = 0;
  protected readonly types = new Map<Expression, CelType>();
  protected readonly substitution = new Substitution();

  /** The type of an expression in a scope; problems are kept. */
  abstract check(expression: Expression, scope: Scope | undefined): CelType;

  typeOf(expression: Expression): CelType {
    return this.substitution.apply(this.types.get(expression) ?? dynType, true);
  }

  protected problem(position: number, message: string): CelType {
    this.problems.push({ position, message });
    return errorType;
  }

  protected show(type: CelType): string {
    return formatChecked(this.substitution.apply(type, true));
  }

  protected expected(position: number, expected: CelType, found: CelType): CelType {
    return this.problem(position, `expected type '${this.show(expected)}' but found '${this.show(found)}'`);
  }

  private enter(scope: Scope | undefined, name: string, type: CelType): Scope {
    const slot = scope === undefined ? 0 : scope.slot + 1;
    this.slotCount = Math.max(this.slotCount, slot + 1);
    return { name, type, slot, outer: scope };
  }

  protected bind(expression: BindExpression, scope: Scope | undefined): CelType {
    const inner = this.enter(scope, expression.variable, this.check(expression.value, scope));
    this.slots.set(expression, [inner.slot]);
    return this.check(expression.body, inner);
  }

  protected optionalMap(expression: OptionalMapExpression, scope: Scope | undefined): CelType {
    const target = this.substitution.apply(this.check(expression.target, scope));
    if (!isOptional(target) && !isDynamic(target)) {
      const applied = `applied to '${this.show(target)}.()'`;
      this.problem(expression.position, `found no matching overload for 'hasValue' ${applied}`);
      this.problem(expression.position, `found no matching overload for 'value' ${applied}`);
    }
    const value = isOptional(target) ? elementOf(target) : isDynamic(target) ? dynType : errorType;
    const inner = this.enter(scope, expression.variable, value);
    this.slots.set(expression, [inner.slot]);
    const body = this.check(expression.body, inner);
    if (!expression.flat) return optionalType(body);
    const variable = this.substitution.variable();
    if (this.substitution.assignable(body, optionalType(variable))) return body;
    return this.problem(
      expression.position,
      `found no matching overload for '_?_:_' applied to '(bool, ${this.show(body)}, ${this.show(optionalType(dynType))})'`,
    );
  }

  protected comprehension(expression: ComprehensionExpression, outer: Scope | undefined): CelType {
    const range = this.substitution.apply(this.check(expression.range, outer));
    const [first, second] = this.rangeTypes(expression, range);
    const [name, other] = expression.variables;
    let scope = this.enter(outer, name, other === undefined ? (range.kind === 'map' ? first : second) : first);
    const slots = [scope.slot];
    if (other !== undefined) {
      scope = this.enter(scope, other, second);
      slots.push(scope.slot);
    }
    this.slots.set(expression, slots);
    const { filter } = expression;
    const filterType = filter === undefined ? boolType : this.check(filter, scope);
    const body = this.check(expression.body, scope);
    this.condition(filterType, expression, body);
    return this.comprehensionResult(expression, body, scope, range);
  }

  private comprehensionResult(expression: ComprehensionExpression, body: CelType, scope: Scope, range: CelType): CelType {
    switch (expression.macro) {
      case 'all':
      case 'exists':
        if (!this.substitution.assignable(body, boolType)) this.expected(expression.body.position, boolType, body);
        return boolType;
      case 'existsOne':
        this.condition(body, expression, body);
        return boolType;
      case 'filter':
        this.condition(body, expression, scope.type);
        return listType(scope.type);
      case 'map':
        return listType(body);
      case 'transformMap':
        return mapType(range.kind === 'map' ? elementOf(range) : range.kind === 'list' ? intType : dynType, body);
      case 'transformMapEntry': {
        const key = this.substitution.variable();
        const value = this.substitution.variable();
        const entry = mapType(key, value);
        if (!this.substitution.assignable(body, entry)) {
          const applied = `(map(dyn, dyn), ${this.show(body)})`;
          this.problem(expression.position, `found no matching overload for 'cel.@mapInsert' applied to '${applied}'`);
        }
        return entry;
      }
    }
  }

  /** The type of a predicate of a macro that makes a conditional of it; `element`: what the macro collects. */
  private condition(type: CelType, expression: ComprehensionExpression, element: CelType): void {
    if (this.substitution.assignable(type, boolType)) return;
    const result =
      expression.macro === 'existsOne' ? intType : expression.macro.startsWith('transform') ? mapType(dynType, dynType) : listType(element);
    const shown = this.show(result);
    this.problem(expression.position, `found no matching overload for '_?_:_' applied to '(${this.show(type)}, ${shown}, ${shown})'`);
  }

  /** The types of index or key, and of element or value. */
  private rangeTypes(expression: ComprehensionExpression, range: CelType): readonly [CelType, CelType] {
    if (range.kind === 'list') return [intType, elementOf(range)];
    if (range.kind === 'map') return [elementOf(range), valueOf(range)];
    if (range.kind === 'error') return [errorType, errorType];
    if (range.kind === 'param') this.substitution.assignable(dynType, range);
    else if (range.kind !== 'dyn') {
      const message = `expression of type '${this.show(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
      this.problem(expression.range.position, message);
      return [errorType, errorType];
    }
    return [dynType, dynType];
  }
}

/** As errors of the check name types: the short names of timestamps and durations. */
function formatChecked(type: CelType): string {
  if (type.kind === 'timestamp' || type.kind === 'duration') return type.kind;
  if (type.kind === 'wrapper' || type.parameters.length === 0) return formatType(type);
  if (type.kind === 'type' && isDynamic(elementOf(type))) return 'type';
  return `${type.name}(${type.parameters.map(formatChecked).join(', ')})`;
}
