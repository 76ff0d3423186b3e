// How much pointless work a connection may cause, and since when it has kept us waiting.
import { ConnectionError, errorCodes } from './constants.js';

/** So many resets, settings and empty frames at once, and so many a second for ever. */
const burst = 1000;
const perSecond = 100;

export class Patience {
  #left = burst;
  #at: number;
  /** When the client began what it may owe the rest of, in milliseconds. */
  since: number;

  constructor(private readonly now: () => number) {
    this.#at = this.since = now();
  }

  /** The client begins something. */
  begin(): void {
    this.since = this.now();
  }

  /** The client did what costs it less than us. Throws a ConnectionError when it was too often. */
  strain(): void {
    if (this.#left > 0) {
      this.#left--;
      return;
    }
    const now = this.now();
    const gained = Math.floor(((now - this.#at) * perSecond) / 1000);
    if (gained <= 0) throw new ConnectionError(errorCodes.enhanceYourCalm, 'too many streams are ended at once');
    this.#at = now;
    this.#left = Math.min(burst, gained) - 1;
  }
}
