// How many seats a priority level could use, over time: its average, spread and most.

export interface Demand {
  readonly average: number;
  readonly deviation: number;
  readonly most: number;
}

/** Weighs each number by how long it held. Times are milliseconds that never go back. */
export class DemandRecorder {
  #value = 0;
  #since: number;
  #from: number;
  #sum = 0;
  #squares = 0;
  #most = 0;

  constructor(now: number) {
    this.#since = now;
    this.#from = now;
  }

  set(value: number, now: number): void {
    const held = now - this.#since;
    if (held > 0) {
      this.#sum += this.#value * held;
      this.#squares += this.#value * this.#value * held;
      this.#since = now;
    }
    this.#value = value;
    if (value > this.#most) this.#most = value;
  }

  /** What was since the last call. */
  take(now: number): Demand {
    this.set(this.#value, now);
    const whole = now - this.#from;
    const average = whole > 0 ? this.#sum / whole : this.#value;
    const variance = whole > 0 ? this.#squares / whole - average * average : 0;
    const demand = { average, deviation: Math.sqrt(Math.max(variance, 0)), most: this.#most };
    this.#from = now;
    this.#sum = 0;
    this.#squares = 0;
    this.#most = this.#value;
    return demand;
  }
}
