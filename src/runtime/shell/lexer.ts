// Cuts a script into words and operators; refuses what the small shell does not know.
import { NotUnderstood, type Word, type WordPart } from './syntax.js';

export type Token =
  | { readonly kind: 'word'; readonly word: Word }
  | { readonly kind: 'operator'; readonly operator: ';' | '&&' | '||' }
  | { readonly kind: 'output'; readonly output: 'stderr' | 'nowhere' | 'stdout' };

/** Redirections that are known, longest first; those of the second kind change nothing here. */
const redirections: readonly (readonly [string, 'stderr' | 'nowhere' | 'stdout'])[] = [
  ['1>&2', 'stderr'],
  ['>&2', 'stderr'],
  ['2>&1', 'stdout'],
  ['2>/dev/null', 'stdout'],
  ['2> /dev/null', 'stdout'],
  ['>/dev/null', 'nowhere'],
  ['> /dev/null', 'nowhere'],
];
const blank = new Set([' ', '\t', '\r']);
const special = new Set(['|', '&', '<', '>', '(', ')', '`', '*', '?', '[', '{', '}', '~', '!']);
const mostTokens = 10_000;

/** Throws NotUnderstood. */
export function tokenize(script: string): readonly Token[] {
  return new Lexer(script).tokens();
}

class Lexer {
  #at = 0;

  constructor(private readonly script: string) {}

  tokens(): readonly Token[] {
    const tokens: Token[] = [];
    while (this.#at < this.script.length) {
      if (tokens.length > mostTokens) throw new NotUnderstood('the script is too long');
      const token = this.#next();
      if (token) tokens.push(token);
    }
    return tokens;
  }

  #next(): Token | undefined {
    const character = this.script[this.#at]!;
    if (blank.has(character)) return this.#skip(1);
    if (character === '\\' && this.script[this.#at + 1] === '\n') return this.#skip(2);
    if (character === '#') {
      const end = this.script.indexOf('\n', this.#at);
      return this.#skip((end < 0 ? this.script.length : end) - this.#at);
    }
    if (character === '\n' || character === ';') {
      if (this.script[this.#at + 1] === ';') throw new NotUnderstood(';;');
      this.#at++;
      return { kind: 'operator', operator: ';' };
    }
    for (const operator of ['&&', '||'] as const) {
      if (!this.script.startsWith(operator, this.#at)) continue;
      this.#at += 2;
      return { kind: 'operator', operator };
    }
    for (const [text, output] of redirections) {
      if (!this.script.startsWith(text, this.#at)) continue;
      this.#at += text.length;
      return { kind: 'output', output };
    }
    return { kind: 'word', word: this.#word() };
  }

  #skip(count: number): undefined {
    this.#at += count;
  }

  #word(): Word {
    const parts: WordPart[] = [];
    let quoted = false;
    for (let ended = false; !ended && this.#at < this.script.length;) {
      const character = this.script[this.#at]!;
      if (blank.has(character) || character === '\n' || character === ';') ended = true;
      else if (character === "'") {
        const end = this.script.indexOf("'", this.#at + 1);
        if (end < 0) throw new NotUnderstood('an open quote');
        parts.push({ kind: 'text', text: this.script.slice(this.#at + 1, end) });
        quoted = true;
        this.#at = end + 1;
      } else if (character === '"') {
        this.#doubleQuoted(parts);
        quoted = true;
      } else if (character === '\\') {
        parts.push({ kind: 'text', text: this.script[this.#at + 1] ?? '' });
        quoted = true;
        this.#at += 2;
      } else if (character === '$') parts.push(this.#dollar(false));
      else if (this.script.startsWith('&&', this.#at) || this.script.startsWith('||', this.#at)) ended = true;
      else if (special.has(character)) throw new NotUnderstood(character);
      else {
        parts.push({ kind: 'text', text: character });
        this.#at++;
      }
    }
    return { parts, quoted };
  }

  #doubleQuoted(parts: WordPart[]): void {
    this.#at++;
    parts.push({ kind: 'text', text: '' });
    for (;;) {
      const character = this.script[this.#at];
      if (character === undefined) throw new NotUnderstood('an open quote');
      if (character === '"') break;
      if (character === '`') throw new NotUnderstood(character);
      if (character === '$') parts.push(this.#dollar(true));
      else if (character === '\\' && '"\\$`\n'.includes(this.script[this.#at + 1] ?? ' ')) {
        const next = this.script[this.#at + 1]!;
        parts.push({ kind: 'text', text: next === '\n' ? '' : next });
        this.#at += 2;
      } else {
        parts.push({ kind: 'text', text: character });
        this.#at++;
      }
    }
    this.#at++;
  }

  /** What begins with `$`. */
  #dollar(quoted: boolean): WordPart {
    const rest = this.script.slice(this.#at, this.#at + 256);
    if (rest.startsWith('$((')) {
      const end = rest.indexOf('))');
      if (end < 0) throw new NotUnderstood('$((');
      this.#at += end + 2;
      return arithmetic(rest.slice(3, end));
    }
    if (rest.startsWith('$(')) {
      const end = rest.indexOf(')');
      const command = rest.slice(2, Math.max(end, 2)).trim();
      if (command !== 'date' && command !== 'hostname') throw new NotUnderstood('$(');
      this.#at += end + 1;
      return { kind: 'substitution', command };
    }
    const name = /^\$(?:(\w+)|\{(\w+)\}|(\?))/.exec(rest);
    if (name) {
      this.#at += name[0].length;
      return { kind: 'variable', name: name[1] ?? name[2] ?? '?', quoted };
    }
    if (/^\$[{@*#!$-]/.test(rest)) throw new NotUnderstood('$');
    this.#at++;
    return { kind: 'text', text: '$' };
  }
}

function arithmetic(text: string): WordPart {
  const operands: (string | number)[] = [];
  const operators: string[] = [];
  for (const [token] of text.matchAll(/\w+|[^\w\s]/g)) {
    if (/^\w/.test(token)) {
      if (operands.length !== operators.length) throw new NotUnderstood(text);
      operands.push(/^\d+$/.test(token) ? Number(token) : token);
    } else if (token === '$' && operands.length === operators.length) continue;
    else if (operands.length === operators.length + 1) operators.push(token);
    else throw new NotUnderstood(text);
  }
  // From left to right: right only when all bind equally.
  const sums = operators.every((one) => one === '+' || one === '-');
  const products = operators.every((one) => one === '*' || one === '/' || one === '%');
  if (operands.length !== operators.length + 1 || !(sums || products)) throw new NotUnderstood(text);
  return { kind: 'arithmetic', operands, operators };
}
