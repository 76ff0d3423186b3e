// Events that wait to be written together: bounded, so that a slow receiver costs events and not the server's memory.
import type { Clock, Timer } from '../../clock/clock.js';
import { sleep } from '../../clock/clock.js';

export interface BatchOptions {
  /** How many may wait; more are lost. */
  readonly bufferSize: number;
  /** As many are written at once. */
  readonly maxSize: number;
  /** Milliseconds after which fewer are written as well. */
  readonly maxWait: number;
  /** Batches in a second, on the average; absent: any number. */
  readonly rate?: { readonly perSecond: number; readonly burst: number } | undefined;
}

export interface BatchQueueOptions<T> extends BatchOptions {
  readonly clock: Clock;
  /** Never rejects. */
  send(batch: readonly T[]): Promise<void>;
  /** Told how many are lost because too many wait. */
  lost(count: number): void;
  /** How large one is, in bytes or so. */
  sizeOf(item: T): number;
}

/** However many may wait, they may have so many bytes together, and those that are written at once so many. */
const mostWaiting = 64 * 1024 * 1024;
const mostAtOnce = 8 * 1024 * 1024;

/** One batch at a time. */
export class BatchQueue<T> {
  #waiting: T[] = [];
  #bytes = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #tokens: number;
  #filled: number;
  #stopped = false;

  constructor(private readonly options: BatchQueueOptions<T>) {
    this.#tokens = options.rate?.burst ?? 0;
    this.#filled = options.clock.monotonic();
  }

  /** False when it is lost. */
  add(item: T): boolean {
    const size = this.options.sizeOf(item);
    const full = this.#waiting.length > 0 && this.#bytes + size > mostWaiting;
    if (this.#stopped || full || this.#waiting.length >= this.options.bufferSize) {
      this.options.lost(1);
      return false;
    }
    this.#waiting.push(item);
    this.#bytes += size;
    this.#schedule();
    return true;
  }

  /** Sends what waits, without care for the rate. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#sending;
    while (this.#waiting.length > 0) await this.options.send(this.#take());
  }

  #schedule(): void {
    const { maxSize, maxWait, clock } = this.options;
    // When it is sent, it is looked at what waits.
    if (this.#stopped || this.#sending !== undefined || this.#waiting.length === 0) return;
    if (this.#waiting.length >= maxSize) this.#start();
    else this.#timer ??= clock.after(maxWait, () => this.#start());
  }

  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sending = this.#sendOne().finally(() => {
      this.#sending = undefined;
      this.#schedule();
    });
  }

  async #sendOne(): Promise<void> {
    await this.#turn();
    if (this.#waiting.length > 0) await this.options.send(this.#take());
  }

  /** Always one, however large it is. */
  #take(): T[] {
    const { options } = this;
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      const size = options.sizeOf(item);
      if (count === options.maxSize || (count > 0 && bytes + size > mostAtOnce)) break;
      bytes += size;
      count++;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  /** Waits until the rate allows a batch. */
  async #turn(): Promise<void> {
    const { rate, clock } = this.options;
    if (rate === undefined) return;
    for (;;) {
      const now = clock.monotonic();
      this.#tokens = Math.min(rate.burst, this.#tokens + ((now - this.#filled) / 1000) * rate.perSecond);
      this.#filled = now;
      if (this.#tokens >= 1 || this.#stopped) break;
      await sleep(clock, Math.ceil(((1 - this.#tokens) / rate.perSecond) * 1000));
    }
    this.#tokens--;
  }
}
