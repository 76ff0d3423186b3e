// Tokens one by one, and what is said of those that do not fit.

import { inOrder, listNames, nameOf, startsExpression } from './expectations.js';
import type { Token } from './lexer.js';
import type { Problem } from './problems.js';

/** Ends the parsing: what follows cannot be told any more. */
export class Abandoned extends Error {}

/** What may follow an expression that is missing. */
const followers: ReadonlySet<string> = new Set('&& || == != < <= > >= in + - * / % ? : , ) ] }'.split(' '));

export class TokenStream {
  protected at = 0;
  protected recovering = false;

  constructor(
    protected readonly tokens: readonly Token[],
    readonly problems: Problem[],
    private readonly text: string,
  ) {}

  protected get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  protected get after(): Token {
    return this.tokens[Math.min(this.at + 1, this.tokens.length - 1)] as Token;
  }

  /** Until a token fits again, no further problem is told. */
  protected report(token: { readonly position: number }, message: string): void {
    if (this.recovering) return;
    this.recovering = true;
    this.problems.push({ position: token.position, message: `Syntax error: ${message}` });
  }

  protected abandon(token: Token, message: string): never {
    this.report(token, message);
    throw new Abandoned();
  }

  /** Goes on: the token fits. */
  protected advance(): void {
    this.at++;
    this.recovering = false;
  }

  protected is(text: string): boolean {
    const { token } = this;
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'keyword');
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.advance();
    return true;
  }

  /** The next token must be `text`; leaves out one token that is too much. */
  protected expect(text: string, expecting: readonly string[] = [text]): void {
    if (this.take(text)) return;
    const { token } = this;
    if (this.after.text === text && this.after.kind === 'punctuation') {
      this.report(token, `extraneous input '${token.text}' expecting ${listNames(expecting)}`);
      this.at++;
      this.advance();
      return;
    }
    if (expecting.length === 1 && ')}]'.includes(text) && token.kind === 'end') {
      this.report(token, `missing '${text}' at '<EOF>'`);
      return;
    }
    this.abandon(token, `mismatched input '${token.text}' expecting ${listNames(expecting)}`);
  }

  protected startsExpression(): boolean {
    const { token } = this;
    return startsExpression(token);
  }

  /** No expression starts here: leaves out one token when the next would do. Otherwise nothing starts; operators and what closes may follow. */
  protected startOrComplain(expecting: readonly string[]): boolean {
    const { token } = this;
    const sorted = listNames(inOrder(expecting));
    const { after } = this;
    if (token.kind !== 'end' && expecting.includes(nameOf(after))) {
      this.report(token, `extraneous input '${token.text}' expecting ${sorted}`);
      this.at++;
      return true;
    }
    this.report(token, `mismatched input '${token.text}' expecting ${sorted}`);
    if (token.kind !== 'end' && !followers.has(token.text)) throw new Abandoned();
    return false;
  }

  /** What follows a dot is no name. */
  protected noAlternative(dot: Token): never {
    const { token } = this;
    const end = token.kind === 'end' ? dot.position + 1 : token.position + token.text.length;
    this.abandon(token, `no viable alternative at input '${this.text.slice(dot.position, end)}'`);
  }
}
