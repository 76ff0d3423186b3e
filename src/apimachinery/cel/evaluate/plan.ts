// From a checked expression to closures: everything that can be decided once is decided here.

import type { Checked } from '../check/checker.js';
import type { Environment } from '../environment.js';
import { optionalIndex } from '../library/optionals.js';
import { indexInto } from '../library/standard.js';
import type {
  CallExpression,
  ComprehensionExpression,
  Expression,
  LiteralValue,
  OptionalMapExpression,
  SelectExpression,
} from '../syntax/expression.js';
import type { CelType } from '../types.js';
import { dynType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { OptionalValue, TypeValue, UintValue, noValue } from '../values/value.js';
import { hasField, optionalField, selectStep, variableStep } from './access.js';
import { comprehensionStep } from './comprehension.js';
import { listStep, mapStep, structStep } from './construct.js';
import { callStep } from './dispatch.js';
import { failure, noSuchOverload } from './errors.js';
import { fastComparison } from './fast.js';
import { conditionalStep, logicStep } from './logic.js';
import type { Plan, Step } from './run.js';
import { charge, runPlan } from './run.js';

export function planExpression(expression: Expression, checked: Checked, environment: Environment): Plan {
  const planner = new Planner(checked, environment);
  const step = planner.plan(expression);
  return { step, slots: checked.slotCount, variables: planner.places.size };
}

class Planner {
  readonly places = new Map<string, number>();

  constructor(
    private readonly checked: Checked,
    private readonly environment: Environment,
  ) {}

  plan(expression: Expression): Step {
    const reference = this.checked.references.get(expression);
    if (reference !== undefined) {
      if (reference.kind === 'slot') return slotStep(reference.slot);
      if (reference.kind === 'variable') return this.variable(reference.name);
      const value = new TypeValue(this.environment.typeNames.get(reference.name)?.name === 'null' ? 'null_type' : reference.name);
      return () => value;
    }
    if ((expression.kind === 'list' || expression.kind === 'map') && isConstant(expression)) return this.constant(expression);
    return this.compound(expression);
  }

  private compound(expression: Expression): Step {
    switch (expression.kind) {
      case 'literal':
        return constantStep(valueOfLiteral(expression.literal));
      case 'ident':
        return failingStep(`undeclared reference to '${expression.name}' (in container '')`);
      case 'select':
        return this.select(expression);
      case 'call':
        return this.call(expression);
      case 'list':
        return listStep(expression.elements.map(({ value, optional }) => ({ value: this.plan(value), optional })));
      case 'map':
        return mapStep(
          expression.entries.map(({ key, value, optional }) => ({ key: this.plan(key), value: this.plan(value), optional })),
          this.environment.dialect === 'cel',
        );
      case 'struct':
        return structStep(
          this.checked.structs.get(expression) ?? dynType,
          expression.entries.map(({ field, value, optional }) => ({ field, value: this.plan(value), optional })),
        );
      case 'comprehension':
        return this.comprehension(expression);
      case 'bind':
        return this.bind(this.slot(expression, 0), this.plan(expression.value), this.plan(expression.body));
      case 'optionalMap':
        return this.optionalMap(expression);
    }
  }

  /** A list or map of literals alone is made once, and costs nothing: the real server makes it when it compiles. */
  private constant(expression: Expression): Step {
    const plan = { step: this.compound(expression), slots: 0, variables: 0 };
    const made = runPlan(plan, {});
    return made.ok ? constantStep(made.value) : plan.step;
  }

  private variable(name: string): Step {
    const place = this.places.get(name) ?? this.places.size;
    this.places.set(name, place);
    return variableStep(place, name, this.environment.variables.get(name) ?? dynType);
  }

  private select(expression: SelectExpression): Step {
    const { field, optional } = expression;
    const operand = this.plan(expression.operand);
    // The real server counts nothing for a test of presence.
    if (expression.test) return (frame) => hasField(operand(frame), field);
    if (!optional) return selectStep(operand, field, this.checked.typeOf(expression.operand));
    return (frame) => {
      const value = operand(frame);
      frame.cost += 1;
      return optionalField(value, field);
    };
  }

  private call(expression: CallExpression): Step {
    const resolved = this.checked.calls.get(expression);
    const operands =
      expression.target === undefined || resolved?.namespaced ? expression.arguments : [expression.target, ...expression.arguments];
    const steps = operands.map((operand) => this.plan(operand));
    const types = operands.map((operand) => this.checked.typeOf(operand));
    const [first, second, third] = steps;
    if (first !== undefined && second !== undefined) {
      switch (expression.name) {
        case '_&&_':
          return logicStep(steps, false);
        case '_||_':
          return logicStep(steps, true);
        case '_?_:_':
          if (third !== undefined) return conditionalStep(first, branchStep(second, operands[1]), branchStep(third, operands[2]));
          break;
        case '_[_]':
          if (resolved !== undefined) return indexStep(first, second, indexOrChain);
          break;
        case '_[?_]':
          if (resolved !== undefined) return indexStep(first, second, optionalIndex);
          break;
        case 'or':
        case 'orValue':
          if (isOptionalCall(expression, types)) return otherwiseStep(first, second, expression.name === 'orValue');
          break;
        default: {
          const fast = fastComparison(expression.name, first, second, types);
          if (fast !== undefined) return fast;
        }
      }
    }
    if (resolved === undefined) return failingStep(`undeclared reference to '${expression.name}' (in container '')`);
    if (resolved.overloads.length > 0) return callStep(resolved.overloads, steps, types);
    return callStep(resolved.candidates, steps, [dynType]);
  }

  private slot(expression: Expression, index: number): number {
    return this.checked.slots.get(expression)?.[index] ?? 0;
  }

  private comprehension(expression: ComprehensionExpression): Step {
    return comprehensionStep(expression.macro, {
      range: this.plan(expression.range),
      first: this.slot(expression, 0),
      second: expression.variables.length === 2 ? this.slot(expression, 1) : undefined,
      filter: expression.filter === undefined ? undefined : this.plan(expression.filter),
      body: this.plan(expression.body),
    });
  }

  private bind(slot: number, value: Step, body: Step): Step {
    return (frame) => {
      frame.slots[slot] = value(frame);
      return body(frame);
    };
  }

  /** What the real server expands it to evaluates the target twice; here it is evaluated once and counted twice. */
  private optionalMap(expression: OptionalMapExpression): Step {
    const target = this.plan(expression.target);
    const body = this.plan(expression.body);
    const slot = this.slot(expression, 0);
    return (frame) => {
      const before = frame.cost;
      const optional = target(frame);
      if (!(optional instanceof OptionalValue)) throw noSuchOverload();
      if (optional.value === undefined) {
        charge(frame, 2);
        return noValue;
      }
      charge(frame, frame.cost - before + (expression.flat ? 2 : 3));
      frame.slots[slot] = optional.value;
      const result = body(frame);
      return expression.flat ? result : new OptionalValue(result);
    };
  }
}

function slotStep(slot: number): Step {
  return (frame) => {
    frame.cost += 1;
    return frame.slots[slot] as CelValue;
  };
}

function isConstant(expression: Expression): boolean {
  if (expression.kind === 'literal') return true;
  if (expression.kind === 'list') return expression.elements.every(({ value, optional }) => !optional && isConstant(value));
  return (
    expression.kind === 'map' && expression.entries.every(({ key, value, optional }) => !optional && isConstant(key) && isConstant(value))
  );
}

/** A branch of a conditional that is a variable or a field of one: the real server counts nothing for reading it there. */
function branchStep(step: Step, expression: Expression | undefined): Step {
  if (expression?.kind !== 'ident' && (expression?.kind !== 'select' || expression.test || expression.optional)) return step;
  return (frame) => {
    const before = frame.cost;
    const value = step(frame);
    frame.cost = before;
    return value;
  };
}

/** Of expressions whose types were not checked. */
function failingStep(message: string): Step {
  return () => {
    throw failure(message);
  };
}

function constantStep(value: CelValue): Step {
  return () => value;
}

/** Of an optional, what `_[_]` gives is optional too. */
function indexOrChain(container: CelValue, key: CelValue): CelValue {
  return container instanceof OptionalValue ? optionalIndex(container, key) : indexInto(container, key);
}

function indexStep(container: Step, key: Step, look: (container: CelValue, key: CelValue) => CelValue): Step {
  return (frame) => {
    const value = container(frame);
    const at = key(frame);
    charge(frame, 1);
    return look(value, at);
  };
}

/** Whether `or` and `orValue` are those of optionals. */
function isOptionalCall(expression: CallExpression, types: readonly CelType[]): boolean {
  const [target] = types;
  return expression.target !== undefined && target !== undefined && (target.name === 'optional_type' || target.kind === 'dyn');
}

/** `or` and `orValue`: the alternative is evaluated when it is needed. */
function otherwiseStep(target: Step, alternative: Step, value: boolean): Step {
  return (frame) => {
    const optional = target(frame);
    if (!(optional instanceof OptionalValue)) throw failure('no such overload');
    if (optional.value !== undefined) return value ? optional.value : optional;
    return alternative(frame);
  };
}

/** The value of a literal. */
export function valueOfLiteral(literal: LiteralValue): CelValue {
  if (literal.kind === 'null') return null;
  return literal.kind === 'uint' ? new UintValue(literal.value) : literal.value;
}
