// Parses the string form of label selectors.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
import { makeRequirement, type LabelOperator, type LabelRequirement } from './requirement.js';
import { SelectorError } from './selector-error.js';

interface Token {
  readonly text: string;
  readonly type: 'symbol' | 'word' | 'end';
}

const symbols = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'];
const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['in', 'in'],
  ['notin', 'notin'],
  ['>', 'gt'],
  ['<', 'lt'],
]);

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function tokensOf(whole: string): Token[] {
  const tokens: Token[] = [];
  // A NUL ends a selector.
  const end = whole.indexOf('\0');
  const text = end < 0 ? whole : whole.slice(0, end);
  for (let at = 0; at < text.length;) {
    if (isSpace(text[at]!)) {
      at++;
      continue;
    }
    const symbol = symbols.find((one) => text.startsWith(one, at));
    if (symbol !== undefined) {
      tokens.push({ text: symbol, type: 'symbol' });
      at += symbol.length;
      continue;
    }
    const start = at;
    while (at < text.length && !isSpace(text[at]!) && !'=!(),><'.includes(text[at]!)) at++;
    tokens.push({ text: text.slice(start, at), type: 'word' });
  }
  tokens.push({ text: '', type: 'end' });
  return tokens;
}

/** The requirements of a selector's text, in its order. Throws SelectorError with the real server's message. */
export function parseRequirements(text: string): LabelRequirement[] {
  const parser = new Parser(tokensOf(text));
  return parser.all();
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  all(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.peek().type === 'end') return requirements;
    for (;;) {
      const first = this.peek();
      if (first.type !== 'word' && first.text !== '!')
        throw new SelectorError(`found '${first.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.requirement());
      const after = this.next();
      if (after.type === 'end') return requirements;
      if (after.text !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.peek();
      if (following.type !== 'word' && following.text !== '!')
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
    }
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.type !== 'end') this.at++;
    return token;
  }

  private requirement(): LabelRequirement {
    try {
      return this.anyRequirement();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  private anyRequirement(): LabelRequirement {
    const negated = this.peek().text === '!';
    if (negated) this.at++;
    const key = this.next();
    if (key.type !== 'word') throw new SelectorError(`found '${key.text}', expected: identifier`);
    if (negated) return makeRequirement(key.text, '!', []);
    const following = this.peek();
    if (following.type === 'end' || following.text === ',') return makeRequirement(key.text, 'exists', []);
    this.at++;
    const operator = operators.get(following.text);
    if (operator === undefined) throw new SelectorError(`found '${following.text}', expected: in, notin, =, ==, !=, gt, lt`);
    return makeRequirement(key.text, operator, operator === 'in' || operator === 'notin' ? this.list() : [this.value()]);
  }

  /** Nothing is a value as well. */
  private value(): string {
    const token = this.peek();
    if (token.type === 'end' || token.text === ',') return '';
    if (token.type !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    this.at++;
    return token.text;
  }

  /** `(a,b)`; an empty place is the empty value. */
  private list(): string[] {
    const open = this.next();
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (let filled = false; ;) {
      const token = this.next();
      if (token.type === 'word' && !filled) {
        values.push(token.text);
        filled = true;
      } else if (token.text === ',' || token.text === ')') {
        if (!filled) values.push('');
        if (token.text === ')') return values;
        filled = false;
      } else {
        const expected = filled ? "',' or ')'" : values.length === 0 ? "',', ')' or identifier" : "',', or identifier";
        throw new SelectorError(`found '${token.text}', expected: ${expected}`);
      }
    }
  }
}
