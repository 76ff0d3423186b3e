// The tree of a parsed expression.

/** A value that is written out in an expression. */
export type LiteralValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'uint'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

/** `position` is an offset into the text: where errors about the node point. */
interface Located {
  readonly position: number;
}

export interface LiteralExpression extends Located {
  readonly kind: 'literal';
  readonly literal: LiteralValue;
}

export interface IdentExpression extends Located {
  readonly kind: 'ident';
  /** With a leading dot when it is written with one. */
  readonly name: string;
}

export interface SelectExpression extends Located {
  readonly kind: 'select';
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly test: boolean;
  /** `operand.?field`. */
  readonly optional: boolean;
}

export interface CallExpression extends Located {
  readonly kind: 'call';
  /** Operators have the names that errors show: `_+_`, `_[_]`, `@in`, `_?_:_`. `_&&_` and `_||_` have two or more arguments. */
  readonly name: string;
  readonly target: Expression | undefined;
  readonly arguments: readonly Expression[];
}

export interface ListExpression extends Located {
  readonly kind: 'list';
  readonly elements: readonly { readonly value: Expression; readonly optional: boolean }[];
}

export interface MapExpression extends Located {
  readonly kind: 'map';
  readonly entries: readonly {
    readonly key: Expression;
    readonly value: Expression;
    readonly optional: boolean;
    readonly position: number;
  }[];
}

export interface StructExpression extends Located {
  readonly kind: 'struct';
  readonly name: string;
  readonly entries: readonly {
    readonly field: string;
    readonly value: Expression;
    readonly optional: boolean;
    readonly position: number;
  }[];
}

/** What a comprehension makes of its steps. */
export type ComprehensionKind = 'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformMap' | 'transformMapEntry';

/** A macro over the elements of a list, or the keys of a map. */
export interface ComprehensionExpression extends Located {
  readonly kind: 'comprehension';
  readonly macro: ComprehensionKind;
  readonly range: Expression;
  /** One variable: the element or key. Two: the index or key, and the element or value. */
  readonly variables: readonly [string] | readonly [string, string];
  /** Elements for which it is false are left out; of `map`, `transformMap` and `transformMapEntry`. */
  readonly filter: Expression | undefined;
  /** The predicate, or what each element becomes. */
  readonly body: Expression;
}

/** `cel.bind(variable, value, body)`, and what other macros make of it. */
export interface BindExpression extends Located {
  readonly kind: 'bind';
  readonly variable: string;
  readonly value: Expression;
  readonly body: Expression;
}

/** `target.optMap(variable, body)`, or `optFlatMap`. A node of its own, since what the real one expands to names the target twice. */
export interface OptionalMapExpression extends Located {
  readonly kind: 'optionalMap';
  readonly target: Expression;
  readonly variable: string;
  readonly body: Expression;
  /** The body is an optional itself. */
  readonly flat: boolean;
}

export type Expression =
  | LiteralExpression
  | IdentExpression
  | SelectExpression
  | CallExpression
  | ListExpression
  | MapExpression
  | StructExpression
  | ComprehensionExpression
  | BindExpression
  | OptionalMapExpression;

export function call(position: number, name: string, ...args: Expression[]): CallExpression {
  return { kind: 'call', position, name, target: undefined, arguments: args };
}

export function memberCall(position: number, target: Expression, name: string, ...args: Expression[]): CallExpression {
  return { kind: 'call', position, name, target, arguments: args };
}
