// Long work that is written without yields: it ends in the midst of its lists, and is done again later, without what was done of them.
import type { Work } from './slices.js';

/** So many elements of lists are looked at before others have their turn: some milliseconds. */
const stepsAtOnce = 1000;

/** Shorter lists are gone through at once. */
const shortest = 16;

/** Thrown in the midst of the work; it is no error, and whoever catches errors on the way must let it go on. */
class Pause extends Error {
  constructor() {
    super('others have their turn');
  }
}

interface Part {
  done: number;
  readonly results: unknown[];
}

/** What is known of the lists of one work, by where they are, their names, and how often each was gone through. */
class Journal {
  readonly #parts = new Map<string, Part>();
  readonly #asked = new Map<string, number>();
  /** The element that is being looked at, of a list and of those around it. Lists in two elements may have one name, and the first may not come again. */
  #within = '';
  #left = stepsAtOnce;
  #recorded = 0;
  paused = false;

  begin(): void {
    this.#asked.clear();
    this.#left = stepsAtOnce;
    this.#recorded = 0;
    this.paused = false;
  }

  take(steps: number): void {
    this.#left -= steps;
  }

  onward(): void {
    if (this.#left <= 0 && this.#recorded > 0) throw this.#pause();
    this.#left--;
    this.#recorded++;
  }

  each(name: string, count: number, results: unknown[], one: (index: number) => void): void {
    const around = this.#within;
    const place = `${around}/${name}`;
    const times = this.#asked.get(place) ?? 0;
    this.#asked.set(place, times + 1);
    const key = `${times} ${place}`;
    let part = this.#parts.get(key);
    if (part === undefined) this.#parts.set(key, (part = { done: 0, results: [] }));
    for (const result of part.results) results.push(result);
    const start = results.length;
    let end = start;
    let index = part.done;
    try {
      for (; index < count; index++) {
        // Something new is known each time, so that it comes to an end.
        if (this.#left <= 0 && this.#recorded > 0) throw this.#pause();
        this.#within = `${key}[${index}]`;
        one(index);
        // Whoever caught it has an element that was not looked at to its end.
        if (this.paused) throw new Pause();
        end = results.length;
        this.#left--;
        this.#recorded++;
      }
    } finally {
      this.#within = around;
      part.done = index;
      for (let at = start; at < end; at++) part.results.push(results[at]);
    }
  }

  #pause(): Pause {
    this.paused = true;
    return new Pause();
  }
}

/** The journal of the work that is being done now. It is set only while that runs, which nothing interrupts. */
let journal: Journal | undefined;

function withJournal<T>(own: Journal, run: () => T): T {
  const before = journal;
  journal = own;
  try {
    return run();
  } finally {
    journal = before;
  }
}

/**
 * What `run` returns. It is begun again after each turn of others, and must be a matter of what it looks at alone: then the result is the same as at once.
 * Lists that {@link eachApart} goes through are not gone through again. Throws what `run` throws.
 */
export function* repeatedly<T>(run: () => T): Work<T> {
  const own = new Journal();
  for (;;) {
    own.begin();
    try {
      const result = withJournal(own, run);
      if (!own.paused) return result;
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
    }
    yield;
  }
}

/**
 * Calls `one` for each index below `count`, in order. All that comes of a call is what it adds to the end of `results`: it must neither
 * change nor rely on anything that other calls change. `name` is the list's: its path in the object.
 */
export function eachApart(name: string, count: number, results: unknown[], one: (index: number) => void): void {
  if (journal !== undefined && count > shortest) return journal.each(name, count, results, one);
  journal?.take(count);
  for (let index = 0; index < count; index++) one(index);
}

/** Before a step of work that remembers by itself how far it has come: it goes on from there when it is begun again. */
export function onward(): void {
  journal?.onward();
}

/** Says that what is being done takes as long as so many elements of lists. */
export function takes(steps: number): void {
  journal?.take(steps);
}
