// One kind for each place in the store, found by its prefix.
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';

export class StoredKinds {
  #byPrefix: ReadonlyMap<string, Kind> | undefined;

  constructor(private readonly registry: Registry) {
    registry.onChange(() => (this.#byPrefix = undefined));
  }

  byPrefix(prefix: string): Kind | undefined {
    return this.#all().get(prefix);
  }

  list(): readonly Kind[] {
    return [...this.#all().values()];
  }

  #all(): ReadonlyMap<string, Kind> {
    if (this.#byPrefix !== undefined) return this.#byPrefix;
    const byPrefix = new Map<string, Kind>();
    for (const kind of this.registry.kinds()) {
      if (!kind.verbs.includes('list') || !(kind.verbs.includes('create') || kind.terminating === true)) continue;
      // Of several versions the one that is stored gives the name.
      if (kind.conversion === undefined || !byPrefix.has(kind.prefix)) byPrefix.set(kind.prefix, kind);
    }
    return (this.#byPrefix = byPrefix);
  }
}
