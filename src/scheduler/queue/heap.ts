// A binary heap.

export interface Heap<T> {
  readonly size: number;
  push(item: T): void;
  pop(): T | undefined;
}

/** The item that comes before all others, by `before`, is popped first. */
export function createHeap<T>(before: (one: T, other: T) => boolean): Heap<T> {
  const items: T[] = [];
  return {
    get size() {
      return items.length;
    },
    push(item) {
      let place = items.length;
      items.push(item);
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!before(item, items[parent]!)) break;
        items[place] = items[parent]!;
        place = parent;
      }
      items[place] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return first;
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
        if (!before(items[child]!, last)) break;
        items[place] = items[child]!;
        place = child;
      }
      items[place] = last;
      return first;
    },
  };
}
