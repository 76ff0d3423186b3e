// The forms of the small shell: what the parser makes and the interpreter runs.

/** One part of a word. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  /** `$(date)` and `$(hostname)`. */
  | { readonly kind: 'substitution'; readonly command: 'date' | 'hostname' }
  /** `$((i + 1))`: names, whole numbers and operators in turn, from left to right. */
  | { readonly kind: 'arithmetic'; readonly operands: readonly (string | number)[]; readonly operators: readonly string[] };

export interface Word {
  readonly parts: readonly WordPart[];
  /** A part of it was in quotes: it is never a keyword nor an assignment, and is there even when empty. */
  readonly quoted: boolean;
}

export interface SimpleCommand {
  readonly kind: 'simple';
  readonly words: readonly Word[];
  /** Where standard output goes. */
  readonly output: 'stdout' | 'stderr' | 'nowhere';
}

export interface LoopCommand {
  readonly kind: 'loop';
  /** The loop goes on while the condition's success is this. */
  readonly until: boolean;
  readonly condition: readonly AndOr[];
  readonly body: readonly AndOr[];
}

export interface ForCommand {
  readonly kind: 'for';
  readonly variable: string;
  readonly words: readonly Word[];
  readonly body: readonly AndOr[];
}

export type Command = SimpleCommand | LoopCommand | ForCommand;

/** `a && b || c`. */
export interface AndOr {
  readonly first: Command;
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly command: Command }[];
}

/** The script uses what the small shell does not know. */
export class NotUnderstood extends Error {}
