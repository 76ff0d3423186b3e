// The last events in the order of revisions: added at the end, forgotten at the front.

const smallest = 64;

/** A ring that grows as it must; its owner says what to forget. */
export class EventRing<E extends { readonly revision: number }> {
  #events: (E | undefined)[] = new Array<E | undefined>(smallest);
  #times = new Float64Array(smallest);
  #start = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** `time`: when the event happened, in milliseconds. Its revision must be greater than that of all before. */
  push(event: E, time: number): void {
    if (this.#size === this.#events.length) this.#resize(this.#size * 2);
    const slot = (this.#start + this.#size++) & (this.#events.length - 1);
    this.#events[slot] = event;
    this.#times[slot] = time;
  }

  /** The event at this place, counted from the oldest; undefined beyond the newest. */
  at(index: number): E | undefined {
    return index < 0 || index >= this.#size ? undefined : this.#events[(this.#start + index) & (this.#events.length - 1)];
  }

  /** When the oldest event happened. */
  get oldestTime(): number {
    return this.#times[this.#start]!;
  }

  /** Forgets the oldest event and returns it. */
  shift(): E | undefined {
    const event = this.#events[this.#start];
    if (this.#size === 0) return undefined;
    this.#events[this.#start] = undefined;
    this.#start = (this.#start + 1) & (this.#events.length - 1);
    this.#size--;
    if (this.#size < this.#events.length / 4 && this.#events.length > smallest) this.#resize(this.#events.length / 2);
    return event;
  }

  clear(): void {
    this.#events = new Array<E | undefined>(smallest);
    this.#times = new Float64Array(smallest);
    this.#start = 0;
    this.#size = 0;
  }

  /** The place of the first event with a greater revision; {@link size} when there is none. */
  firstAfter(revision: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle)!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #resize(length: number): void {
    const events = new Array<E | undefined>(length);
    const times = new Float64Array(length);
    for (let i = 0; i < this.#size; i++) {
      const from = (this.#start + i) & (this.#events.length - 1);
      events[i] = this.#events[from];
      times[i] = this.#times[from]!;
    }
    this.#events = events;
    this.#times = times;
    this.#start = 0;
  }
}
