// Whether a text has a match: an automaton that is made as far as texts need it, and simulated where it would grow without end.

import { Alphabet, edgesBetween, side, type Letter } from './alphabet.js';
import { op, type RegexProgram } from './program.js';

/** Where an expression may be in its program before the next character is known. */
export class State {
  /** By letter; absent: not made yet. */
  readonly next: (State | undefined)[] = [];

  constructor(
    readonly places: Int32Array,
    /** What was before. */
    readonly side: number,
    readonly hash: number,
    readonly kept: boolean,
  ) {}
}

const noPlaces = new Int32Array(0);

/** After a match. */
export const matched = new State(noPlaces, side.other, 0, true);

/** Places of all states that are kept together: about a megabyte. */
const mostPlaces = 300_000;
const mostStates = 4000;
/** When states that were kept were hardly used again, none is kept for so many characters. */
const pause = 20_000;

export class Automaton {
  readonly alphabet: Alphabet;
  readonly start: State;
  /** What the last {@link step} looked at, in instructions. */
  cost = 0;
  #states = new Map<number, State[]>();
  #count = 0;
  #places = 0;
  #made = 0;
  #known = 0;
  #pause = 0;
  /** Places seen in this step, by the number of the step. */
  readonly #seen: Uint32Array;
  readonly #next: Uint32Array;
  #stamp = 0;
  readonly #stack: Int32Array;
  readonly #found: Int32Array;

  constructor(readonly program: RegexProgram) {
    this.alphabet = new Alphabet(program);
    this.#seen = new Uint32Array(program.size);
    this.#next = new Uint32Array(program.size);
    this.#stack = new Int32Array(2 * program.size + 2);
    this.#found = new Int32Array(program.size);
    this.start = new State(noPlaces, side.nothing, 0, true);
  }

  /** The state after one more character; {@link matched} when there is a match before it. */
  step(state: State, letter: Letter): State {
    const count = this.#advance(state, letter.side, letter.within);
    if (count < 0) {
      if (state.kept) state.next[letter.index] = matched;
      return matched;
    }
    const next = this.#stateOf(count, letter.side);
    if (state.kept && next.kept) state.next[letter.index] = next;
    return next;
  }

  /** That states which are kept were used so often. */
  used(times: number): void {
    this.#known += times;
  }

  /** Whether there is a match at the end of the text. */
  ends(state: State): boolean {
    return this.#advance(state, side.nothing, undefined) < 0;
  }

  /** Follows all places over the character: how many there are then, in `#found`; -1 when there is a match before it. */
  #advance(state: State, after: number, within: Uint8Array | undefined): number {
    const { ops, out, arg, start } = this.program;
    const edges = edgesBetween(state.side, after);
    if (++this.#stamp === 0xffff_ffff) {
      this.#seen.fill(0);
      this.#next.fill(0);
      this.#stamp = 1;
    }
    const stamp = this.#stamp;
    const seen = this.#seen;
    const stack = this.#stack;
    const found = this.#found;
    let count = 0;
    let cost = 1;
    const { places } = state;
    for (let index = 0; index <= places.length; index++) {
      let top = 0;
      stack[top++] = index < places.length ? places[index]! : start;
      while (top > 0) {
        const pc = stack[--top]!;
        if (seen[pc] === stamp) continue;
        seen[pc] = stamp;
        cost++;
        switch (ops[pc]) {
          case op.rune: {
            const to = out[pc]!;
            if (within?.[arg[pc]!] === 1 && this.#next[to] !== stamp) {
              this.#next[to] = stamp;
              found[count++] = to;
            }
            break;
          }
          case op.alternative:
            stack[top++] = arg[pc]!;
            stack[top++] = out[pc]!;
            break;
          case op.assertion:
            if ((arg[pc]! & ~edges) === 0) stack[top++] = out[pc]!;
            break;
          case op.match:
            this.cost = cost;
            return -1;
        }
      }
    }
    this.cost = cost;
    return count;
  }

  #stateOf(count: number, before: number): State {
    const found = this.#found.subarray(0, count);
    if (this.#pause > 0) {
      this.#pause--;
      return new State(found.slice(), before, 0, false);
    }
    let hash = before;
    // The same places in another order are the same state.
    for (let index = 0; index < count; index++) hash = (hash + Math.imul(found[index]! + 1, 0x9e37_79b1)) | 0;
    const same = this.#states.get(hash)?.find((one) => one.side === before && one.places.length === count && this.#isFound(one.places));
    if (same !== undefined) {
      this.#known++;
      return same;
    }
    this.#made++;
    const state = new State(found.slice(), before, hash, true);
    this.#keep(state);
    return state;
  }

  #isFound(places: Int32Array): boolean {
    for (let index = 0; index < places.length; index++) if (this.#next[places[index]!] !== this.#stamp) return false;
    return true;
  }

  #keep(state: State): void {
    if (this.#count >= mostStates || this.#places >= mostPlaces) {
      if (this.#known < this.#made) this.#pause = pause;
      this.#states = new Map();
      this.#count = this.#places = this.#made = this.#known = 0;
    }
    const like = this.#states.get(state.hash);
    if (like === undefined) this.#states.set(state.hash, [state]);
    else like.push(state);
    this.#count++;
    this.#places += state.places.length;
  }
}
