// A YAML text that is being read: where the reader is, and what it knows of characters.
// https://yaml.org/spec/1.1/

/** The text is no YAML, or has what JSON cannot express; the message is worded as the real server's (`yaml: line 2: …`). */
export class YamlProblem extends Error {}

/** Codes of the characters that mean something. */
export const chars = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  bang: 0x21,
  doubleQuote: 0x22,
  hash: 0x23,
  percent: 0x25,
  ampersand: 0x26,
  quote: 0x27,
  star: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  colon: 0x3a,
  less: 0x3c,
  more: 0x3e,
  question: 0x3f,
  at: 0x40,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  backtick: 0x60,
  openMap: 0x7b,
  bar: 0x7c,
  closeMap: 0x7d,
  nextLine: 0x85,
  byteOrderMark: 0xfeff,
  lineSeparator: 0x2028,
  paragraphSeparator: 0x2029,
} as const;

/** A code that no character has: the end of the text. */
export const end = -1;

export function isBreak(code: number): boolean {
  return (
    code === chars.newline ||
    code === chars.carriageReturn ||
    code === chars.nextLine ||
    code === chars.lineSeparator ||
    code === chars.paragraphSeparator
  );
}

export function isBlank(code: number): boolean {
  return code === chars.space || code === chars.tab;
}

/** A blank, a line's end or the text's. */
export function isGap(code: number): boolean {
  return code <= chars.space
    ? code === chars.space || code === chars.tab || code === end || isBreak(code)
    : code >= chars.nextLine && isBreak(code);
}

/** What a name of an anchor or a directive is made of. */
export function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === chars.minus
  );
}

/** The text and the place in it. Lines count from zero. */
export class Source {
  at = 0;
  line = 0;
  /** Where the line begins. */
  private lineStart = 0;

  constructor(readonly text: string) {}

  get column(): number {
    return this.at - this.lineStart;
  }

  /** The code at `offset` from here, or {@link end}. */
  code(offset = 0): number {
    const index = this.at + offset;
    return index < this.text.length ? this.text.charCodeAt(index) : end;
  }

  /** Passes over a line's end; returns what it stands for in a scalar. */
  takeBreak(): string {
    const code = this.code();
    this.at += code === chars.carriageReturn && this.code(1) === chars.newline ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
    return code === chars.lineSeparator || code === chars.paragraphSeparator ? String.fromCharCode(code) : '\n';
  }

  /** Counts what is passed over as no column: a byte order mark. */
  passMark(): void {
    this.at++;
    this.lineStart++;
  }

  /** Whether here, at the start of a line, `---` or `...` stands alone. */
  isDocumentMark(code?: number): boolean {
    if (this.at !== this.lineStart) return false;
    const first = this.code();
    if (first !== chars.minus && first !== chars.point) return false;
    return (code === undefined || first === code) && this.code(1) === first && this.code(2) === first && isGap(this.code(3));
  }

  /** The problem of the characters here. */
  problem(what: string): YamlProblem {
    return problemAt(what, this.line, 1);
  }
}

/** The first line is not named. Where characters make no sense lines count from one (`from`), where whole parts do not fit from zero. */
export function problemAt(what: string, line: number, from: 0 | 1): YamlProblem {
  return new YamlProblem(`yaml: ${line > 0 ? `line ${line + from}: ` : ''}${what}`);
}
