// Searches that may be interrupted: each goes on for so many steps and says whether it is done.

import { edgesBetween, side } from './alphabet.js';
import { matched, type Automaton, type State } from './automaton.js';
import { op } from './program.js';

export interface Search<T> {
  /** Goes on for about so many steps: a step is a character, or an instruction at a character. Returns how many were taken; less than asked for: it is done. */
  advance(steps: number): number;
  /** Read when it is done. */
  readonly result: T;
}

/** Whether the text has a match anywhere. */
export class PresenceSearch implements Search<boolean> {
  result = false;
  #at = 0;
  #state: State;
  #done = false;

  constructor(
    private readonly automaton: Automaton,
    private readonly text: string,
  ) {
    this.#state = automaton.start;
  }

  advance(steps: number): number {
    const { text, automaton } = this;
    const { alphabet, program } = automaton;
    let state = this.#state;
    let at = this.#at;
    let taken = 0;
    let quick = 0;
    while (taken < steps && !this.#done) {
      if (at >= text.length) {
        this.result = automaton.ends(state);
        this.#done = true;
        break;
      }
      const rune = text.codePointAt(at)!;
      const letter = alphabet.letterOf(rune);
      let next = state.next[letter.index];
      if (next === undefined) {
        next = automaton.step(state, letter);
        taken += automaton.cost;
      } else {
        taken++;
        quick++;
      }
      at += rune > 0xffff ? 2 : 1;
      state = next;
      if (state === matched) this.result = this.#done = true;
      else if (program.anchored && state.places.length === 0) this.#done = true;
    }
    automaton.used(quick);
    this.#state = state;
    this.#at = at;
    return this.#done ? Math.min(taken, steps - 1) : Math.max(taken, steps);
  }
}

/** The first match from a place on, and of those there the one that the expression prefers. */
class FirstMatch {
  start = -1;
  end = -1;
  done = false;
  #at = 0;
  /** Where each thread is before the next character, the preferred first, and where it began. */
  #places: Int32Array;
  #starts: Int32Array;
  #count = 0;
  #nextPlaces: Int32Array;
  #nextStarts: Int32Array;
  #before: number = side.nothing;
  /** Places seen and reached in this step, by the number of the step. */
  #stamp = 0;
  readonly #seen: Float64Array;
  readonly #added: Float64Array;
  readonly #stack: Int32Array;

  constructor(
    private readonly automaton: Automaton,
    private readonly text: string,
  ) {
    const { size } = automaton.program;
    this.#places = new Int32Array(size);
    this.#starts = new Int32Array(size);
    this.#nextPlaces = new Int32Array(size);
    this.#nextStarts = new Int32Array(size);
    this.#seen = new Float64Array(size);
    this.#added = new Float64Array(size);
    this.#stack = new Int32Array(2 * size + 2);
  }

  begin(from: number): void {
    this.start = this.end = -1;
    this.done = false;
    this.#count = 0;
    this.#at = from;
    this.#before = from === 0 ? side.nothing : this.automaton.alphabet.letterOf(runeBefore(this.text, from)).side;
  }

  /** Looks at one more character; returns what it took. */
  step(): number {
    const { text, automaton } = this;
    const { ops, out, arg, start: first, anchored } = automaton.program;
    const at = this.#at;
    const rune = at < text.length ? text.codePointAt(at)! : -1;
    const letter = rune < 0 ? undefined : automaton.alphabet.letterOf(rune);
    const edges = edgesBetween(this.#before, letter?.side ?? side.nothing);
    const stamp = ++this.#stamp;
    const seen = this.#seen;
    const added = this.#added;
    const stack = this.#stack;
    const places = this.#places;
    // A new thread begins here as long as none has come to its end: it is the least preferred.
    const threads = this.end < 0 && (!anchored || at === 0) ? this.#count + 1 : this.#count;
    let count = 0;
    let cost = 1;
    threads: for (let index = 0; index < threads; index++) {
      const fresh = index === this.#count;
      const begun = fresh ? at : this.#starts[index]!;
      let top = 0;
      stack[top++] = fresh ? first : places[index]!;
      while (top > 0) {
        const pc = stack[--top]!;
        if (seen[pc] === stamp) continue;
        seen[pc] = stamp;
        cost++;
        switch (ops[pc]) {
          case op.rune: {
            const to = out[pc]!;
            if (letter?.within[arg[pc]!] === 1 && added[to] !== stamp) {
              added[to] = stamp;
              this.#nextPlaces[count] = to;
              this.#nextStarts[count++] = begun;
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
            this.start = begun;
            this.end = at;
            // Whoever is less preferred has lost.
            break threads;
        }
      }
    }
    [this.#places, this.#nextPlaces] = [this.#nextPlaces, this.#places];
    [this.#starts, this.#nextStarts] = [this.#nextStarts, this.#starts];
    this.#count = count;
    this.#before = letter?.side ?? side.nothing;
    this.done = letter === undefined || (count === 0 && (this.end >= 0 || anchored));
    this.#at = at + (rune > 0xffff ? 2 : 1);
    return cost;
  }
}

function runeBefore(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 && at > 1 ? text.codePointAt(at - 2)! : low;
}

/** All matches from the left, `limit` at most; a negative one: all. An empty one right after another does not count. */
export class MatchesSearch implements Search<readonly string[]> {
  readonly result: string[] = [];
  readonly #match: FirstMatch;
  #from = 0;
  #lastEnd = -1;
  #done: boolean;

  constructor(
    automaton: Automaton,
    private readonly text: string,
    private readonly limit: number,
  ) {
    this.#match = new FirstMatch(automaton, text);
    this.#done = limit === 0;
    this.#match.begin(0);
  }

  advance(steps: number): number {
    let taken = 0;
    while (taken < steps && !this.#done) {
      taken += this.#match.step();
      if (this.#match.done) this.#take();
    }
    return this.#done ? Math.min(taken, steps - 1) : Math.max(taken, steps);
  }

  #take(): void {
    const { text } = this;
    const { start, end } = this.#match;
    if (start < 0) {
      this.#done = true;
      return;
    }
    const isEmpty = end === this.#from;
    if (!isEmpty || start !== this.#lastEnd) this.result.push(text.slice(start, end));
    this.#from = isEmpty ? end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1) : end;
    this.#lastEnd = end;
    if (this.result.length === this.limit || this.#from > text.length) this.#done = true;
    else this.#match.begin(this.#from);
  }
}
