// How many watch what, so that a write can be as wide as the number of those who are told of it.
import type { Kind } from '../../registry/kind.js';

export class WatchCounts {
  readonly #byKind = new WeakMap<Kind, Map<string, number>>();

  /** A watch of everything ('' and ''), a namespace, or one name; returns its end, which is idempotent. */
  add(kind: Kind, namespace: string, name: string): () => void {
    let counts = this.#byKind.get(kind);
    if (counts === undefined) this.#byKind.set(kind, (counts = new Map<string, number>()));
    const known = counts;
    const place = `${namespace}/${name}`;
    known.set(place, (known.get(place) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = known.get(place)! - 1;
      if (left === 0) known.delete(place);
      else known.set(place, left);
    };
  }

  /** How many will be told when this object is written. */
  interested(kind: Kind, namespace: string, name: string): number {
    const counts = this.#byKind.get(kind);
    if (counts === undefined || counts.size === 0) return 0;
    const of = (place: string): number => counts.get(place) ?? 0;
    let sum = of('/');
    if (namespace !== '') sum += of(`${namespace}/`);
    if (name !== '') sum += of(`${namespace}/${name}`);
    return sum;
  }
}
