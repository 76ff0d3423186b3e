// From tokens to a tree, with the real API server's words for what does not parse.

import { expressionStarts, fieldStarts } from './expectations.js';
import { call } from './expression.js';
import type { Expression } from './expression.js';
import { tokenize } from './lexer.js';
import type { Token } from './lexer.js';
import { literalOf } from './literals.js';
import { isProblem, macroKey } from './macro.js';
import type { Macro } from './macro.js';
import type { Problem } from './problems.js';
import { Abandoned, TokenStream } from './token-stream.js';

/** The real server's limits. */
const mostCharacters = 100_000;
const deepest = 250;

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** Binary operators by how strongly they bind, weakest first. */
const relations: ReadonlyMap<string, string> = new Map([
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>', '_>_'],
  ['>=', '_>=_'],
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['in', '@in'],
]);
const additions: ReadonlyMap<string, string> = new Map([
  ['+', '_+_'],
  ['-', '_-_'],
]);
const multiplications: ReadonlyMap<string, string> = new Map([
  ['*', '_*_'],
  ['/', '_/_'],
  ['%', '_%_'],
]);

const enders: ReadonlySet<string> = new Set([',', ')', ']', '}', ':']);

export interface Parsed {
  readonly expression: Expression | undefined;
  readonly problems: readonly Problem[];
}

/** Parses `text`. `escapedNames`: names in backquotes are let through. Problems are complete for the lexer; the parser stops at the first from which it cannot go on. */
export function parseExpression(text: string, macros: ReadonlyMap<string, Macro>, escapedNames = false): Parsed {
  const size = text.length > mostCharacters ? [...text].length : text.length;
  if (size > mostCharacters) {
    return {
      expression: undefined,
      problems: [{ position: -1, message: `expression code point size exceeds limit: size: ${size}, limit ${mostCharacters}` }],
    };
  }
  const { tokens, problems } = tokenize(text);
  const parser = new Parser(tokens, macros, [...problems], escapedNames, text);
  try {
    const expression = parser.parse();
    return { expression, problems: parser.problems };
  } catch (error) {
    if (!(error instanceof Abandoned)) throw error;
    return { expression: undefined, problems: parser.tooDeep ?? parser.problems };
  }
}

class Parser extends TokenStream {
  tooDeep: Problem[] | undefined;
  private nesting = 0;
  private readonly depths = new Map<Expression, number>();

  constructor(
    tokens: readonly Token[],
    private readonly macros: ReadonlyMap<string, Macro>,
    problems: Problem[],
    private readonly escapedNames: boolean,
    text: string,
  ) {
    super(tokens, problems, text);
  }

  parse(): Expression {
    const expression = this.expression();
    if (this.token.kind !== 'end') {
      this.report(this.token, `${this.after.kind === 'end' ? 'extraneous' : 'mismatched'} input '${this.token.text}' expecting <EOF>`);
    }
    return expression;
  }

  /** Records how deep a tree is; the steps after the parser walk it with the stack. */
  private node<E extends Expression>(expression: E, ...children: readonly (Expression | undefined)[]): E {
    let depth = 0;
    for (const child of children) if (child !== undefined) depth = Math.max(depth, this.depths.get(child) ?? 0);
    if (depth > deepest) this.giveUp('max recursion depth exceeded');
    this.depths.set(expression, depth + 1);
    return expression;
  }

  private giveUp(message: string): never {
    this.tooDeep = [{ position: -1, message }];
    throw new Abandoned();
  }

  private expression(): Expression {
    // One token that is a whole expression, as most elements of lists and arguments are.
    if (
      this.after.kind === 'punctuation' &&
      enders.has(this.after.text) &&
      !this.is('[') &&
      !this.is('{') &&
      !this.is('(') &&
      this.startsExpression()
    ) {
      if (this.nesting >= deepest) this.giveUp(`expression recursion limit exceeded: ${deepest}`);
      return this.unary();
    }
    if (++this.nesting > deepest) this.giveUp(`expression recursion limit exceeded: ${deepest}`);
    const condition = this.logical('||', '_||_', () => this.logical('&&', '_&&_', () => this.relation()));
    const question = this.token;
    let result = condition;
    if (this.take('?')) {
      const then = this.logical('||', '_||_', () => this.logical('&&', '_&&_', () => this.relation()));
      this.expect(':');
      const otherwise = this.expression();
      result = this.node(call(question.position, '_?_:_', condition, then, otherwise), condition, then, otherwise);
    }
    this.nesting--;
    return result;
  }

  private logical(operator: string, name: string, operand: () => Expression): Expression {
    const first = operand();
    if (!this.is(operator)) return first;
    const operands = [first];
    const { position } = this.token;
    while (this.take(operator)) operands.push(operand());
    return this.node(call(position, name, ...operands), ...operands);
  }

  private relation(): Expression {
    return this.binary(relations, () => this.binary(additions, () => this.binary(multiplications, () => this.unary())));
  }

  private binary(operators: ReadonlyMap<string, string>, operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const { token } = this;
      const name = token.kind === 'punctuation' || token.kind === 'keyword' ? operators.get(token.text) : undefined;
      if (name === undefined) return left;
      this.advance();
      const right = operand();
      left = this.node(call(token.position, name, left, right), left, right);
    }
  }

  private unary(): Expression {
    const { token } = this;
    const operator = this.is('!') ? '!' : this.is('-') ? '-' : undefined;
    if (operator === undefined) return this.member(this.primary());
    if (operator === '-' && ['int', 'double'].includes(this.after.kind)) {
      this.at++;
      return this.member(this.literal(this.token, true, token.position));
    }
    let count = 0;
    while (this.take(operator)) count++;
    const operand = this.member(this.primary());
    return count % 2 === 0 ? operand : this.node(call(token.position, `${operator}_`, operand), operand);
  }

  private member(start: Expression): Expression {
    let operand = start;
    for (;;) {
      const { token } = this;
      if (this.take('.')) operand = this.selection(operand, token);
      else if (this.take('[')) {
        const optional = this.take('?');
        const index = this.index(optional);
        operand = this.node(call(token.position, optional ? '_[?_]' : '_[_]', operand, index), operand, index);
      } else return operand;
    }
  }

  private index(optional: boolean): Expression {
    if (!optional && !this.startsExpression()) this.startOrComplain([...expressionStarts, '?']);
    const index = this.expression();
    this.expect(']');
    return index;
  }

  private selection(operand: Expression, dot: Token): Expression {
    const optional = this.take('?');
    const { token } = this;
    if (token.kind !== 'identifier' && token.kind !== 'escaped') {
      if (!optional) this.noAlternative(dot);
      this.report(token, `mismatched input '${token.text}' expecting {IDENTIFIER, ESC_IDENTIFIER}`);
      this.problems.push({ position: token.position, message: 'unsupported ident kind' });
      throw new Abandoned();
    }
    this.advance();
    const parenthesis = this.token;
    if (token.kind === 'identifier' && !optional && this.take('(')) {
      const args = this.arguments();
      return this.macroOr(token.text, operand, args, parenthesis.position);
    }
    const field = token.kind === 'escaped' ? this.escaped(token) : token.text;
    return this.node({ kind: 'select', position: dot.position, operand, field, test: false, optional }, operand);
  }

  /** Names in backquotes parse, but Kubernetes does not have them. */
  private escaped(token: Token): string {
    if (!this.escapedNames) this.problems.push({ position: token.position, message: "unsupported syntax: '`'" });
    return token.text.slice(1, -1);
  }

  private arguments(): Expression[] {
    const args: Expression[] = [];
    if (this.take(')')) return args;
    if (!this.startsExpression()) this.startOrComplain([...expressionStarts, ')']);
    if (this.take(')')) return args;
    do args.push(this.expression());
    while (this.take(','));
    this.expect(')');
    return args;
  }

  private macroOr(name: string, target: Expression | undefined, args: readonly Expression[], position: number): Expression {
    const macro = this.macros.get(macroKey(name, target !== undefined, args.length));
    const made = macro?.(target, args, position);
    if (made === undefined) return this.node({ kind: 'call', position, name, target, arguments: args }, target, ...args);
    if (!isProblem(made)) return this.node(made, target, ...args);
    this.problems.push(made);
    return this.node({ kind: 'call', position, name, target, arguments: args }, target, ...args);
  }

  private primary(): Expression {
    if (!this.startsExpression() && !this.startOrComplain(expressionStarts)) {
      return this.node({ kind: 'literal', position: this.token.position, literal: { kind: 'null' } });
    }
    const { token } = this;
    if (this.take('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.take('[')) return this.list(token);
    if (this.take('{')) return this.map(token);
    if (this.is('.') || token.kind === 'identifier') return this.name();
    if (token.kind === 'keyword') {
      this.advance();
      const literal = token.text === 'null' ? ({ kind: 'null' } as const) : ({ kind: 'bool', value: token.text === 'true' } as const);
      return this.node({ kind: 'literal', position: token.position, literal });
    }
    return this.literal(token, false, token.position);
  }

  private literal(token: Token, negative: boolean, position: number): Expression {
    this.advance();
    const literal = literalOf(token, negative);
    if (typeof literal !== 'string') return this.node({ kind: 'literal', position, literal });
    this.problems.push({ position, message: literal });
    return this.node({ kind: 'literal', position, literal: { kind: 'null' } });
  }

  /** A name, a call of a function, or the fields of an object: `a.b.C{…}`. */
  private name(): Expression {
    const start = this.token;
    const leading = this.take('.');
    const { token } = this;
    if (token.kind !== 'identifier') this.noAlternative(start);
    const structEnd = this.structName();
    if (structEnd > 0) {
      const parts = this.tokens.slice(this.at, structEnd).map((part) => part.text);
      this.at = structEnd;
      this.recovering = false;
      return this.struct(`${leading ? '.' : ''}${parts.join('')}`);
    }
    this.advance();
    const parenthesis = this.token;
    if (this.take('(')) return this.macroOr(`${leading ? '.' : ''}${token.text}`, undefined, this.arguments(), parenthesis.position);
    if (reserved.has(token.text)) {
      this.problems.push({ position: token.position, message: `reserved identifier: ${token.text}` });
      return this.node({ kind: 'literal', position: token.position, literal: { kind: 'null' } });
    }
    return this.node({ kind: 'ident', position: start.position, name: `${leading ? '.' : ''}${token.text}` });
  }

  /** The place of `{` when names joined by dots lead to one; 0 otherwise. */
  private structName(): number {
    let at = this.at + 1;
    while (this.tokens[at]?.text === '.' && this.tokens[at + 1]?.kind === 'identifier') at += 2;
    const brace = this.tokens[at];
    return brace?.kind === 'punctuation' && brace.text === '{' ? at : 0;
  }

  private list(bracket: Token): Expression {
    const elements: { value: Expression; optional: boolean }[] = [];
    if (this.is(',') && this.after.text === ']') this.at++;
    if (!this.is(']') && !this.is('?') && !this.startsExpression()) this.startOrComplain([...expressionStarts, ']', ',', '?']);
    while (!this.is(']')) {
      const optional = this.take('?');
      elements.push({ optional, value: this.expression() });
      if (!this.take(',')) {
        this.expect(']', [']', ',']);
        return this.node({ kind: 'list', position: bracket.position, elements }, ...elements.map(({ value }) => value));
      }
      if (!this.is(']') && !this.is('?') && !this.startsExpression()) break;
    }
    this.expect(']');
    return this.node({ kind: 'list', position: bracket.position, elements }, ...elements.map(({ value }) => value));
  }

  private map(brace: Token): Expression {
    const entries: { key: Expression; value: Expression; optional: boolean; position: number }[] = [];
    if (this.is(',') && this.after.text === '}') this.at++;
    if (!this.is('}') && !this.is('?') && !this.startsExpression()) this.startOrComplain([...expressionStarts, '}', ',', '?']);
    while (!this.is('}')) {
      const optional = this.take('?');
      const key = this.expression();
      const { position } = this.token;
      this.expect(':');
      entries.push({ key, value: this.expression(), optional, position });
      if (!this.take(',')) {
        this.expect('}', ['}', ',']);
        return this.node({ kind: 'map', position: brace.position, entries }, ...entries.flatMap(({ key: one, value }) => [one, value]));
      }
      if (!this.is('}') && !this.is('?') && !this.startsExpression()) break;
    }
    this.expect('}');
    return this.node({ kind: 'map', position: brace.position, entries }, ...entries.flatMap(({ key, value }) => [key, value]));
  }

  private struct(name: string): Expression {
    const { position } = this.token;
    this.advance();
    const entries: { field: string; value: Expression; optional: boolean; position: number }[] = [];
    if (this.is(',') && this.after.text === '}') this.at++;
    while (!this.is('}')) {
      const optional = this.take('?');
      const { token } = this;
      if (token.kind !== 'identifier' && token.kind !== 'escaped') {
        if (!this.startOrComplain(optional ? ['IDENTIFIER', 'ESC_IDENTIFIER'] : fieldStarts)) throw new Abandoned();
        continue;
      }
      this.advance();
      const colon = this.token;
      this.expect(':');
      const field = token.kind === 'escaped' ? this.escaped(token) : token.text;
      entries.push({ field, value: this.expression(), optional, position: colon.position });
      if (!this.take(',')) {
        this.expect('}', ['}', ',']);
        return this.node({ kind: 'struct', position, name, entries }, ...entries.map(({ value }) => value));
      }
    }
    this.expect('}');
    return this.node({ kind: 'struct', position, name, entries }, ...entries.map(({ value }) => value));
  }
}
