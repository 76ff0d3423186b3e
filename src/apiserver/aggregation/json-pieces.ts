// Reads JSON of others piece by piece, since a document of some megabytes would keep everybody else waiting.
import { isRecord } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';

/** Pieces of so many characters are read at once. */
const largestPiece = 32 * 1024;
/** Larger values than a piece may stand so deep in each other: lists, maps, and what is in them. */
const mostLevels = 8;

/** The value of a JSON text that is nested at most `deepest` levels deep. Throws SyntaxError, or RangeError for one that is nested deeper. */
export function* parseWork(text: string, deepest: number): Work<unknown> {
  const reader = new Reader(text, deepest);
  const value = yield* reader.value(0);
  if (reader.next() !== undefined) throw new SyntaxError('there is something after the end of the document');
  return value;
}

class Reader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly deepest: number,
  ) {}

  /** The next character that is no space; undefined at the end. */
  next(): string | undefined {
    while (isSpace(this.text.charCodeAt(this.#at))) this.#at++;
    return this.text[this.#at];
  }

  *value(level: number): Work<unknown> {
    const opening = this.next();
    const start = this.#at;
    const end = yield* this.#endOf(start);
    if (end - start > largestPiece && (opening === '{' || opening === '[')) {
      if (level >= mostLevels) throw new RangeError('the document has too much in one place');
      return yield* opening === '{' ? this.#map(level) : this.#list(level);
    }
    yield;
    this.#at = end;
    const value: unknown = JSON.parse(this.text.slice(start, end));
    if (isTooDeep(value, this.deepest - level)) throw new RangeError(`the document is nested more than ${this.deepest} levels deep`);
    return value;
  }

  *#map(level: number): Work<unknown> {
    const out: Record<string, unknown> = {};
    while (this.#goesOn('{', '}')) {
      const quote = this.next();
      const start = this.#at;
      this.#at = yield* this.#endOf(start);
      const key: unknown = quote === '"' ? JSON.parse(this.text.slice(start, this.#at)) : undefined;
      if (typeof key !== 'string' || this.next() !== ':') throw new SyntaxError(`there is no key at ${start}`);
      this.#at++;
      const value = yield* this.value(level + 1);
      // A field of its own, whatever its name.
      if (key === '__proto__') Object.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
      else out[key] = value;
    }
    return out;
  }

  *#list(level: number): Work<unknown> {
    const out: unknown[] = [];
    while (this.#goesOn('[', ']')) out.push(yield* this.value(level + 1));
    return out;
  }

  /** Steps over what stands before an element, or over the end: false then. */
  #goesOn(opening: string, closing: string): boolean {
    const found = this.next();
    this.#at++;
    if (found === closing) return false;
    if (found === ',') return true;
    if (found !== opening) throw new SyntaxError(`neither a comma nor an end at ${this.#at - 1}`);
    if (this.next() !== closing) return true;
    this.#at++;
    return false;
  }

  /** Where the value that begins here ends. It is looked at no closer: whoever reads it does. */
  *#endOf(start: number): Work<number> {
    const { text } = this;
    let open = 0;
    let quoted = false;
    for (let at = start; at < text.length; at++) {
      if ((at - start) % largestPiece === largestPiece - 1) yield;
      const code = text.charCodeAt(at);
      if (quoted) {
        if (code === backslash) at++;
        else if (code === quote) {
          quoted = false;
          if (open === 0) return at + 1;
        }
      } else if (code === quote) quoted = true;
      else if (code === brace || code === bracket) open++;
      else if (code === endBrace || code === endBracket) {
        // Of a number or word, the end of what it is in.
        if (open === 0) return at;
        if (--open === 0) return at + 1;
      } else if (open === 0 && (code === comma || code === colon || isSpace(code))) return at;
    }
    return text.length;
  }
}

const [quote, backslash, brace, endBrace, bracket, endBracket, comma, colon] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a] as const;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Whether something is nested more than `left` levels deep. */
export function isTooDeep(value: unknown, left: number): boolean {
  if (Array.isArray(value)) return left <= 0 || (value as readonly unknown[]).some((inner) => isTooDeep(inner, left - 1));
  if (!isRecord(value)) return false;
  if (left <= 0) return true;
  for (const key in value) if (isTooDeep(value[key], left - 1)) return true;
  return false;
}
