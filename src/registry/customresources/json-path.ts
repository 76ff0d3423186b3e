// The JSONPath of printer columns: fields, indexes, slices, filters. https://kubernetes.io/docs/reference/kubectl/jsonpath/
import { isRecord } from '../../apimachinery/object.js';

/** How many more values may be looked at for one cell. */
interface Looks {
  left: number;
}

/** The name of a field; or what a value leads to, one after the other: no more is looked at than is asked for, and what is shown is the first. */
type Step = string | ((value: unknown, looks: Looks) => Iterable<unknown>);

/** Some tens of milliseconds. */
const mostLooks = 50_000;

function fieldsStep(names: readonly string[]): Step {
  if (names.length === 1) return names[0]!;
  return function* (value, looks) {
    if (!isRecord(value)) return;
    for (const name of names) {
      if (--looks.left < 0) return;
      if (Object.hasOwn(value, name)) yield value[name];
    }
  };
}

const childrenOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value as readonly unknown[];
  return isRecord(value)
    ? Object.keys(value)
        .sort()
        .map((name) => value[name])
    : [];
};

/** All values below, each before what is below it. */
function* descendants(value: unknown): Iterable<unknown> {
  const rest: { readonly values: readonly unknown[]; at: number }[] = [{ values: [value], at: 0 }];
  while (rest.length > 0) {
    const last = rest[rest.length - 1]!;
    if (last.at >= last.values.length) {
      rest.pop();
      continue;
    }
    const one = last.values[last.at++];
    yield one;
    rest.push({ values: childrenOf(one), at: 0 });
  }
}

function sliceStep(text: string): ((value: unknown) => Iterable<unknown>) | undefined {
  const parts = text.split(':');
  if (parts.length > 3 || !parts.every((part) => /^-?\d{0,9}$/.test(part.trim()))) return undefined;
  const [from, to, by] = parts.map((part) => (part.trim() === '' || part.trim() === '-' ? undefined : Number(part)));
  const step = Math.max(by ?? 1, 1);
  return function* (value) {
    if (!Array.isArray(value)) return;
    const list = value as readonly unknown[];
    const placeOf = (index: number): number => (index < 0 ? list.length + index : index);
    const start = placeOf(from ?? 0);
    const end = parts.length === 1 ? start + 1 : placeOf(to ?? list.length);
    // An index before the list is no place; a slice begins with what there is.
    for (let at = parts.length === 1 ? start : Math.max(start, 0); at < Math.min(end, list.length); at += step) if (at >= 0) yield list[at];
  };
}

const operators = ['==', '!=', '<=', '>=', '<', '>'] as const;

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const [a, b] = [left, right as typeof left];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** One side of a comparison: a path from the element, a string, a number, true or false. */
function operand(text: string): ((value: unknown, looks: Looks) => unknown) | undefined {
  const plain = text.trim();
  if (plain.startsWith('@')) {
    const path = plain === '@' ? [] : stepsOf(plain.slice(1));
    return path === undefined ? undefined : (value, looks) => first(path, value, looks);
  }
  const mark = plain[0];
  if (plain.length > 1 && (mark === '"' || mark === "'") && plain.endsWith(mark)) return () => plain.slice(1, -1);
  if (plain === 'true' || plain === 'false') return () => plain === 'true';
  return plain !== '' && !Number.isNaN(Number(plain)) ? () => Number(plain) : undefined;
}

/** Without the parentheses around it. */
function framed(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
}

function filterStep(text: string): Step | undefined {
  const inner = framed(text.trim().slice(1).trim());
  const at = outsideQuotes(inner, (index) => operators.some((operator) => inner.startsWith(operator, index)));
  const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
  if (at < 0) {
    const there = operand(inner);
    return there === undefined
      ? undefined
      : function* (value, looks) {
          for (const item of items(value)) {
            if (--looks.left < 0) return;
            if (there(item, looks) !== undefined) yield item;
          }
        };
  }
  const operator = operators.find((one) => inner.startsWith(one, at))!;
  const left = operand(inner.slice(0, at));
  const right = operand(inner.slice(at + operator.length));
  if (left === undefined || right === undefined) return undefined;
  return function* (value, looks) {
    for (const item of items(value)) {
      if (--looks.left < 0) return;
      if (compare(left(item, looks), operator, right(item, looks))) yield item;
    }
  };
}

/** The first index outside of quotes at which `found` holds; -1 for none. */
function outsideQuotes(text: string, found: (index: number) => boolean): number {
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (found(index)) return index;
    else if (character === '"' || character === "'") quote = character;
  }
  return -1;
}

function bracketStep(text: string): Step | undefined {
  const plain = text.trim();
  if (plain.startsWith('?')) return filterStep(plain);
  if (plain === '*') return childrenOf;
  if (/^["']/.test(plain)) return fieldsStep(plain.split(',').map((name) => name.trim().slice(1, -1).replaceAll('\\', '')));
  if (plain.includes(',')) {
    const steps = plain.split(',').map(sliceStep);
    if (steps.some((step) => step === undefined)) return undefined;
    return function* (value, looks) {
      for (const step of steps) {
        if (--looks.left < 0) return;
        yield* step!(value);
      }
    };
  }
  return plain === '' ? undefined : sliceStep(plain);
}

/** A field's name from `at` on; a backslash takes the next character as it is. */
function nameFrom(text: string, at: number): readonly [name: string, end: number] {
  let name = '';
  let end = at;
  for (; end < text.length && !'.['.includes(text[end]!); end++) {
    if (text[end] === '\\' && end + 1 < text.length) end++;
    name += text[end]!;
  }
  return [name, end];
}

function stepsOf(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '[') {
      const end = at + 1 + outsideQuotes(text.slice(at + 1), (index) => text[at + 1 + index] === ']');
      if (end <= at) return undefined;
      const step = bracketStep(text.slice(at + 1, end));
      if (step === undefined) return undefined;
      steps.push(step);
      at = end + 1;
      continue;
    }
    if (text[at] === '.') at++;
    if (text[at] === '.') {
      steps.push(descendants);
      at++;
    }
    if (at >= text.length || text[at] === '[') continue;
    const [name, end] = nameFrom(text, at);
    steps.push(name === '*' ? childrenOf : name);
    at = end;
  }
  return steps;
}

/** The first value that the steps from `from` on lead to; undefined when there is none, or when it is too far away. */
function first(steps: readonly Step[], root: unknown, looks: Looks, from = 0): unknown {
  let value = root;
  for (let at = from; at < steps.length; at++) {
    const step = steps[at]!;
    if (typeof step === 'string') {
      if (!isRecord(value) || !Object.hasOwn(value, step)) return undefined;
      value = value[step];
      continue;
    }
    for (const next of step(value, looks)) {
      if (--looks.left < 0) return undefined;
      const found = first(steps, next, looks, at + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return value;
}

/** Reads the first value that a path leads to, undefined when there is none. No function at all for what is no path. */
export function compileJsonPath(path: string): ((object: unknown) => unknown) | undefined {
  const steps = stepsOf(path);
  return steps === undefined ? undefined : (object) => first(steps, object, { left: mostLooks });
}
