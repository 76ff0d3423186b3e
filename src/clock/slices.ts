// Long work in slices, so that everybody else has their turn in between.
import { performance } from 'node:perf_hooks';

/** Work that may be interrupted wherever it yields; what it returns does not depend on when it goes on. */
export type Work<T> = Generator<undefined, T, undefined>;

/** How long one slice may take, in milliseconds of the system: it decides who waits for whom, and nothing else. */
const longestSlice = 8;
/** How long the slices of all works that are under way may take together, in one turn of the event loop; */
const longestOfAll = 16;
/** but none is shorter than this. */
const shortestSlice = 0.25;

/** How many works of this process, which has one event loop, go on later. Each has its slice in every turn of it: the more there are, the shorter those are. */
let underWay = 0;

function endOfSlice(works: number): number {
  return performance.now() + Math.max(shortestSlice, Math.min(longestSlice, longestOfAll / works));
}

/** For whom long work is done. */
export interface Waiter {
  /** Whether nobody waits for the result any more: then the rest of the work is left undone. */
  readonly gone: boolean;
}

/** Nobody waits any more for what was being done. */
export class Abandoned extends Error {
  constructor() {
    super('nobody waits for the result any more');
    this.name = 'Abandoned';
  }
}

/** Resolves when everybody else who is ready has had their turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the event loop has gone round: one breath leads to the end of this turn, the second to that of the next. */
export async function nextTurn(): Promise<void> {
  await breathe();
  await breathe();
}

/** Does all of it at once. Throws what the work throws. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** The result when the work is short; else a promise of it, and the work is done in slices. Throws, or rejects with, what the work throws, and {@link Abandoned}. */
export function inSlices<T>(work: Work<T>, waiter?: Waiter): T | Promise<T> {
  const end = endOfSlice(underWay + 1);
  do {
    const step = work.next();
    if (step.done === true) return step.value;
  } while (performance.now() < end);
  return rest(work, waiter);
}

async function rest<T>(work: Work<T>, waiter: Waiter | undefined): Promise<T> {
  underWay++;
  try {
    for (;;) {
      await breathe();
      if (waiter?.gone === true) {
        const abandoned = new Abandoned();
        // So that the work can tidy up.
        work.throw(abandoned);
        throw abandoned;
      }
      const end = endOfSlice(underWay);
      do {
        const step = work.next();
        if (step.done === true) return step.value;
      } while (performance.now() < end);
    }
  } finally {
    underWay--;
  }
}

/** Says at every so manieth step that it is time to yield: for work of very many steps that are short. */
export class Steps {
  #left: number;

  constructor(private readonly every = 64) {
    this.#left = every;
  }

  /** Counts a step. */
  due(): boolean {
    if (--this.#left > 0) return false;
    this.#left = this.every;
    return true;
  }
}

/** The same for pieces that many share a turn of the event loop with: what each of these takes counts for all. */
const longestTurn = 20;

/** Pieces of work one after the other, each short by itself: between them others have their turn when it was long enough. */
export class Turn {
  #since = performance.now();

  /** `longest`: after so many milliseconds it is others' turn. */
  constructor(
    private readonly longest = longestTurn,
    private readonly waiter?: Waiter,
  ) {}

  /** What to wait for before the next piece; undefined when it may be done at once. Rejects with {@link Abandoned}. */
  over(): Promise<void> | undefined {
    if (performance.now() - this.#since < this.longest) return undefined;
    return breathe().then(() => {
      if (this.waiter?.gone === true) throw new Abandoned();
      this.#since = performance.now();
    });
  }
}
