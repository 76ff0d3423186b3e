// Literals that can be judged before an evaluation, as Kubernetes does: times, patterns, formats, lists and maps of one type.

import { isEvaluationError } from '../evaluate/errors.js';
import type { Piece } from '../library/format-text.js';
import { piecesOf } from '../library/format-text.js';
import { patternError } from '../library/regex.js';
import type { CallExpression, Expression, ListExpression, MapExpression } from '../syntax/expression.js';
import type { Problem } from '../syntax/problems.js';
import type { CelType } from '../types.js';
import { elementOf, formatType, isDynamic, isOptional, sameType } from '../types.js';
import { parseDurationText, parseTimestampText } from '../values/time.js';
import type { Checked } from './checker.js';
import { childrenOf } from './walk.js';

/** Problems of all literals in an expression whose types are right. */
export function validateLiterals(expression: Expression, checked: Checked): readonly Problem[] {
  const problems: Problem[] = [];
  visit(expression, checked, problems, false);
  return problems;
}

/** `free`: the elements may be of any types, since they are what a format is filled with. */
function visit(expression: Expression, checked: Checked, problems: Problem[], free: boolean): void {
  if (expression.kind === 'call') validateCall(expression, checked, problems);
  else if (expression.kind === 'list' && !free) validateList(expression, checked, problems);
  else if (expression.kind === 'map' && !free) validateMap(expression, checked, problems);
  const format = expression.kind === 'call' && expression.name === 'format' && expression.target !== undefined;
  for (const child of childrenOf(expression)) visit(child, checked, problems, free || format);
}

/** The first regular expression, written out as an argument of `find`, `findAll` or the function `matches`, that is none. */
export function patternProblem(expression: Expression): string | undefined {
  if (expression.kind === 'call' && ['find', 'findAll', 'matches'].includes(expression.name)) {
    const text = textOf(expression.arguments[expression.target === undefined ? 1 : 0]);
    const problem = text === undefined ? undefined : patternError(text);
    if (problem !== undefined) return problem;
  }
  for (const child of childrenOf(expression)) {
    const problem = patternProblem(child);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function textOf(expression: Expression | undefined): string | undefined {
  return expression?.kind === 'literal' && expression.literal.kind === 'string' ? expression.literal.value : undefined;
}

function validateCall(expression: CallExpression, checked: Checked, problems: Problem[]): void {
  const { name, target } = expression;
  const last = expression.arguments[expression.arguments.length - 1];
  const text = textOf(last);
  if (last === undefined) return;
  const refuse = (): void => {
    problems.push({ position: last.position, message: `invalid ${name} argument` });
  };
  if (text !== undefined && target === undefined && name === 'timestamp' && (!text.includes('T') || parseTimestampText(text) === undefined))
    refuse();
  else if (text !== undefined && target === undefined && name === 'duration' && parseDurationText(text) === undefined) refuse();
  else if (text !== undefined && target !== undefined && name === 'matches' && patternError(text) !== undefined) refuse();
  else if (name === 'format' && target !== undefined) validateFormat(expression, textOf(target), last, checked, problems);
}

function typeProblem(position: number, expected: CelType, found: CelType): Problem {
  return { position, message: `expected type '${formatType(expected)}' but found '${formatType(found)}'` };
}

/** Whether the types may stand beside each other in a list. Of an empty list or map nothing is known yet. */
function fits(expected: CelType, found: CelType): boolean {
  return sameType(expected, found) || isOpen(expected) || isOpen(found);
}

function isOpen(type: CelType): boolean {
  return type.kind === 'param' || type.kind === 'error' || type.parameters.some(isOpen);
}

function validateList(expression: ListExpression, checked: Checked, problems: Problem[]): void {
  let expected: CelType | undefined;
  for (const { value, optional } of expression.elements) {
    const type = present(checked.typeOf(value), optional);
    expected ??= type;
    if (fits(expected, type)) continue;
    problems.push(typeProblem(value.position, expected, type));
    return;
  }
}

/** What is in an optional that is written `?x`. */
function present(type: CelType, optional: boolean): CelType {
  return optional && isOptional(type) ? elementOf(type) : type;
}

function validateMap(expression: MapExpression, checked: Checked, problems: Problem[]): void {
  let key: CelType | undefined;
  let value: CelType | undefined;
  for (const entry of expression.entries) {
    const keyType = checked.typeOf(entry.key);
    const valueType = present(checked.typeOf(entry.value), entry.optional);
    key ??= keyType;
    value ??= valueType;
    if (!fits(key, keyType)) problems.push(typeProblem(entry.key.position, key, keyType));
    if (!fits(value, valueType)) problems.push(typeProblem(entry.value.position, value, valueType));
  }
}

/** Types that each clause takes, and what is said of others. */
const clauses: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['d', ['int uint double', 'decimal clause can only be used on integers']],
  ['f', ['double string', 'fixed-point clause can only be used on doubles']],
  ['e', ['double string', 'scientific clause can only be used on doubles']],
  ['b', ['int uint bool', 'only integers and bools can be formatted as binary']],
  ['o', ['int uint', 'octal clause can only be used on integers']],
  ['x', ['int uint string bytes', 'only integers, byte buffers, and strings can be formatted as hex']],
  ['X', ['int uint string bytes', 'only integers, byte buffers, and strings can be formatted as hex']],
]);

const notText = 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';

function validateFormat(
  expression: CallExpression,
  text: string | undefined,
  args: Expression,
  checked: Checked,
  problems: Problem[],
): void {
  if (text === undefined) return;
  let pieces: readonly Piece[];
  try {
    pieces = [...piecesOf(text)];
  } catch (error) {
    if (!isEvaluationError(error)) throw error;
    problems.push({ position: expression.position, message: error.text });
    return;
  }
  if (args.kind !== 'list') return;
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') continue;
    const argument = args.elements[next]?.value;
    if (argument === undefined) {
      problems.push({ position: expression.position, message: `index ${next} out of range` });
      return;
    }
    next++;
    const [kinds, message] = clauses.get(piece.clause) ?? ['', ''];
    const type = checked.typeOf(argument);
    if (piece.clause === 's' && (type.kind === 'opaque' || type.kind === 'object')) {
      problems.push({ position: argument.position, message: `error during formatting: ${notText}, was given ${formatType(type)}` });
    }
    if (kinds === '' || isDynamic(type) || kinds.split(' ').includes(type.kind)) continue;
    problems.push({ position: argument.position, message: `error during formatting: ${message}, was given ${formatType(type)}` });
  }
  const given = args.elements.length;
  if (given > next) {
    const message = `too many arguments supplied to string.format (expected ${next}, got ${given})`;
    problems.push({ position: expression.position, message });
  }
}
