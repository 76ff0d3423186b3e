// One priority level: its seats, and its queues when seats are taken.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#concepts and KEP-1040 (fair queuing). Requests begin in the order in
// which they are due in a virtual time that each queue uses up with its seats and seconds, as in start-time fair queuing.
import type { PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import type { Clock } from '../../clock/clock.js';
import { DemandRecorder } from './demand.js';
import { isIdle, newQueue, type FlowQueue, type Waiting } from './flow-queue.js';
import { Dealer } from './shuffle-sharding.js';
import type { Refusal, Ticket } from './ticket.js';

/** How long a request is thought to take before it has, in seconds. */
const estimatedSeconds = 0.003;

export class PriorityLevel {
  readonly name: string;
  uid = '';
  exempt = false;
  /** The seats it may use now; no limit for an exempt level. */
  limit = 0;
  executing = 0;
  seatsInUse = 0;
  waiting = 0;
  waitingSeats = 0;
  dispatched = 0;
  readonly refused: Record<Refusal, number> = { 'concurrency-limit': 0, 'queue-full': 0, 'time-out': 0, cancelled: 0 };
  readonly demand: DemandRecorder;
  /** Smoothed demand in seats, kept by the borrowing. */
  smooth = 0;
  queues: readonly FlowQueue[] = [];
  readonly running = new Set<Ticket>();
  #dealer: Dealer | undefined;
  #queueLimit = 0;
  /** Virtual time: when the request that began last was due, in seat-seconds. */
  #virtual = 0;
  #active = 0;

  constructor(
    configuration: PriorityLevelConfiguration,
    private readonly clock: Clock,
  ) {
    this.name = configuration.metadata.name;
    this.demand = new DemandRecorder(clock.monotonic());
    this.configure(configuration);
  }

  /** Takes over a changed configuration; a level that has queues no more serves those who wait in them yet. */
  configure({ metadata, spec }: PriorityLevelConfiguration): void {
    this.uid = metadata.uid;
    this.exempt = spec?.type === 'Exempt';
    const response = spec?.limited?.limitResponse;
    if (response?.type !== 'Queue') {
      this.#dealer = undefined;
      return;
    }
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = response.queuing ?? {};
    this.#queueLimit = queueLengthLimit;
    if (this.#dealer?.queues === queues && this.#dealer.handSize === handSize) return;
    this.#dealer = new Dealer(queues, handSize);
    const old = this.queues;
    this.queues = Array.from({ length: queues }, (_, index) => newQueue(index, this.#virtual));
    for (const queue of old) this.#move(queue);
  }

  /** Who waits in a queue that is no more waits on in one that is. */
  #move(old: FlowQueue): void {
    if (old.waiting.length === 0) return;
    const queue = this.queues[old.index % this.queues.length]!;
    this.#wake(queue);
    for (const one of old.waiting) {
      one.ticket.queue = queue;
      queue.waiting.push(one);
    }
    old.waiting.length = 0;
    if (isIdle(old)) this.#active--;
  }

  /** The queue of the hand of a schema's flow in which the least work waits; undefined when the level has none. */
  queueFor(schema: string, flow: string): FlowQueue | undefined {
    if (this.#dealer === undefined) return undefined;
    const { queues } = this;
    let best: FlowQueue | undefined;
    for (const index of this.#dealer.hand(schema, flow)) {
      const queue = queues[index]!;
      if (best === undefined || queue.waiting.length < best.waiting.length) best = queue;
      else if (queue.waiting.length === best.waiting.length && queue.seatsInUse < best.seatsInUse) best = queue;
    }
    return best;
  }

  /** Begins a request at once, if there are seats and nobody waits for them: true. False when it may only wait, or is refused. */
  start(ticket: Ticket, now: number): boolean {
    if (!this.exempt) {
      if (this.waiting > 0 || !this.#fits(ticket)) return false;
      if (ticket.queue !== undefined) this.#wake(ticket.queue);
    }
    this.#run(ticket, now);
    return true;
  }

  /**
   * Lets a request that could not start wait for at most so many milliseconds: `settle` is called once, with why it is refused or
   * undefined when it may run. Returns how to give up.
   */
  wait(ticket: Ticket, now: number, milliseconds: number, settle: (refusal: Refusal | undefined) => void): () => void {
    const { queue } = ticket;
    if (queue === undefined || queue.waiting.length >= this.#queueLimit) {
      const refusal = queue === undefined ? 'concurrency-limit' : 'queue-full';
      this.refused[refusal]++;
      settle(refusal);
      return () => undefined;
    }
    this.#wake(queue);
    const one: Waiting = {
      ticket,
      settle,
      timer: this.clock.after(milliseconds, () => this.#leave(one, 'time-out')),
    };
    queue.waiting.push(one);
    this.waiting++;
    this.waitingSeats += ticket.width.seats;
    this.#recordDemand(now);
    // Somebody else's wide request may wait for seats that this one does not need: then it is this one's queue that decides.
    this.dispatch(now);
    return () => this.#leave(one, 'cancelled');
  }

  /** A request has been served. */
  finish(ticket: Ticket): void {
    if (ticket.state !== 'running') return;
    ticket.state = 'done';
    this.executing--;
    this.running.delete(ticket);
    const now = this.clock.monotonic();
    const { width, queue } = ticket;
    if (queue !== undefined) {
      queue.executing--;
      queue.nextStart += width.seats * ((now - ticket.started) / 1000 - estimatedSeconds);
    }
    if (width.finalSeats > 0 && !this.exempt) {
      this.#release(ticket, width.seats - width.finalSeats, now);
      this.clock.after(width.finalMilliseconds, () => this.#release(ticket, width.finalSeats, this.clock.monotonic()));
    } else this.#release(ticket, width.seats, now);
  }

  setLimit(limit: number): void {
    this.limit = limit;
    this.dispatch(this.clock.monotonic());
  }

  /** Starts who waits, as long as there are seats: of all queues the one whose next request is the first in virtual time. */
  dispatch(now: number): void {
    while (this.waiting > 0) {
      let next: FlowQueue | undefined;
      for (const queue of this.queues) {
        if (queue.waiting.length > 0 && (next === undefined || queue.nextStart < next.nextStart)) next = queue;
      }
      const one = next?.waiting[0];
      if (one === undefined || !this.#fits(one.ticket)) return;
      next!.waiting.shift();
      this.#stopWaiting(one);
      this.#run(one.ticket, now);
      one.settle(undefined);
    }
  }

  /** Virtual time now, for the metrics. */
  get virtualTime(): number {
    return this.#virtual;
  }

  get activeQueues(): number {
    return this.#active;
  }

  /** What is too wide for the level runs alone. */
  #fits({ width, queue }: Ticket): boolean {
    if (this.seatsInUse + width.seats <= this.limit) return true;
    return this.executing === 0 && this.seatsInUse === 0 && (this.limit > 0 || queue === undefined);
  }

  #run(ticket: Ticket, now: number): void {
    ticket.state = 'running';
    ticket.started = now;
    this.executing++;
    this.dispatched++;
    this.seatsInUse += ticket.width.seats;
    this.running.add(ticket);
    const { queue } = ticket;
    if (queue !== undefined) {
      queue.executing++;
      queue.seatsInUse += ticket.width.seats;
      // What begins to wait from now on is due now: who was idle saves nothing up, who waits long already does not go before everyone else.
      this.#virtual = Math.max(this.#virtual, queue.nextStart);
      queue.nextStart += ticket.width.seats * estimatedSeconds;
    }
    this.#recordDemand(now);
  }

  #release({ queue }: Ticket, seats: number, now: number): void {
    if (queue !== undefined) {
      queue.seatsInUse -= seats;
      if (isIdle(queue)) this.#active--;
    }
    this.seatsInUse -= seats;
    this.#recordDemand(now);
    if (this.waiting > 0) this.dispatch(now);
  }

  /** An idle queue becomes active: what it did not use meanwhile it does not save up. */
  #wake(queue: FlowQueue): void {
    if (!isIdle(queue)) return;
    this.#active++;
    queue.nextStart = Math.max(queue.nextStart, this.#virtual);
  }

  #leave(one: Waiting, refusal: Refusal): void {
    const { ticket } = one;
    if (ticket.state !== 'waiting') return;
    const now = this.clock.monotonic();
    const queue = ticket.queue!;
    queue.waiting.splice(queue.waiting.indexOf(one), 1);
    if (isIdle(queue)) this.#active--;
    ticket.state = 'done';
    this.#stopWaiting(one);
    this.refused[refusal]++;
    this.#recordDemand(now);
    one.settle(refusal);
    // It may have kept others waiting.
    this.dispatch(now);
  }

  #stopWaiting({ ticket, timer }: Waiting): void {
    timer.cancel();
    this.waiting--;
    this.waitingSeats -= ticket.width.seats;
  }

  #recordDemand(now: number): void {
    this.demand.set(this.seatsInUse + this.waitingSeats, now);
  }
}
