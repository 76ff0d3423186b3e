// Small helpers for JSON objects that come from clients: any field name is only a name.

export type Fields = Readonly<Record<string, unknown>>;
export type FieldsDraft = Record<string, unknown>;

/** A field's value; undefined when the object has none of that name itself (`__proto__` and `constructor` are names like others). */
export function fieldOf(object: Fields, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a field of an object that the caller owns. */
export function setField(object: FieldsDraft, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
