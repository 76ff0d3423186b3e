// The objects of an informer by key, and its indexes.
import type { KubeObject } from '../../apimachinery/object.js';
import type { IndexFunction, Indexers, InformerStore } from './types.js';

interface Index<T> {
  readonly values: IndexFunction<T>;
  /** Keys under each value. */
  readonly keys: Map<string, Set<string>>;
}

/** The store that its informer writes. */
export interface WritableStore<T extends KubeObject> extends InformerStore<T> {
  /** Returns the object there before. */
  set(key: string, object: T): T | undefined;
  remove(key: string): T | undefined;
  keys(): string[];
  addIndexers(indexers: Indexers<T>): void;
}

/** Makes an empty store. */
export function createStore<T extends KubeObject>(indexers: Indexers<T> = {}): WritableStore<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, Index<T>>();

  const put = (index: Index<T>, key: string, values: readonly string[]): void => {
    for (const value of values) {
      const keys = index.keys.get(value);
      if (keys) keys.add(key);
      else index.keys.set(value, new Set([key]));
    }
  };
  const take = (index: Index<T>, key: string, values: readonly string[]): void => {
    for (const value of values) {
      const keys = index.keys.get(value);
      if (keys?.delete(key) && keys.size === 0) index.keys.delete(value);
    }
  };
  /** Most changes leave an object where it is in every index. */
  const move = (index: Index<T>, key: string, previous: T, object: T): void => {
    const before = index.values(previous);
    const after = index.values(object);
    if (before.length === after.length && before.every((value, at) => value === after[at])) return;
    take(index, key, before);
    put(index, key, after);
  };
  const indexNamed = (name: string): Index<T> => {
    const index = indexes.get(name);
    if (!index) throw new Error(`this informer has no index "${name}": give it in indexers`);
    return index;
  };

  const store: WritableStore<T> = {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    keys: () => [...objects.keys()],
    get size() {
      return objects.size;
    },
    byIndex(name, value) {
      const keys = indexNamed(name).keys.get(value);
      if (!keys) return [];
      const found: T[] = [];
      for (const key of keys) found.push(objects.get(key)!);
      return found;
    },
    countByIndex: (name, value) => indexNamed(name).keys.get(value)?.size ?? 0,
    set(key, object) {
      const previous = objects.get(key);
      objects.set(key, object);
      for (const index of indexes.values()) {
        if (previous) move(index, key, previous, object);
        else put(index, key, index.values(object));
      }
      return previous;
    },
    remove(key) {
      const previous = objects.get(key);
      if (!previous) return undefined;
      objects.delete(key);
      for (const index of indexes.values()) take(index, key, index.values(previous));
      return previous;
    },
    addIndexers(more) {
      for (const [name, values] of Object.entries(more)) {
        if (indexes.has(name)) continue;
        const index: Index<T> = { values, keys: new Map() };
        for (const [key, object] of objects) put(index, key, values(object));
        indexes.set(name, index);
      }
    },
  };
  store.addIndexers(indexers);
  return store;
}
