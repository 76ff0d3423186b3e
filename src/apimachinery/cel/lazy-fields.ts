// The fields of an object type, each made when it is first looked up: an expression reads few of the fields that a large schema has.

import type { ObjectField } from './types.js';

export class LazyFields implements ReadonlyMap<string, ObjectField> {
  #makers: ReadonlyMap<string, () => ObjectField> | undefined;
  readonly #made = new Map<string, ObjectField>();

  /** @param list says which fields there are, and how each is made */
  constructor(private readonly list: () => ReadonlyMap<string, () => ObjectField>) {}

  get size(): number {
    return this.#all().size;
  }

  has(name: string): boolean {
    return this.#all().has(name);
  }

  get(name: string): ObjectField | undefined {
    let field = this.#made.get(name);
    if (field === undefined) {
      field = this.#all().get(name)?.();
      if (field !== undefined) this.#made.set(name, field);
    }
    return field;
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  *values(): MapIterator<ObjectField> {
    for (const [, field] of this.entries()) yield field;
  }

  *entries(): MapIterator<[string, ObjectField]> {
    for (const name of this.keys()) yield [name, this.get(name)!];
  }

  [Symbol.iterator](): MapIterator<[string, ObjectField]> {
    return this.entries();
  }

  forEach(run: (field: ObjectField, name: string, all: ReadonlyMap<string, ObjectField>) => void): void {
    for (const [name, field] of this) run(field, name, this);
  }

  #all(): ReadonlyMap<string, () => ObjectField> {
    return (this.#makers ??= this.list());
  }
}
