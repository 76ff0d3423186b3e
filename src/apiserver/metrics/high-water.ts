// A number that goes up and down, and the most it was lately.

export class HighWater {
  current = 0;
  #most = 0;
  #before = 0;

  up(): void {
    if (++this.current > this.#most) this.#most = this.current;
  }

  down(): void {
    this.current--;
  }

  /** A period is over: what is told is the most of the last whole one and of this one. */
  turn(): void {
    this.#before = this.#most;
    this.#most = this.current;
  }

  read(): number {
    return Math.max(this.#before, this.#most);
  }
}
