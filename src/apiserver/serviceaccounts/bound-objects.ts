// What tokens are bound to.

/** The name and uid of what a token is bound to. */
export interface BoundName {
  readonly name: string;
  readonly uid: string;
}

/** What a lookup tells of an object that a token is bound to. */
export interface BoundObject {
  readonly uid: string;
  /** RFC 3339; set when the object is being deleted. */
  readonly deletionTimestamp?: string | undefined;
}

/** Reads the objects that tokens name; undefined when not there. From watch caches or the store. `namespace` is '' for nodes. */
export type BoundObjectLookup = (
  kind: 'ServiceAccount' | 'Pod' | 'Secret' | 'Node',
  namespace: string,
  name: string,
) => BoundObject | undefined | Promise<BoundObject | undefined>;
