// What is measured of one attack.

/** How often the loop is looked at, in milliseconds. */
export const interval = 2;

/** Of the server's own process, in milliseconds since the last `begin`. */
export interface Reading {
  /** The longest that its event loop kept everybody waiting, without the time in which other processes had its core. */
  readonly delay: number;
  /** The same by the clock: on a machine that others use too it says little. */
  readonly clock: number;
  /** The most processor time that it had between two looks. */
  readonly processor: number;
  /** All the processor time. */
  readonly total: number;
}

/** One round of one attack. */
export interface Sample extends Reading {
  /** The longest answer to the cheap question that is asked all the while, in milliseconds. */
  readonly beside: number;
}
