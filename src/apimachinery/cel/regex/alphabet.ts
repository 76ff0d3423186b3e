// What an expression tells apart among characters: all that are in the same sets are one letter to it.

import { edge, type RegexProgram } from './program.js';

/** What assertions see of the character before or after a place. */
export const side = { other: 0, word: 1, newline: 2, nothing: 3 } as const;

/** Of so many letters beyond ASCII the sets are kept. */
const mostRunes = 4096;

export interface Letter {
  readonly index: number;
  /** By set: whether the character is in it. */
  readonly within: Uint8Array;
  readonly side: number;
}

/** The bits of assertions that hold between two characters. */
export function edgesBetween(before: number, after: number): number {
  let edges = (before === side.word) !== (after === side.word) ? edge.wordBoundary : edge.noWordBoundary;
  if (before === side.nothing) edges |= edge.beginText | edge.beginLine;
  else if (before === side.newline) edges |= edge.beginLine;
  if (after === side.nothing) edges |= edge.endText | edge.endLine;
  else if (after === side.newline) edges |= edge.endLine;
  return edges;
}

function sideOf(rune: number): number {
  if (rune === 10) return side.newline;
  const isWord = (rune >= 97 && rune <= 122) || (rune >= 65 && rune <= 90) || (rune >= 48 && rune <= 57) || rune === 95;
  return isWord ? side.word : side.other;
}

export class Alphabet {
  readonly #ascii: (Letter | undefined)[] = new Array<Letter | undefined>(128).fill(undefined);
  readonly #others = new Map<number, Letter>();
  readonly #letters = new Map<string, Letter>();

  constructor(private readonly program: RegexProgram) {}

  letterOf(rune: number): Letter {
    if (rune < 128) return (this.#ascii[rune] ??= this.#make(rune));
    let letter = this.#others.get(rune);
    if (letter === undefined) {
      letter = this.#make(rune);
      if (this.#others.size >= mostRunes) this.#others.clear();
      this.#others.set(rune, letter);
    }
    return letter;
  }

  #make(rune: number): Letter {
    const { sets } = this.program;
    const within = new Uint8Array(sets.length);
    for (let set = 0; set < sets.length; set++) if (sets[set]!(rune)) within[set] = 1;
    const runeSide = sideOf(rune);
    const key = `${runeSide}${Buffer.from(within.buffer).toString('latin1')}`;
    let letter = this.#letters.get(key);
    if (letter === undefined) {
      letter = { index: this.#letters.size, within, side: runeSide };
      this.#letters.set(key, letter);
    }
    return letter;
  }
}
