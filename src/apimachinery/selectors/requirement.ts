// One requirement of a label selector: checked, matched and written.
import { labelValueProblems, qualifiedNameProblems } from '../names/names.js';
import { quote } from '../schema/problems.js';
import { SelectorError } from './selector-error.js';

export type Labels = Readonly<Record<string, string>>;

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** In order of the alphabet, each once. Empty for `exists` and `!`. */
  readonly values: readonly string[];
}

/** Makes a requirement. Throws SelectorError with the real server's texts for a key, value or number of values that is not allowed. */
export function makeRequirement(key: string, operator: LabelOperator, given: readonly string[]): LabelRequirement {
  const values = [...new Set(given)].sort();
  const keyProblems = qualifiedNameProblems(key);
  if (keyProblems.length > 0) throw new SelectorError(`<nil>: Invalid value: ${quote(key)}: ${keyProblems.join('; ')}`);
  const problems: string[] = [];
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    problems.push("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  }
  if (operator === 'gt' || operator === 'lt') {
    values.forEach((value, index) => {
      if (integer(value) !== undefined) return;
      problems.push(`values[${index}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    });
  }
  values.forEach((value, index) => {
    const why = labelValueProblems(value);
    if (why.length > 0) problems.push(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${why.join('; ')}`);
  });
  if (problems.length > 0) throw new SelectorError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  return { key, operator, values };
}

/** A number of 64 bits, undefined when the text is none. */
function integer(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function requirementMatches({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
      return value === values[0];
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
      return value !== values[0];
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const number = value === undefined ? undefined : integer(value);
      return number !== undefined && isWithin(number, operator, values);
    }
  }
}

function isWithin(number: bigint, operator: LabelOperator, [bound]: readonly string[]): boolean {
  return operator === 'gt' ? number > integer(bound!)! : number < integer(bound!)!;
}

/** Whether a value is within all of these bounds (`gt` and `lt`). */
export function boundsOf(bounds: readonly LabelRequirement[], value: string): boolean {
  if (bounds.length === 0) return true;
  const number = integer(value);
  return number !== undefined && bounds.every(({ operator, values }) => isWithin(number, operator, values));
}

export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}
