// A careful JSON reader: slower than JSON.parse, but it words errors as the real server does, keeps numbers as written and sees duplicate keys.
import { finish, Steps, type Work } from '../../clock/slices.js';
import { setField } from '../fields.js';
import type { SchemaNode } from '../schema/node.js';
import { nearestNumber } from '../schema/nearest-number.js';
import { NumberLiteral, type Duplicates } from '../schema/problems.js';
import { markLong, surelyLong } from '../schema/weigh.js';
import { Merger, nodeBelow, type Twice } from './merge-again.js';
import { quoteByte } from './quote-byte.js';

/** The text is no JSON; the message is the real server's (`invalid character 'x' looking for beginning of value`). */
export class SyntaxProblem extends Error {}

/**
 * The most levels of objects and lists. The real server allows 10,000; this many can be walked by recursion everywhere without
 * overflowing the stack, and no object that the API knows comes near.
 */
export const deepest = 1000;

export interface Read {
  readonly value: unknown;
  /** Keys that occur more than once in one object. */
  readonly duplicates: Duplicates;
  /** How many different keys all objects together have. */
  readonly keys: number;
}

interface ReadOptions {
  /** Numbers that a double would change become NumberLiteral instead. */
  readonly literals: boolean;
  /** Numbers beyond all doubles are refused instead of being infinite. */
  readonly finite?: boolean;
  /** What the whole value is: a key that comes again goes into what it had, see merge-again.ts. Absent: the last value counts. */
  readonly merge?: SchemaNode | undefined;
  /** So many levels of objects and lists, at most as many as by default. */
  readonly deepest?: number;
}

/** An object or list being read. */
interface Frame {
  readonly container: Record<string, unknown> | unknown[];
  /** What it is, where keys that come again are merged. */
  readonly node: SchemaNode | undefined;
  /** The key whose value comes next; undefined in a list. */
  key: string | undefined;
  /** How many different keys there are so far. */
  keys: number;
  /** Those that came more than once. */
  twice?: Set<string>;
}

const codes = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
};

/** Reads one JSON value from all of `bytes`. Throws SyntaxProblem. */
export function readJson(bytes: Uint8Array, options: ReadOptions): Read {
  return finish(readJsonWork(bytes, options));
}

/** {@link readJson}, which yields every now and then. */
export function readJsonWork(bytes: Uint8Array, options: ReadOptions): Work<Read> {
  return new JsonReader(bytes, options).read();
}

/** How many values are read at a time. */
const batch = 1024;

class JsonReader {
  private at = 0;
  private keys = 0;
  private readonly stack: Frame[] = [];
  private readonly twice: Twice = new Map();
  private readonly merger = new Merger(this.twice);
  private readonly buffer: Buffer;
  private readonly deepest: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly options: ReadOptions,
  ) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.deepest = Math.min(options.deepest ?? deepest, deepest);
  }

  *read(): Work<Read> {
    const steps = new Steps(batch);
    let value = this.value();
    // A container that was opened is filled until its end; `value` is undefined while there is more to come.
    while (this.stack.length > 0) {
      if (steps.due()) yield;
      const frame = this.stack.at(-1)!;
      if (value !== undefined) this.store(frame, value);
      value = this.next(frame, value === undefined);
    }
    this.space();
    if (this.at < this.bytes.length) throw this.invalid('after top-level value');
    return { value, duplicates: this.twice, keys: this.keys };
  }

  /** A whole scalar, or undefined after opening a container. */
  private value(): unknown {
    this.space();
    const code = this.bytes[this.at];
    switch (code) {
      case undefined:
        throw new SyntaxProblem('unexpected end of JSON input');
      case codes.openObject:
        return this.open({});
      case codes.openList:
        return this.open([]);
      case codes.quote:
        return this.string();
      case 0x74:
        return this.literal('true', true);
      case 0x66:
        return this.literal('false', false);
      case 0x6e:
        return this.literal('null', null);
      default:
        if (code === codes.minus || isDigit(code)) return this.number();
        throw this.invalid('looking for beginning of value');
    }
  }

  private open(container: Frame['container']): undefined {
    if (this.stack.length >= this.deepest) throw this.invalid('exceeded max depth');
    this.at++;
    const around = this.stack.at(-1);
    const node = around === undefined ? this.options.merge : nodeBelow(around.node, around.key);
    this.stack.push({ container, node, key: undefined, keys: 0 });
    return undefined;
  }

  /** The next value of a container; the container itself when it ends here. */
  private next(frame: Frame, first: boolean): unknown {
    this.space();
    const isList = Array.isArray(frame.container);
    const code = this.bytes[this.at];
    if (code === undefined) throw new SyntaxProblem('unexpected end of JSON input');
    if (code === (isList ? codes.closeList : codes.closeObject)) {
      this.at++;
      this.stack.pop();
      if (frame.keys > surelyLong) markLong(frame.container);
      return frame.container;
    }
    if (!first) {
      if (code !== codes.comma) throw this.invalid(isList ? 'after array element' : 'after object key:value pair');
      this.at++;
    }
    if (!isList) this.key(frame);
    return this.value();
  }

  private key(frame: Frame): void {
    this.space();
    if (this.at >= this.bytes.length) throw new SyntaxProblem('unexpected end of JSON input');
    if (this.bytes[this.at] !== codes.quote) throw this.invalid('looking for beginning of object key string');
    frame.key = this.string();
    this.space();
    if (this.at >= this.bytes.length) throw new SyntaxProblem('unexpected end of JSON input');
    if (this.bytes[this.at] !== codes.colon) throw this.invalid('after object key');
    this.at++;
  }

  private store(frame: Frame, value: unknown): void {
    const { container, key } = frame;
    if (Array.isArray(container)) {
      container.push(value);
      return;
    }
    if (Object.hasOwn(container, key!)) {
      const list = this.twice.get(container) ?? [];
      const told = (frame.twice ??= new Set());
      if (!told.has(key!)) list.push({ key: key!, after: frame.keys });
      told.add(key!);
      this.twice.set(container, list);
      if (frame.node !== undefined) value = this.merger.at(frame.node, key!, container[key!], value);
    } else {
      frame.keys++;
      this.keys++;
    }
    setField(container, key!, value);
  }

  private string(): string {
    const start = this.at++;
    let escaped = false;
    for (; ; this.at++) {
      const code = this.bytes[this.at];
      if (code === codes.quote) break;
      if (code === undefined) throw new SyntaxProblem('unexpected end of JSON input');
      if (code < 0x20) throw this.invalid('in string literal');
      if (code === codes.backslash) {
        escaped = true;
        this.escape();
      }
    }
    this.at++;
    const text = this.buffer.toString('utf8', start + 1, this.at - 1);
    // Lone surrogates become U+FFFD on the way through bytes, as on the real server.
    return escaped ? Buffer.from(JSON.parse(`"${text}"`) as string).toString() : text;
  }

  private escape(): void {
    this.at++;
    const code = this.bytes[this.at];
    if (code === 0x75) {
      for (let digit = 0; digit < 4; digit++) {
        this.at++;
        if (!isHexDigit(this.bytes[this.at])) throw this.invalid('in \\u hexadecimal character escape');
      }
    } else if (code === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(code))) throw this.invalid('in string escape code');
  }

  private literal<T>(word: string, value: T): T {
    for (let index = 1; index < word.length; index++) {
      this.at++;
      if (this.bytes[this.at] !== word.charCodeAt(index)) throw this.invalid(`in literal ${word} (expecting '${word[index]}')`);
    }
    this.at++;
    return value;
  }

  private number(): number | NumberLiteral {
    const start = this.at;
    if (this.bytes[this.at] === codes.minus) this.at++;
    if (this.bytes[this.at] === 0x30) this.at++;
    else this.digits('in numeric literal');
    if (this.bytes[this.at] === codes.point) {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    if (this.bytes[this.at] === 0x65 || this.bytes[this.at] === 0x45) {
      this.at++;
      if (this.bytes[this.at] === 0x2b || this.bytes[this.at] === codes.minus) this.at++;
      this.digits('in exponent of numeric literal');
    }
    const text = this.buffer.toString('latin1', start, this.at);
    if (this.options.literals) return String(Number(text)) !== text && text !== '-0' ? new NumberLiteral(text) : Number(text);
    const number = nearestNumber(text);
    if (this.options.finite === true && !Number.isFinite(number))
      throw new SyntaxProblem(`json: cannot unmarshal number ${text} into Go value of type float64`);
    return number;
  }

  private digits(where: string): void {
    if (!isDigit(this.bytes[this.at])) throw this.invalid(where);
    while (isDigit(this.bytes[this.at])) this.at++;
  }

  private space(): void {
    for (; ; this.at++) {
      const code = this.bytes[this.at];
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  /** What is here cannot be here. The end of the text counts as a space inside literals and numbers. */
  private invalid(where: string): SyntaxProblem {
    return new SyntaxProblem(`invalid character ${quoteByte(this.bytes[this.at] ?? 0x20)} ${where}`);
  }
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number | undefined): boolean {
  return code !== undefined && /[0-9a-fA-F]/.test(String.fromCharCode(code));
}
