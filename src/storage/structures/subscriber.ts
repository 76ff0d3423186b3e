// One watch's place in the stream of events, and what happens when its sink throws.
import { StoreError } from '../store.js';
import type { StoreEvent, WatchSink } from '../store.js';

/** Throws the error where no caller of the store is in the way, so that the process reports it as uncaught. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Gives a sink each revision once, in order, and nothing after its end. */
export class Subscriber<V> {
  #over: StoreError | 'stopped' | undefined;

  /**
   * @param seen the revision up to which the sink has got everything
   * @param sink may throw: then this watch ends, and only this one
   * @param leave takes the watch out of its owner's index; called once, when it is over
   * @param onError gets what the sink threw
   */
  constructor(
    public seen: number,
    private readonly sink: WatchSink<V>,
    private readonly leave: () => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Why the watch is over; undefined while it is not. */
  get over(): StoreError | 'stopped' | undefined {
    return this.#over;
  }

  deliver(event: StoreEvent<V>): void {
    if (event.revision <= this.seen || this.#over !== undefined) return;
    this.seen = event.revision;
    try {
      this.sink.event(event);
    } catch (error) {
      this.onError(error);
      this.end(new StoreError('lost', event.key));
    }
  }

  end(error: StoreError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.leave();
    try {
      this.sink.end(error);
    } catch (thrown) {
      this.onError(thrown);
    }
  }

  stop(): void {
    if (this.#over !== undefined) return;
    this.#over = 'stopped';
    this.leave();
  }
}
