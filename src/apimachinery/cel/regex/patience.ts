// How evaluations that cannot wait have long searches and loops all the same: they end, the search goes on in slices, and they are made again.

import { realClock } from '../../../clock/real-clock.js';
import { inSlices, type Work } from '../../../clock/slices.js';
import type { Search } from './search.js';

/** So many steps of searches are made at once: some milliseconds. */
export const stepsAtOnce = 400_000;

/** How many steps of searches may be made before others have their turn. */
export interface StepsLeft {
  left: number;
}

/** So much of a loop is gone through at once, in units of cost: some milliseconds. */
const costAtOnce = 50_000;

/** Some elements take far longer than their cost says, so the time is looked at as well: after so many milliseconds others have their turn, */
const longest = 8;
/** and it is looked at so often. */
const elementsBetweenLooks = 64;

const clock = realClock();

/** How far a loop has come: it has ended with this value, or it goes on with this element. */
export type Mark =
  | { readonly done: true; readonly value: unknown; readonly after: Progress }
  | { readonly done: false; readonly loop: unknown; readonly index: number; readonly before: Progress };

/** What an evaluation has spent, and how many searches and loops it has begun. */
export interface Progress {
  readonly cost: number;
  readonly asked: number;
  readonly begun: number;
}

/** The work ended because a search or a loop would take it too long. Whoever catches this goes on with the search, and does the work again. */
export class Unfinished extends Error {
  constructor(private readonly rest: () => Work<void>) {
    super('a search or a loop takes long');
  }

  work(): Work<void> {
    return this.rest();
  }
}

/**
 * What the searches of some work found, and how far its loops have come, in their order: work that is done again asks the same questions, and has
 * their answers then.
 * It must not depend on anything else that changes meanwhile.
 */
export class Patience {
  #answers: unknown[] = [];
  #asked = 0;
  readonly #marks = new Map<number, Mark>();
  #begun = 0;
  #until = 0;
  #end = 0;
  #elements = 0;

  /** @param steps what it may take at once; several parts of one evaluation share it */
  constructor(private readonly steps: StepsLeft = { left: stepsAtOnce }) {}

  /** Before other work. */
  begin(): void {
    if (this.#answers.length > 0) this.#answers = [];
    if (this.#marks.size > 0) this.#marks.clear();
    this.again();
  }

  /** Before the same work is done again. */
  again(): void {
    this.#restart();
    this.steps.left = stepsAtOnce;
  }

  /** Steps since the work was begun, or begun again. */
  get taken(): number {
    return stepsAtOnce - this.steps.left;
  }

  /** As {@link again}, where others share the steps. */
  repeat(): void {
    this.#restart();
    if (this.steps.left <= 0) this.steps.left = stepsAtOnce;
  }

  #restart(): void {
    this.#asked = this.#begun = this.#until = 0;
  }

  /** The number of a loop that begins: the same one when the work is done again. */
  loop(): number {
    return this.#begun++;
  }

  /** How far that loop had come when the work ended. */
  mark(loop: number): Mark | undefined {
    return this.#marks.get(loop);
  }

  /** Says how far it has come. */
  keep(loop: number, mark: Mark): void {
    this.#marks.set(loop, mark);
  }

  /** How many searches there were since the work was begun, or begun again. */
  get asked(): number {
    return this.#asked;
  }

  /** How many loops. */
  get begun(): number {
    return this.#begun;
  }

  /** Goes on as if all had been done that was done before. */
  resume({ cost, asked, begun }: Progress): void {
    this.#asked = asked;
    this.#begun = begun;
    this.#goOnUntil(cost);
  }

  #goOnUntil(cost: number): void {
    this.#until = cost + costAtOnce;
    this.#elements = 0;
    this.#end = 0;
  }

  /** Whether a loop has gone on for so long that others have their turn; it is to say how far it has come, and throw {@link unfinishedLoop}. */
  isOver(cost: number): boolean {
    if (this.#until === 0) this.#goOnUntil(cost);
    if (cost > this.#until) return true;
    if (++this.#elements < elementsBetweenLooks) return false;
    this.#elements = 0;
    const now = clock.monotonic();
    if (this.#end === 0) this.#end = now + longest;
    return now > this.#end;
  }

  /** What the search finds. Throws {@link Unfinished} when it takes too long. */
  ask<T>(begin: () => Search<T>): T {
    if (this.#asked < this.#answers.length) return this.#answers[this.#asked++] as T;
    if (this.steps.left <= 0) throw new Unfinished(pause);
    const search = begin();
    const { left } = this.steps;
    const taken = search.advance(left);
    this.steps.left -= taken;
    if (taken >= left) throw new Unfinished(() => this.#finish(search));
    this.#answers.push(search.result);
    this.#asked++;
    return search.result;
  }

  *#finish(search: Search<unknown>): Work<void> {
    do yield;
    while (search.advance(stepsAtOnce / 4) >= stepsAtOnce / 4);
    this.#answers.push(search.result);
  }
}

/** Thrown where a loop is to go on later. */
export function unfinishedLoop(): Unfinished {
  return new Unfinished(pause);
}

function* pause(): Work<void> {
  yield;
}

/** What there is to do before work that ended with this error is done again; throws an error of another sort. */
export function unfinishedWork(error: unknown, patience: Patience): Work<void> {
  if (!(error instanceof Unfinished)) throw error;
  patience.again();
  return error.work();
}

/** Does what may throw {@link Unfinished} until it does not: from its beginning each time. */
export function* patiently<T>(patience: Patience, run: () => T): Work<T> {
  patience.begin();
  for (;;) {
    try {
      return run();
    } catch (error) {
      yield* unfinishedWork(error, patience);
    }
  }
}

/** What `run` returns; a promise of it when a search takes long, which is made in slices then. Throws, or rejects with, what it throws. */
export function withPatience<T>(run: (patience: Patience) => T): T | Promise<T> {
  const patience = new Patience();
  try {
    return run(patience);
  } catch (error) {
    return Promise.resolve(inSlices(resumed(patience, error, run)));
  }
}

function* resumed<T>(patience: Patience, thrown: unknown, run: (patience: Patience) => T): Work<T> {
  for (let error = thrown; ;) {
    yield* unfinishedWork(error, patience);
    try {
      return run(patience);
    } catch (next) {
      error = next;
    }
  }
}
