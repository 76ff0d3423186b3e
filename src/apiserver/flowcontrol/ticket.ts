// One request as flow control sees it: what it takes, and where it is.
import type { Attributes } from '../authorization/authorizer.js';
import type { FlowSeries } from './flow-metrics.js';
import type { FlowQueue } from './flow-queue.js';
import type { PriorityLevel } from './priority-level.js';

/** How much of the server a request takes. */
export interface Width {
  /** What it takes to begin. */
  readonly initialSeats: number;
  /** While it is served: the larger of the two others. */
  readonly seats: number;
  /** After that, for the watchers who are told of a write. */
  readonly finalSeats: number;
  /** How long the final seats are held, in milliseconds. */
  readonly finalMilliseconds: number;
}

export const narrow: Width = { initialSeats: 1, seats: 1, finalSeats: 0, finalMilliseconds: 0 };

export type TicketState = 'waiting' | 'running' | 'done';

/** Why a request is refused, as the metrics call it. */
export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled';

export interface Ticket {
  readonly level: PriorityLevel;
  readonly schemaName: string;
  readonly flow: string;
  readonly request: Attributes;
  readonly width: Width;
  readonly series: FlowSeries;
  /** None when the level has no queues. */
  queue: FlowQueue | undefined;
  /** Milliseconds of the monotonic clock. */
  readonly arrived: number;
  started: number;
  state: TicketState;
}
