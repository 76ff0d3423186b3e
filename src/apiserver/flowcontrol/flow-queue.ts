// One queue of a priority level.
import type { Timer } from '../../clock/clock.js';
import type { Refusal, Ticket } from './ticket.js';

/** One queue of a level; a flow has a hand of them. */
export interface FlowQueue {
  readonly index: number;
  readonly waiting: Waiting[];
  executing: number;
  seatsInUse: number;
  /** The virtual time at which its next request would begin, in seat-seconds. */
  nextStart: number;
}

/** A request in a queue. */
export interface Waiting {
  readonly ticket: Ticket;
  readonly timer: Timer;
  readonly settle: (refusal: Refusal | undefined) => void;
}

/** A queue in which nobody waits; `now` in virtual time. */
export function newQueue(index: number, now: number): FlowQueue {
  return { index, waiting: [], executing: 0, seatsInUse: 0, nextStart: now };
}

/** Whether a queue has nothing to do: nobody waits in it, and nobody from it runs. */
export function isIdle({ waiting, seatsInUse, executing }: FlowQueue): boolean {
  return waiting.length === 0 && seatsInUse === 0 && executing === 0;
}
