// A bucket of tokens that fills at a steady rate.

export class TokenBucket {
  #tokens: number;
  #filled: number;

  /**
   * Full at first.
   * @param rate tokens a second
   * @param size the most tokens that it holds
   * @param now milliseconds
   */
  constructor(
    private readonly rate: number,
    private readonly size: number,
    now: number,
  ) {
    this.#tokens = size;
    this.#filled = now;
  }

  /** Whether there was a token to take at this time, in milliseconds. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.size, this.#tokens + (Math.max(now - this.#filled, 0) * this.rate) / 1000);
    this.#filled = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
