// Deals each flow a hand of queues, so that a busy flow fills only a few of them.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#queuing

/** How many hands are remembered. */
const mostHands = 4096;

export class Dealer {
  readonly #hands = new Map<string, readonly number[]>();

  /** `handSize` different ones of `queues` for each flow. */
  constructor(
    readonly queues: number,
    readonly handSize: number,
  ) {}

  /** The same hand for the same flow each time. */
  hand(flow: string): readonly number[] {
    let hand = this.#hands.get(flow);
    if (hand === undefined) {
      if (this.#hands.size >= mostHands) this.#hands.clear();
      this.#hands.set(flow, (hand = deal(flow, this.queues, Math.min(this.handSize, this.queues))));
    }
    return hand;
  }
}

/** Draws cards one after the other: each place counts among those not yet drawn. */
function deal(flow: string, queues: number, size: number): readonly number[] {
  const drawn: number[] = [];
  const random = generator(hash(flow));
  while (drawn.length < size) {
    let card = Math.floor(random() * (queues - drawn.length));
    for (const other of [...drawn].sort((a, b) => a - b)) if (card >= other) card++;
    drawn.push(card);
  }
  return drawn;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** Numbers from 0 to 1 that follow from the seed alone (mulberry32): a hand is no matter of chance. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
