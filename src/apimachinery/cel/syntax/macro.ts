// Macros: calls that the parser turns into something else. https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros

import type { ComprehensionKind, Expression } from './expression.js';
import { memberCall } from './expression.js';
import type { Problem } from './problems.js';

/** What a macro makes of a call: an expression, what is wrong with it, or undefined when the call is none of its. */
export type Macro = (target: Expression | undefined, args: readonly Expression[], position: number) => Expression | Problem | undefined;

/** How macros are found: `all:true:2` is `x.all(a, b)`. */
export function macroKey(name: string, receiver: boolean, count: number): string {
  return `${name}:${receiver}:${count}`;
}

export function isProblem(result: Expression | Problem): result is Problem {
  return 'message' in result;
}

const accumulator = '__result__';
const notIdentifier = 'argument is not an identifier';

function problem(at: Expression, message: string): Problem {
  return { position: at.position, message };
}

/** The name of a variable of a comprehension, or what is wrong with it. */
function variableName(argument: Expression, complaint: string): string | Problem {
  if (argument.kind !== 'ident' || argument.name.startsWith('.')) return problem(argument, complaint);
  if (argument.name === accumulator || argument.name === '@result') {
    return problem(argument, 'iteration variable overwrites accumulator variable');
  }
  return argument.name;
}

function comprehension(macro: ComprehensionKind, names: 1 | 2, filtered: boolean, complaint = 'argument must be a simple name'): Macro {
  return (target, args, position) => {
    const first = args[0];
    const second = args[1];
    const body = args[args.length - 1];
    if (target === undefined || first === undefined || second === undefined || body === undefined) return undefined;
    const variable = variableName(first, complaint);
    if (typeof variable !== 'string') return variable;
    const filter = filtered ? args[args.length - 2] : undefined;
    if (names === 1) return { kind: 'comprehension', position, macro, range: target, variables: [variable], filter, body };
    const other = variableName(second, complaint);
    if (typeof other !== 'string') return other;
    if (other === variable) return problem(second, `duplicate variable name: ${other}`);
    return { kind: 'comprehension', position, macro, range: target, variables: [variable, other], filter, body };
  };
}

const has: Macro = (_target, args, position) => {
  const [argument] = args;
  if (argument === undefined) return undefined;
  if (argument.kind !== 'select' || argument.optional) return problem(argument, 'invalid argument to has() macro');
  return { ...argument, position, test: true };
};

const bind: Macro = (target, args, position) => {
  if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
  const [variable, value, body] = args;
  if (variable === undefined || value === undefined || body === undefined) return undefined;
  if (variable.kind !== 'ident') return problem(variable, 'cel.bind() variable names must be simple identifiers');
  return { kind: 'bind', position, variable: variable.name, value, body };
};

/** `cel.block([values], body)` of CEL's own cases: values that the body names `cel.index(0)`. */
const block: Macro = (target, args, position) => {
  if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
  const [values, body] = args;
  if (values?.kind !== 'list' || body === undefined) return undefined;
  return values.elements.reduceRight<Expression>(
    (inner, { value }, index) => ({ kind: 'bind', position, variable: `@index${index}`, value, body: inner }),
    body,
  );
};

/** `cel.index(0)`, `cel.iterVar(0, 1)` and `cel.accuVar(0, 1)` of CEL's own cases. */
function blockName(prefix: string): Macro {
  return (target, args, position) => {
    if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
    const numbers = args.map((argument) =>
      argument.kind === 'literal' && argument.literal.kind === 'int' ? String(argument.literal.value) : '?',
    );
    return { kind: 'ident', position, name: `@${prefix}${numbers.join(':')}` };
  };
}

function optionalMap(name: string, flat: boolean): Macro {
  return (target, args, position) => {
    const [variable, body] = args;
    if (target === undefined || variable === undefined || body === undefined) return undefined;
    if (variable.kind !== 'ident') return problem(variable, `${name}() variable name must be a simple identifier`);
    return { kind: 'optionalMap', position, target, variable: variable.name, body, flat };
  };
}

const sortBy: Macro = (target, args, position) => {
  const [variable, key] = args;
  if (target === undefined || variable === undefined || key === undefined) return undefined;
  const name = variableName(variable, notIdentifier);
  if (typeof name !== 'string') return name;
  const input: Expression = { kind: 'ident', position, name: '@sortByInput' };
  const keys: Expression = { kind: 'comprehension', position, macro: 'map', range: input, variables: [name], filter: undefined, body: key };
  const sorted = memberCall(position, input, '@sortByAssociatedKeys', keys);
  return { kind: 'bind', position, variable: '@sortByInput', value: target, body: sorted };
};

export const standardMacros: readonly (readonly [string, Macro])[] = [
  [macroKey('has', false, 1), has],
  [macroKey('all', true, 2), comprehension('all', 1, false)],
  [macroKey('exists', true, 2), comprehension('exists', 1, false)],
  [macroKey('exists_one', true, 2), comprehension('existsOne', 1, false)],
  [macroKey('map', true, 2), comprehension('map', 1, false, notIdentifier)],
  [macroKey('map', true, 3), comprehension('map', 1, true, notIdentifier)],
  [macroKey('filter', true, 2), comprehension('filter', 1, false, notIdentifier)],
];

export const twoVariableMacros: readonly (readonly [string, Macro])[] = [
  [macroKey('all', true, 3), comprehension('all', 2, false)],
  [macroKey('exists', true, 3), comprehension('exists', 2, false)],
  [macroKey('existsOne', true, 3), comprehension('existsOne', 2, false)],
  [macroKey('exists_one', true, 3), comprehension('existsOne', 2, false)],
  [macroKey('transformList', true, 3), comprehension('map', 2, false)],
  [macroKey('transformList', true, 4), comprehension('map', 2, true)],
  [macroKey('transformMap', true, 3), comprehension('transformMap', 2, false)],
  [macroKey('transformMap', true, 4), comprehension('transformMap', 2, true)],
  [macroKey('transformMapEntry', true, 3), comprehension('transformMapEntry', 2, false)],
  [macroKey('transformMapEntry', true, 4), comprehension('transformMapEntry', 2, true)],
];

export const optionalMacros: readonly (readonly [string, Macro])[] = [
  [macroKey('optMap', true, 2), optionalMap('optMap', false)],
  [macroKey('optFlatMap', true, 2), optionalMap('optFlatMap', true)],
];

export const bindMacros: readonly (readonly [string, Macro])[] = [[macroKey('bind', true, 3), bind]];

export const blockMacros: readonly (readonly [string, Macro])[] = [
  [macroKey('block', true, 2), block],
  [macroKey('index', true, 1), blockName('index')],
  [macroKey('iterVar', true, 2), blockName('it')],
  [macroKey('accuVar', true, 2), blockName('ac')],
];

export const sortByMacros: readonly (readonly [string, Macro])[] = [[macroKey('sortBy', true, 2), sortBy]];
