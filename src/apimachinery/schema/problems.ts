// Where the decoder is in the object, and what it found wrong there, worded as the real server does.
import type { SchemaField, SchemaNode } from './node.js';

/** A value has the wrong JSON type or is out of range. The message has no `Pod in version "v1" cannot be handled as a Pod: ` before it. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

/** A number that JavaScript would change, as it is in the text: `1.0`, `1e3`, `12345678901234567890`. */
export class NumberLiteral {
  constructor(readonly text: string) {}
}

/** One step from the root: a struct's field, an index of a list, or a key of a map. */
type Step = Place | number | string;

/** A field with the struct it is in. */
export interface Place {
  readonly field: SchemaField;
  /** The struct's own name: `PodSpec`. */
  readonly owner: string;
}

/** Keys that occur more than once in an object, each with the number of different keys before its second occurrence. */
export type Duplicates = ReadonlyMap<object, readonly { readonly key: string; readonly after: number }[]>;

/** One run of the decoder: the path as a stack that is only written to, and only read when something is wrong. */
export class Walk {
  readonly problems: string[] = [];
  /** The first wrong type; decoding goes on after it, because a time or quantity further on has precedence. */
  firstError: DecodeError | undefined;

  constructor(
    readonly reportUnknown: boolean,
    readonly duplicates: Duplicates | undefined,
    readonly steps: Step[] = [],
    /** Custom resources: nulls that they do not take stay, for the validation to refuse. */
    readonly keepNulls = false,
    /** What is decoded belongs to whoever decodes it: no copy is made of it. */
    readonly owned = false,
  ) {}

  /** A walk from the same place that reports no unknown and no duplicate fields. */
  quiet(): Walk {
    return new Walk(false, undefined, this.steps);
  }

  /** Remembers that `value` is not what the node at `depth` takes. */
  wrongType(value: unknown, node: SchemaNode, depth: number, withNumber = false): undefined {
    this.firstError ??= this.typeError(value, node.goType ?? node.type, depth, withNumber);
    return undefined;
  }

  typeError(value: unknown, goType: string, depth: number, withNumber = false): DecodeError {
    const number = withNumber && (typeof value === 'number' || value instanceof NumberLiteral) ? ` ${numberText(value)}` : '';
    return new DecodeError(`json: cannot unmarshal ${jsonType(value)}${number} into Go ${this.goPlace(depth)} of type ${goType}`);
  }

  remember(message: string): undefined {
    this.firstError ??= new DecodeError(message);
    return undefined;
  }

  unknownField(key: string, depth: number): void {
    this.problem('unknown', key, depth);
  }

  duplicateField(key: string, depth: number): void {
    this.problem('duplicate', key, depth);
  }

  private problem(what: string, key: string, depth: number): void {
    if (this.problems.length < mostProblems) this.problems.push(`${what} field ${quote(this.path(key, depth))}`);
  }

  /** `spec.containers[0].image`. */
  private path(key: string, depth: number): string {
    let path = '';
    for (const step of this.steps.slice(0, depth)) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += `${path === '' ? '' : '.'}${typeof step === 'string' ? step : step.field.name}`;
    }
    return path === '' ? key : `${path}.${key}`;
  }

  /** `struct field PodSpec.spec.containers`: fields only, with the names of embedded structs between them. */
  private goPlace(depth: number): string {
    let owner: string | undefined;
    let path = '';
    for (const step of this.steps.slice(0, depth)) {
      if (typeof step !== 'object') continue;
      owner = step.owner;
      path += step.field.embedded === undefined ? `.${step.field.name}` : `.${step.field.embedded}.${step.field.name}`;
    }
    return owner === undefined ? 'value' : `struct field ${owner}${path}`;
  }
}

/** As many as the real server tells of. */
const mostProblems = 100;

export function jsonType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || value instanceof NumberLiteral) return 'number';
  return Array.isArray(value) ? 'array' : typeof value;
}

function numberText(value: number | NumberLiteral): string {
  return value instanceof NumberLiteral ? value.text : String(value);
}

/** A string in double quotes as the server's messages have it: what cannot be printed is escaped, all else is as it is. */
export function quote(text: string): string {
  if (plainText.test(text)) return `"${text}"`;
  return `"${[...text].map(quotedCharacter).join('')}"`;
}

/** Printable ASCII without quotes and backslashes. */
const plainText = /^[ !#-[\]-~]*$/;

/** What the real server's language prints as it is: letters, marks, numbers, punctuation, symbols and the plain space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\x07': '\\a',
};

function quotedCharacter(character: string): string {
  const escaped = Object.hasOwn(escapes, character) ? escapes[character] : undefined;
  if (escaped !== undefined) return escaped;
  const code = character.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x7f || printable.test(character)) return character;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
