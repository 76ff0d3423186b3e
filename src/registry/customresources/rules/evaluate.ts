// Checks an object against the rules of its schema.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
import { runtimeCostLimits, type CostBudget, type Evaluation } from '../../../apimachinery/cel/evaluate/run.js';
import { Patience, patiently, unfinishedWork } from '../../../apimachinery/cel/regex/patience.js';
import { converterFor } from '../../../apimachinery/cel/values/json.js';
import { noValue, OptionalValue } from '../../../apimachinery/cel/values/value.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { finish, type Work } from '../../../clock/slices.js';
import { below, type Structural } from '../structural.js';
import { Correlation } from '../validation/ratchet.js';
import { typeOf } from '../validation/types.js';
import { celTypeOf, compileTimeOf, programOf, rulesOf, type Rule } from './compile.js';
import type { RuleTiming } from './timing.js';

/** The longest message that an expression may make, in characters. */
const longestMessage = 5 * 1024;

function ruleText({ source }: Rule): string {
  return source.rule.trim();
}

/** The path of the field that a rule blames: `.a` and `['a']` under its own. */
function blamed(field: string, { source }: Rule): string {
  const path = source.fieldPath.replaceAll("['", '[').replaceAll("']", ']');
  if (path === '') return field === '' ? '<nil>' : field;
  return field === '' ? path.replace(/^\./, '') : `${field}${path}`;
}

/** A broken rule, with the reason that it asks for. Only values without parts are shown. */
function brokenRule(field: string, value: unknown, rule: Rule, message: string): FieldError {
  const at = blamed(field, rule);
  const shown = typeof value === 'object' ? '' : `${invalid('', value, '').message.slice('Invalid value: '.length)}: `;
  switch (rule.source.reason) {
    case 'FieldValueForbidden':
      return { field: at, reason: 'FieldValueForbidden', message: `Forbidden: ${message}` };
    case 'FieldValueRequired':
      return { field: at, reason: 'FieldValueRequired', message: `Required value: ${message}` };
    case 'FieldValueDuplicate':
      return { field: at, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown === '' ? message : shown.slice(0, -2)}` };
    default:
      return { field: at, reason: 'FieldValueInvalid', message: `Invalid value: ${shown}${message}` };
  }
}

class Checking {
  readonly errors: FieldError[] = [];
  /** Broken rules of what was so before and was not touched. */
  readonly letBe: FieldError[] = [];
  readonly #budget: CostBudget = { remaining: runtimeCostLimits.total, perEvaluation: runtimeCostLimits.perCall };
  readonly #correlation = new Correlation();
  readonly #patience = new Patience();
  #over = false;

  constructor(private readonly timing: RuleTiming | undefined) {}

  /** `isSame`: whether something around the value, and so the value, is as it was. */
  *look(value: unknown, old: unknown, place: Structural, field: string, isSame: () => boolean, root = false): Work<void> {
    if (!place.hasRules || this.#over || value === null || value === undefined) return;
    const began = this.timing?.now() ?? 0;
    try {
      if (place.schema['x-kubernetes-validations'] !== undefined) yield* this.#rules(value, old, place, field, isSame, root);
      if (Array.isArray(value)) {
        const { items } = place;
        if (items?.hasRules !== true) return;
        const before: readonly unknown[] = Array.isArray(old) ? (old as readonly unknown[]) : [];
        const whole = place.listType === 'atomic' ? once(() => isSame() || (old !== undefined && deepEqual(value, old))) : isSame;
        for (const [index, item] of (value as readonly unknown[]).entries()) {
          const was = before.length === 0 ? undefined : this.#correlation.elementOf(place, before, item);
          yield* this.look(item, was, items, `${field}[${index}]`, whole);
        }
      } else if (isRecord(value)) {
        const before = isRecord(old) ? old : undefined;
        for (const name of Object.keys(value)) {
          const inner = below(place, name);
          if (inner?.hasRules !== true) continue;
          const path = place.properties.has(name) ? (field === '' ? name : `${field}.${name}`) : `${field}[${name}]`;
          yield* this.look(
            value[name],
            before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined,
            inner,
            path,
            isSame,
          );
        }
      }
    } finally {
      this.timing?.evaluated(this.timing.now() - began);
    }
  }

  *#rules(value: unknown, old: unknown, place: Structural, field: string, isSame: () => boolean, root: boolean): Work<void> {
    const there = old !== undefined && old !== null;
    // A whole object is never as it was: each write makes it another, if only in its books.
    const same = once(() => !root && (isSame() || (there && deepEqual(value, old))));
    const rules = yield* rulesOf(place.schema, root);
    this.timing?.compiled(place.schema, compileTimeOf(place.schema));
    for (const rule of rules) {
      const program = programOf(rule.compiled);
      if (program === undefined || (rule.isTransition && !there)) continue;
      const oldSelf = rule.source.optionalOldSelf === true ? this.#optional(old, place, root) : old;
      const activation = { self: value, oldSelf };
      // One evaluation may take some tens of milliseconds, when it spends all that it may.
      yield;
      this.#patience.begin();
      let result: Evaluation | undefined;
      while (result === undefined) {
        try {
          result = program.evaluate(activation, this.#budget, this.#patience);
        } catch (error) {
          yield* unfinishedWork(error, this.#patience);
        }
      }
      if (result.ok && result.value === true) continue;
      // What was so before and is let alone is let be, with a warning.
      const told = result.ok || result.reason === 'error' ? (!looksBack(rule) && same() ? this.letBe : this.errors) : this.errors;
      if (result.ok) told.push(brokenRule(field, value, rule, yield* this.#message(rule, activation)));
      else if (result.reason === 'error')
        this.#fails(
          told,
          field,
          value,
          `${result.error} evaluating rule: ${rule.source.message.trim() === '' ? ruleText(rule) : rule.source.message.trim()}`,
        );
      else {
        const why =
          result.reason === 'budget'
            ? 'validation failed due to running out of cost budget, no further validation rules will be run'
            : `'${result.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
        this.#fails(this.errors, field, value, why);
        this.#over = true;
        return;
      }
    }
  }

  #optional(old: unknown, place: Structural, root: boolean): OptionalValue {
    if (old === undefined || old === null) return noValue;
    const type = celTypeOf(place.schema, root);
    return type === undefined ? noValue : new OptionalValue(converterFor(type)(old));
  }

  #fails(told: FieldError[], field: string, value: unknown, why: string): void {
    told.push(invalid(field === '' ? '<nil>' : field, typeOf(value), why));
  }

  /** The expression's message when it makes one, else the rule's own, else the rule. */
  *#message(rule: Rule, activation: Readonly<Record<string, unknown>>): Work<string> {
    const { message } = rule.source;
    const program = programOf(rule.message);
    const made =
      program === undefined
        ? undefined
        : yield* patiently(this.#patience, () => program.evaluate(activation, this.#budget, this.#patience));
    if (made?.ok === true && typeof made.value === 'string') {
      const text = made.value.trim();
      if (text !== '' && text.length <= longestMessage && !text.includes('\n')) return text;
    }
    return message.trim() === '' ? `failed rule: ${ruleText(rule)}` : message.trim();
  }
}

/** Whether the rule is about what the value was, and so about its staying as it was. */
function looksBack({ isTransition, source }: Rule): boolean {
  return isTransition || source.optionalOldSelf === true;
}

/** Asks once. */
function once(ask: () => boolean): () => boolean {
  let answer: boolean | undefined;
  return () => (answer ??= ask());
}

const never = (): boolean => false;

export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** Of what was so before and was not touched: worth a warning. */
  readonly letBe: readonly FieldError[];
}

/** The broken rules of `value`; `field` is its path, `root`: it is a whole resource. */
export function checkRules(value: unknown, old: unknown, place: Structural, field = '', root = false): RuleFindings {
  return finish(rulesWork(value, old, place, field, root));
}

/** {@link checkRules}, for values on which rules take long. */
export function* rulesWork(
  value: unknown,
  old: unknown,
  place: Structural,
  field = '',
  root = false,
  timing?: RuleTiming,
): Work<RuleFindings> {
  const checking = new Checking(timing);
  yield* checking.look(value, old, place, field, never, root);
  return checking;
}

/** Whether errors of the schema keep rules from being checked: they may rely on what is wrong. */
export function blocksRules(errors: readonly FieldError[]): boolean {
  return errors.some(
    ({ reason }) =>
      reason === 'FieldValueRequired' ||
      reason === 'FieldValueNotSupported' ||
      reason === 'FieldValueTooLong' ||
      reason === 'FieldValueTooMany' ||
      reason === 'FieldValueTypeInvalid',
  );
}

/** Told in the place of the rules then. */
export const rulesNotChecked: FieldError = {
  field: '<nil>',
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};
