// Deals each flow a hand of queues, so that a busy flow fills only a few of them.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#queuing

/** How many hands are remembered. */
const mostHands = 4096;

export class Dealer {
  /** By schema, then by flow: to put both names together for each request takes longer than to look up two. */
  readonly #hands = new Map<string, Map<string, readonly number[]>>();
  #remembered = 0;

  /** `handSize` different ones of `queues` for each flow. */
  constructor(
    readonly queues: number,
    readonly handSize: number,
  ) {}

  /** The same hand for the same flow of a schema each time. */
  hand(schema: string, flow: string): readonly number[] {
    const known = this.#hands.get(schema)?.get(flow);
    if (known !== undefined) return known;
    if (this.#remembered >= mostHands) {
      this.#hands.clear();
      this.#remembered = 0;
    }
    const hand = deal(`${schema}/${flow}`, this.queues, Math.min(this.handSize, this.queues));
    let hands = this.#hands.get(schema);
    if (hands === undefined) this.#hands.set(schema, (hands = new Map<string, readonly number[]>()));
    hands.set(flow, hand);
    this.#remembered++;
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
