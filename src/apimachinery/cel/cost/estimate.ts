// The static estimate of what an evaluation costs.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions

import type { Checked } from '../check/checker.js';
import { qualifiedName } from '../check/scope.js';
import type { CallExpression, ComprehensionExpression, Expression, OptionalMapExpression } from '../syntax/expression.js';
import type { CelType } from '../types.js';
import { elementOf } from '../types.js';
import { codePointLength } from '../values/text.js';
import type { CostEstimate, SizedArgument } from './call-cost.js';
import { addCosts, listCost, mapCost, multiplyCosts, one, selectCost, structCost, unionCosts, unknownSize, zero } from './costs.js';

/** Sizes of variables and their fields that types do not tell, by path: `object.metadata.name`. */
export type SizeHints = ReadonlyMap<string, CostEstimate>;

/** The limits of the real server for rules of CustomResourceDefinitions. */
export const estimatedCostLimits = { perExpression: 10_000_000, perDefinition: 100_000_000 } as const;

/** How far a cost goes over a limit, in the real server's words: `1.363149x`, `4.5x`, `more than 100x`; for `exceeds budget by factor of …`. */
export function excessFactor(cost: number, limit: number): string {
  const factor = cost / limit;
  if (factor > 100) return 'more than 100x';
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}

export function estimateExpression(expression: Expression, checked: Checked, sizes?: SizeHints): CostEstimate {
  return new Estimator(checked, sizes).cost(expression);
}

/** Types of which a value has the size 1. */
const scalars: ReadonlySet<string> = new Set(['bool', 'int', 'uint', 'double', 'null', 'duration', 'timestamp', 'type']);

/** Sizes of values of libraries' types, which count when two are compared. */
const opaqueSizes: ReadonlyMap<string, CostEstimate> = new Map([
  ['kubernetes.Quantity', one],
  ['optional_type', one],
  ['net.IP', one],
  ['net.CIDR', one],
  ['kubernetes.Semver', one],
  ['kubernetes.NamedFormat', { min: 0, max: 64 }],
]);

function constant(cost: number): CostEstimate {
  return { min: cost, max: cost };
}

class Estimator {
  /** Sizes that were worked out: of results of calls, of literals, of comprehensions. */
  private readonly sizes = new Map<Expression, CostEstimate>();
  /** Variables of macros whose range is no part of a variable: nothing is known of their size, and the real server takes nothing for zero. */
  private readonly sizeless = new Set<number>();
  /** Variables of macros that stand for keys of maps. */
  private readonly bound = new Map<number, Expression>();

  constructor(
    private readonly checked: Checked,
    private readonly hints: SizeHints | undefined,
  ) {}

  cost(expression: Expression): CostEstimate {
    const reference = this.checked.references.get(expression);
    if (reference !== undefined) return reference.kind === 'type' ? zero : constant(selectCost);
    switch (expression.kind) {
      case 'literal':
        return zero;
      case 'ident':
        return constant(selectCost);
      case 'select':
        return this.select(expression);
      case 'call':
        return this.call(expression);
      case 'list':
        this.sizes.set(expression, constant(expression.elements.length));
        return addCosts(constant(listCost), ...expression.elements.map(({ value }) => this.cost(value)));
      case 'map':
        this.sizes.set(expression, constant(expression.entries.length));
        return addCosts(constant(mapCost), ...expression.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]));
      case 'struct':
        return addCosts(constant(structCost), ...expression.entries.map(({ value }) => this.cost(value)));
      case 'comprehension':
        return this.comprehension(expression);
      case 'bind': {
        const value = this.cost(expression.value);
        this.bound.set(this.slot(expression, 0), expression.value);
        const body = this.cost(expression.body);
        this.sizes.set(expression, this.size(expression.body));
        return addCosts(constant(listCost), value, body);
      }
      case 'optionalMap':
        return this.optionalMap(expression);
    }
  }

  private select(expression: Expression & { readonly kind: 'select' }): CostEstimate {
    const operand = this.cost(expression.operand);
    if (expression.test) return operand;
    const { kind } = this.checked.typeOf(expression.operand);
    // Of a dyn the real server counts no selection.
    return expression.optional || kind === 'map' || kind === 'object' || kind === 'opaque'
      ? addCosts(operand, constant(selectCost))
      : operand;
  }

  private slot(expression: Expression, index: number): number {
    return this.checked.slots.get(expression)?.[index] ?? 0;
  }

  /** How big the value is. */
  size(expression: Expression): CostEstimate {
    const known = this.sizes.get(expression);
    if (known !== undefined) return known;
    if (expression.kind === 'literal') {
      const { literal } = expression;
      if (literal.kind === 'string') return constant(codePointLength(literal.value));
      return literal.kind === 'bytes' ? constant(literal.value.length) : one;
    }
    const hint = this.hints?.get(qualifiedName(expression) ?? '');
    if (hint !== undefined) return hint;
    return this.declaredSize(expression);
  }

  private declaredSize(expression: Expression): CostEstimate {
    const type = this.checked.typeOf(expression);
    const reference = this.checked.references.get(expression);
    if (reference?.kind === 'slot') {
      if (this.sizeless.has(reference.slot)) return zero;
      const value = this.bound.get(reference.slot);
      if (value !== undefined) return this.size(value);
    }
    if (this.isPath(expression)) return this.sizeOfType(type);
    return scalars.has(type.kind) ? one : (opaqueSizes.get(type.name) ?? unknownSize);
  }

  /** Of what a variable holds, the declared limits. */
  private sizeOfType(type: CelType): CostEstimate {
    if (type.maxElements !== undefined) return { min: 0, max: type.maxElements };
    if (type.kind === 'dyn') return unknownSize;
    return scalars.has(type.kind) || type.kind === 'object' ? zero : unknownSize;
  }

  /** Whether the expression is a variable or a part of one. */
  private isPath(expression: Expression): boolean {
    const reference = this.checked.references.get(expression);
    if (reference !== undefined) return reference.kind !== 'type' && !(reference.kind === 'slot' && this.sizeless.has(reference.slot));
    if (expression.kind === 'select') return !expression.test && !expression.optional && this.isPath(expression.operand);
    if (expression.kind !== 'call' || expression.name !== '_[_]') return false;
    const [operand] = expression.arguments;
    return operand !== undefined && this.isPath(operand);
  }

  private call(expression: CallExpression): CostEstimate {
    const resolved = this.checked.calls.get(expression);
    const operands =
      expression.target === undefined || resolved?.namespaced ? expression.arguments : [expression.target, ...expression.arguments];
    const costs = operands.map((operand) => this.cost(operand));
    if (expression.name === '_?_:_') return this.conditional(expression, operands, costs);
    if (expression.name === '_&&_' || expression.name === '_||_') return { min: costs[0]?.min ?? 0, max: addCosts(...costs).max };
    const args = operands.map((operand) => this.sized(operand));
    const estimates = (resolved?.overloads ?? []).map((overload) => overload.estimate?.(args) ?? { cost: one });
    const [first, ...rest] = estimates;
    if (first === undefined) return addCosts(one, ...costs);
    const own = rest.reduce((cost, estimate) => unionCosts(cost, estimate.cost), first.cost);
    if (first.size !== undefined) this.sizes.set(expression, first.size);
    return addCosts(own, ...costs);
  }

  private sized(operand: Expression): SizedArgument {
    const type = this.checked.typeOf(operand);
    const size = this.size(operand);
    if (operand.kind === 'literal') return { size, type, literal: operand.literal.kind === 'null' ? null : operand.literal.value };
    if (type.kind !== 'list') return { size, type };
    const element = elementOf(type);
    return { size, type, element: { size: this.isPath(operand) ? this.sizeOfType(element) : zero, type: element } };
  }

  private conditional(expression: CallExpression, operands: readonly Expression[], costs: readonly CostEstimate[]): CostEstimate {
    const [, then, otherwise] = operands;
    const [condition = zero, one_ = zero, other = zero] = costs;
    if (then !== undefined && otherwise !== undefined) this.sizes.set(expression, unionCosts(this.size(then), this.size(otherwise)));
    return addCosts(condition, unionCosts(one_, other));
  }

  private comprehension(expression: ComprehensionExpression): CostEstimate {
    const range = this.cost(expression.range);
    const count = this.size(expression.range);
    const first = this.slot(expression, 0);
    const second = expression.variables.length === 2 ? this.slot(expression, 1) : undefined;
    this.bound.delete(first);
    const keys = this.checked.typeOf(expression.range).kind === 'map' || second !== undefined;
    this.mark(first, keys || !this.isPath(expression.range));
    if (second !== undefined) {
      this.bound.delete(second);
      this.mark(second, !this.isPath(expression.range));
    }
    const filter = expression.filter === undefined ? zero : this.cost(expression.filter);
    const body = this.cost(expression.body);
    const step = stepCost(expression, filter, body);
    if (!['all', 'exists', 'existsOne'].includes(expression.macro)) this.sizes.set(expression, { min: 0, max: count.max });
    return addCosts(range, multiplyCosts(count, step), overhead(expression.macro));
  }

  private mark(slot: number, sizeless: boolean): void {
    if (sizeless) this.sizeless.add(slot);
    else this.sizeless.delete(slot);
  }

  /** The target is counted twice, as it is in what the real server expands the macro to. */
  private optionalMap(expression: OptionalMapExpression): CostEstimate {
    const target = this.cost(expression.target);
    const slot = this.slot(expression, 0);
    this.bound.delete(slot);
    this.mark(slot, false);
    const body = this.cost(expression.body);
    const present = addCosts(target, body, constant(expression.flat ? 11 : 12));
    return addCosts(target, one, unionCosts(present, one));
  }
}

/** What each element costs, beside what stands in the macro. */
function stepCost(expression: ComprehensionExpression, filter: CostEstimate, body: CostEstimate): CostEstimate {
  switch (expression.macro) {
    case 'all':
      return { min: 3, max: 3 + body.max };
    case 'exists':
      return { min: 4, max: 4 + body.max };
    case 'existsOne':
      return addCosts(body, { min: 1, max: 2 });
    case 'filter':
      return addCosts(body, { min: 1, max: 13 });
    case 'map':
      return conditionally(expression, filter, addCosts(body, constant(12)));
    case 'transformMap':
      return conditionally(expression, filter, addCosts(body, constant(3)));
    case 'transformMapEntry':
      return conditionally(expression, filter, addCosts(body, constant(2)));
  }
}

function conditionally(expression: ComprehensionExpression, filter: CostEstimate, step: CostEstimate): CostEstimate {
  return expression.filter === undefined ? step : addCosts(filter, unionCosts(step, one));
}

/** What a macro costs once: what it collects in, and reading it at the end. */
function overhead(macro: ComprehensionExpression['macro']): CostEstimate {
  switch (macro) {
    case 'all':
    case 'exists':
      return one;
    case 'existsOne':
      return constant(2);
    case 'map':
    case 'filter':
      return constant(listCost + 1);
    default:
      return constant(mapCost + 1);
  }
}
