// How long rules take: told to whoever counts it.
import type { Schema } from '../../apiextensions/schema-walk.js';

export interface RuleTiming {
  /** Milliseconds of a monotonic clock in real time. */
  now(): number;
  /** A place of a schema with rules at it or below it was looked at: how many milliseconds that took, with all that is below. */
  evaluated(milliseconds: number): void;
  /** The rules of this place are in use; told any number of times. */
  compiled(schema: Schema, milliseconds: number): void;
}
