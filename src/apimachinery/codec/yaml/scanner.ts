// Cuts a YAML text into tokens, block structure told by its indentation. https://yaml.org/spec/1.1/#id871136
import { deepest } from '../json-reader.js';
import { scanBlock } from './block-scalar.js';
import { scanPlain, scanQuoted, type ScannedScalar } from './flow-scalar.js';
import { scanDirective, scanName, scanTag } from './properties.js';
import { chars, end, isBlank, isBreak, isGap, YamlProblem, type Source } from './source.js';
import { Kind, type Token } from './tokens.js';

/** The most characters between the start of a key and its colon, which must be in one line. */
const longestKey = 1024;

/** So many tokens that are taken may stay in the queue. */
const mostTaken = 256;

/** Where a key may have begun that only its colon will tell. */
interface PossibleKey {
  /** How many tokens came before it. */
  readonly number: number;
  readonly at: number;
  readonly line: number;
  readonly column: number;
  /** Of flow collections. */
  readonly level: number;
  /** Whether nothing else could be here. */
  readonly required: boolean;
}

export class Scanner {
  /** Tokens that are scanned and not yet taken, from `head` on. */
  private queue: Token[] = [];
  private head = 0;
  /** How many tokens have been taken. */
  private taken = 0;
  private indent = -1;
  private readonly indents: number[] = [];
  private flowLevel = 0;
  /** By level of flow collections. */
  private readonly keys: (PossibleKey | undefined)[] = [undefined];
  /** The keys of all levels, oldest first; some of them are forgotten already. */
  private pending: PossibleKey[] = [];
  private firstPending = 0;
  private keyAllowed = true;
  private ended = false;

  constructor(private readonly source: Source) {
    if (source.code() === chars.byteOrderMark) source.passMark();
  }

  /** The next token, which stays. Throws YamlProblem. */
  peek(): Token {
    while (this.needsMore()) this.fetch();
    return this.queue[this.head]!;
  }

  /** The next token. */
  take(): Token {
    const token = this.peek();
    this.head++;
    this.taken++;
    if (this.head === this.queue.length || this.head >= mostTaken) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    return token;
  }

  /** Whether the first token in the queue, or what stands before it, is not settled: it may still turn out to be a key. */
  private needsMore(): boolean {
    if (this.head === this.queue.length) return !this.ended;
    for (; this.firstPending < this.pending.length; this.firstPending++) {
      const key = this.pending[this.firstPending]!;
      if (this.keys[key.level] !== key) continue;
      if (key.number > this.taken) return false;
      if (this.isAlive(key)) return true;
    }
    this.pending = [];
    this.firstPending = 0;
    return false;
  }

  /** Whether a key could still end here; forgets it when not. */
  private isAlive(key: PossibleKey): boolean {
    if (key.line === this.source.line && key.at + longestKey >= this.source.at) return true;
    if (key.required) throw this.source.problem("could not find expected ':'");
    this.keys[key.level] = undefined;
    return false;
  }

  private push(kind: Kind, line = this.source.line, text = '', plain = false): void {
    this.queue.push({ kind, line, text, plain });
  }

  private fetch(): void {
    const { source } = this;
    this.passGap();
    this.checkKeys();
    this.unroll(source.column);
    const code = source.code();
    if (code === end) return this.fetchEnd();
    if (source.column === 0) {
      if (code === chars.percent) return this.fetchDirective();
      if (source.isDocumentMark()) return this.fetchDocumentMark(code === chars.minus ? Kind.documentStart : Kind.documentEnd);
    }
    switch (code) {
      case chars.openList:
        return this.openFlow(Kind.flowSequenceStart);
      case chars.openMap:
        return this.openFlow(Kind.flowMappingStart);
      case chars.closeList:
        return this.closeFlow(Kind.flowSequenceEnd);
      case chars.closeMap:
        return this.closeFlow(Kind.flowMappingEnd);
      case chars.comma:
        this.forgetKey();
        this.keyAllowed = true;
        return this.single(Kind.flowEntry);
      case chars.star:
        return this.fetchName(Kind.alias);
      case chars.ampersand:
        return this.fetchName(Kind.anchor);
      case chars.bang:
        return this.fetchTag();
      case chars.quote:
      case chars.doubleQuote:
        return this.fetchScalar(() => scanQuoted(source, code));
      default:
    }
    const beforeGap = isGap(source.code(1));
    if (code === chars.minus && beforeGap) return this.fetchBlockEntry();
    if (code === chars.question && (this.flowLevel > 0 || beforeGap)) return this.fetchKey();
    if (code === chars.colon && (this.flowLevel > 0 || beforeGap)) return this.fetchValue();
    if (this.flowLevel === 0 && (code === chars.bar || code === chars.more)) return this.fetchBlockScalar();
    if (this.startsPlain(code, beforeGap)) {
      return this.fetchScalar(() => scanPlain(source, this.flowLevel > 0, this.indent + 1));
    }
    throw source.problem('found character that cannot start any token');
  }

  private startsPlain(code: number, beforeGap: boolean): boolean {
    if (code === chars.minus) return !isBlank(this.source.code(1));
    if (code === chars.question || code === chars.colon) return this.flowLevel === 0 && !beforeGap;
    return !(
      code === chars.tab ||
      code === chars.hash ||
      code === chars.bar ||
      code === chars.more ||
      code === chars.percent ||
      code === chars.at ||
      code === chars.backtick
    );
  }

  /** Blanks, comments and line ends. */
  private passGap(): void {
    const { source } = this;
    for (;;) {
      let code = source.code();
      while (code === chars.space || (code === chars.tab && (this.flowLevel > 0 || !this.keyAllowed))) {
        source.at++;
        code = source.code();
      }
      if (code === chars.hash) {
        while (!isBreak(code) && code !== end) {
          source.at++;
          code = source.code();
        }
      }
      if (!isBreak(code)) return;
      source.takeBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  /** Only a key at the top may be required; those between belong to flow collections. */
  private checkKeys(): void {
    const outer = this.keys[0];
    if (outer?.required === true) this.isAlive(outer);
  }

  private fetchEnd(): void {
    // The end stands on a line of its own.
    if (this.source.column > 0) this.source.line++;
    this.unroll(-1);
    this.forgetKey();
    this.keyAllowed = false;
    this.push(Kind.streamEnd);
    this.ended = true;
  }

  private fetchDirective(): void {
    this.unroll(-1);
    this.forgetKey();
    this.keyAllowed = false;
    const { line } = this.source;
    this.push(Kind.directive, line, scanDirective(this.source));
  }

  private fetchDocumentMark(kind: Kind): void {
    this.unroll(-1);
    this.forgetKey();
    this.keyAllowed = false;
    this.push(kind);
    this.source.at += 3;
  }

  private single(kind: Kind): void {
    this.push(kind);
    this.source.at++;
  }

  private openFlow(kind: Kind): void {
    this.noteKey();
    if (++this.flowLevel + this.indents.length > deepest) throw new YamlProblem('yaml: exceeded max depth');
    this.keys.push(undefined);
    this.keyAllowed = true;
    this.single(kind);
  }

  private closeFlow(kind: Kind): void {
    this.forgetKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.keys.pop();
    }
    this.keyAllowed = false;
    this.single(kind);
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) throw this.source.problem('block sequence entries are not allowed in this context');
      this.roll(Kind.blockSequenceStart, this.source.column, this.queue.length, this.source.line);
    }
    this.forgetKey();
    this.keyAllowed = true;
    this.single(Kind.blockEntry);
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) throw this.source.problem('mapping keys are not allowed in this context');
      this.roll(Kind.blockMappingStart, this.source.column, this.queue.length, this.source.line);
    }
    this.forgetKey();
    this.keyAllowed = this.flowLevel === 0;
    this.single(Kind.key);
  }

  private fetchValue(): void {
    const level = this.keys.length - 1;
    const key = this.keys[level];
    if (key !== undefined && this.isAlive(key)) {
      const place = this.head + key.number - this.taken;
      this.queue.splice(place, 0, { kind: Kind.key, line: key.line, text: '', plain: false });
      this.roll(Kind.blockMappingStart, key.column, place, key.line);
      this.keys[level] = undefined;
      this.keyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.keyAllowed) throw this.source.problem('mapping values are not allowed in this context');
        this.roll(Kind.blockMappingStart, this.source.column, this.queue.length, this.source.line);
      }
      this.keyAllowed = this.flowLevel === 0;
    }
    this.single(Kind.value);
  }

  private fetchName(kind: Kind): void {
    this.noteKey();
    this.keyAllowed = false;
    const { line } = this.source;
    this.push(kind, line, scanName(this.source));
  }

  private fetchTag(): void {
    this.noteKey();
    this.keyAllowed = false;
    const { line } = this.source;
    this.push(Kind.tag, line, scanTag(this.source));
  }

  private fetchScalar(scan: () => ScannedScalar): void {
    this.noteKey();
    this.keyAllowed = false;
    const { line } = this.source;
    const { value, plain, lines } = scan();
    if (lines) this.keyAllowed = true;
    this.push(Kind.scalar, line, value, plain);
  }

  private fetchBlockScalar(): void {
    this.forgetKey();
    this.keyAllowed = true;
    const { line } = this.source;
    this.push(Kind.scalar, line, scanBlock(this.source, this.indent).value);
  }

  /** What begins here may be a key. */
  private noteKey(): void {
    if (!this.keyAllowed) return;
    const { source } = this;
    const required = this.flowLevel === 0 && this.indent === source.column;
    this.forgetKey();
    const level = this.keys.length - 1;
    const number = this.taken + this.queue.length - this.head;
    const key = { number, at: source.at, line: source.line, column: source.column, level, required };
    this.keys[level] = key;
    this.pending.push(key);
  }

  private forgetKey(): void {
    const level = this.keys.length - 1;
    const key = this.keys[level];
    if (key === undefined) return;
    if (key.required) throw this.source.problem("could not find expected ':'");
    this.keys[level] = undefined;
    if (this.pending.at(-1) === key) this.pending.pop();
  }

  /** A deeper block begins; its start stands at `place` in the queue. */
  private roll(kind: Kind, column: number, place: number, line: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    if (this.indents.length > deepest) throw new YamlProblem('yaml: exceeded max depth');
    this.queue.splice(place, 0, { kind, line, text: '', plain: false });
  }

  /** Blocks that are deeper than the column end. */
  private unroll(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.push(Kind.blockEnd);
      this.indent = this.indents.pop()!;
    }
  }
}
