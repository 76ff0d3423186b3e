// How functions are declared: a signature as it is read, and what it does.

import type { CelType } from '../types.js';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  optionalType,
  paramType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../types.js';
import type { CelValue } from '../values/value.js';
import type { Patience } from '../regex/patience.js';
import type { Macro } from '../syntax/macro.js';
import type { Costs, EstimatedCost, RuntimeCost } from '../cost/call-cost.js';

export type { Costs, Macro };

/** What a function does with its arguments, the receiver first. Throws EvaluationError. */
export type Implementation = (...args: CelValue[]) => CelValue;

/** The same of a function whose work may be long. */
export type PatientImplementation = (patience: Patience | undefined, ...args: CelValue[]) => CelValue;

export interface Overload {
  readonly receiver: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  readonly run: Implementation;
  /** Called instead of `run` where the evaluation may be interrupted. */
  readonly patient?: PatientImplementation | undefined;
  readonly cost?: RuntimeCost | undefined;
  readonly estimate?: EstimatedCost | undefined;
  /** Whether the types of parameters that are kinds of values must be looked at before `run` may be called. */
  readonly text: string;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly macros: readonly (readonly [string, Macro])[];
  /** Types whose names stand for values, such as `net.IP`. */
  readonly types: readonly CelType[];
}

const simpleTypes: ReadonlyMap<string, CelType> = new Map([
  ['dyn', dynType],
  ['null', nullType],
  ['bool', boolType],
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['string', stringType],
  ['bytes', bytesType],
  ['duration', durationType],
  ['timestamp', timestampType],
  ['A', paramType('A')],
  ['B', paramType('B')],
]);

/** Reads `map(string, list(A))`. Throws on what is no type: declarations are ours. */
export function readType(text: string): CelType {
  const trimmed = text.trim();
  const simple = simpleTypes.get(trimmed);
  if (simple !== undefined) return simple;
  const open = trimmed.indexOf('(');
  if (open < 0) return opaqueType(trimmed);
  const parameters = splitTypes(trimmed.slice(open + 1, -1)).map(readType);
  const [first = dynType, second = dynType] = parameters;
  switch (trimmed.slice(0, open)) {
    case 'list':
      return listType(first);
    case 'map':
      return mapType(first, second);
    case 'type':
      return typeType(first);
    case 'optional':
      return optionalType(first);
    default:
      throw new Error(`no type: ${text}`);
  }
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')') depth--;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (text.trim() !== '') parts.push(text.slice(start));
  return parts;
}

/** Reads `string.startsWith(string): bool` or `size(list(A)): int`. */
export function overload(signature: string, run: Implementation, costs: Costs = {}): readonly [string, Overload] {
  const colon = signature.lastIndexOf(': ');
  const open = signature.indexOf('(', nameStart(signature));
  const head = signature.slice(0, open);
  const dot = nameStart(signature);
  const receiver = dot > 0;
  const parameters = splitTypes(signature.slice(open + 1, colon - 1)).map(readType);
  if (receiver) parameters.unshift(readType(head.slice(0, dot - 1)));
  const result = readType(signature.slice(colon + 2));
  return [head.slice(dot), { receiver, parameters, result, run, cost: costs.cost, estimate: costs.estimate, text: signature }];
}

/** {@link overload} of a function whose work may be long. */
export function patientOverload(signature: string, patient: PatientImplementation, costs: Costs): readonly [string, Overload] {
  const [name, plain] = overload(signature, (...args) => patient(undefined, ...args), costs);
  return [name, { ...plain, patient }];
}

/** Where the function's name starts: after `receiver.`, whose own parentheses are skipped; `!` marks a name that has dots in it. */
function nameStart(signature: string): number {
  if (/^![a-z]/.test(signature)) return 0;
  let depth = 0;
  let dot = -1;
  for (let at = 0; at < signature.length; at++) {
    if (signature[at] === '(') {
      if (depth === 0 && !hasDotAfterClose(signature, at)) break;
      depth++;
    } else if (signature[at] === ')') depth--;
    else if (signature[at] === '.' && depth === 0) dot = at;
  }
  return dot + 1;
}

/** Whether the parenthesis at `open` belongs to a receiver's type, as in `list(A).size()`. */
function hasDotAfterClose(signature: string, open: number): boolean {
  let depth = 0;
  for (let at = open; at < signature.length; at++) {
    if (signature[at] === '(') depth++;
    else if (signature[at] === ')' && --depth === 0) return signature[at + 1] === '.';
  }
  return false;
}

/** Groups overloads by function, in their order; `!` before a name with dots is dropped. */
export function library(
  overloads: readonly (readonly [string, Overload])[],
  macros: readonly (readonly [string, Macro])[] = [],
  types: readonly CelType[] = [],
): Library {
  const functions = new Map<string, Overload[]>();
  for (const [name, declared] of overloads) {
    const plain = /^![a-z]/.test(name) ? name.slice(1) : name;
    const known = functions.get(plain);
    if (known === undefined) functions.set(plain, [declared]);
    else known.push(declared);
  }
  return { functions: [...functions].map(([name, list]) => ({ name, overloads: list })), macros, types };
}
