// Makes commands from a script's words: lists, `&&` and `||`, `while`, `until` and `for`.
import { tokenize, type Token } from './lexer.js';
import { NotUnderstood, type AndOr, type Command, type SimpleCommand, type Word } from './syntax.js';

const longestScript = 65_536;
const deepest = 32;
const known = new Set(['while', 'until', 'for']);
/** Keywords of shells that this one does not know: a script with one at a command's place is not understood. */
const unknown = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'function',
  'select',
  'trap',
  'set',
  'do',
  'done',
  'in',
  'source',
  '.',
  'eval',
  'read',
  'cd',
  'wait',
]);

/** Throws NotUnderstood. */
export function parseScript(script: string): readonly AndOr[] {
  if (script.length > longestScript) throw new NotUnderstood('the script is too long');
  const parser = new Parser(tokenize(script));
  const list = parser.list(undefined, 0);
  if (!parser.atEnd()) throw new NotUnderstood('more than a list');
  return list;
}

/** The text of a word that is written without quotes and expansions; undefined for others. */
export function plainText(word: Word | undefined): string | undefined {
  if (word === undefined || word.quoted) return undefined;
  let text = '';
  for (const part of word.parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  atEnd(): boolean {
    return this.#at >= this.tokens.length;
  }

  /** Commands up to the keyword `end` (which stays) or the script's end. */
  list(end: string | undefined, depth: number): readonly AndOr[] {
    if (depth > deepest) throw new NotUnderstood('too deep');
    const list: AndOr[] = [];
    for (;;) {
      while (this.#operator(';')) this.#at++;
      if (this.atEnd() || (end !== undefined && this.#keyword() === end)) break;
      list.push(this.#andOr(depth));
      if (!this.atEnd() && !this.#operator(';')) throw new NotUnderstood('two commands in one');
    }
    if (end !== undefined && list.length === 0) throw new NotUnderstood('an empty list');
    return list;
  }

  #andOr(depth: number): AndOr {
    const first = this.#command(depth);
    const rest: AndOr['rest'][number][] = [];
    for (;;) {
      const token = this.tokens[this.#at];
      if (token?.kind !== 'operator' || token.operator === ';') break;
      this.#at++;
      while (this.#operator(';')) this.#at++;
      rest.push({ operator: token.operator, command: this.#command(depth) });
    }
    return { first, rest };
  }

  #command(depth: number): Command {
    const keyword = this.#keyword();
    if (keyword !== undefined && unknown.has(keyword)) throw new NotUnderstood(keyword);
    if (keyword === undefined || !known.has(keyword)) return this.#simple();
    this.#at++;
    if (keyword === 'for') return this.#for(depth);
    const condition = this.list('do', depth + 1);
    return { kind: 'loop', until: keyword === 'until', condition, body: this.#body(depth) };
  }

  #for(depth: number): Command {
    const variable = this.#keyword();
    this.#at++;
    if (variable === undefined || !/^[A-Za-z_]\w*$/.test(variable) || this.#keyword() !== 'in') throw new NotUnderstood('for');
    this.#at++;
    const { words } = this.#simple();
    while (this.#operator(';')) this.#at++;
    return { kind: 'for', variable, words, body: this.#body(depth) };
  }

  #body(depth: number): readonly AndOr[] {
    if (this.#keyword() !== 'do') throw new NotUnderstood('do');
    this.#at++;
    const body = this.list('done', depth + 1);
    if (this.#keyword() !== 'done') throw new NotUnderstood('done');
    this.#at++;
    return body;
  }

  #simple(): SimpleCommand {
    const words: Word[] = [];
    let output: SimpleCommand['output'] = 'stdout';
    for (; ; this.#at++) {
      const token = this.tokens[this.#at];
      if (token?.kind === 'word') words.push(token.word);
      else if (token?.kind === 'output') output = token.output === 'stdout' ? output : token.output;
      else break;
    }
    if (words.length === 0) throw new NotUnderstood('no command');
    return { kind: 'simple', words, output };
  }

  #operator(operator: string): boolean {
    const token = this.tokens[this.#at];
    return token?.kind === 'operator' && token.operator === operator;
  }

  #keyword(): string | undefined {
    const token = this.tokens[this.#at];
    return token?.kind === 'word' ? plainText(token.word) : undefined;
  }
}
