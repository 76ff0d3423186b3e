// Where a kind's objects are: its keys in the store and its watch cache.
import type { KubeObject, ObjectMeta } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';
import type { Codec, Entry, Store } from '../../storage/store.js';
import { encodeObject } from './object-encoder.js';
import { WatchCache } from '../../storage/watch-cache/watch-cache.js';

/** The index term under which objects with this label are found. */
export function labelTerm(key: string, value: string): string {
  return `label\0${key}\0${value}`;
}

/** The index term under which objects with this field are found. */
export function fieldTerm(field: string, value: string): string {
  return `field\0${field}\0${value}`;
}

/**
 * How the store handles API objects: the revision is `metadata.resourceVersion`, `kind` and `apiVersion` come first in the bytes, and a line's end last.
 */
export const objectCodec: Codec<KubeObject> = {
  stamp: (value, revision) => {
    const { kind, apiVersion, metadata } = value;
    const stamped: Record<string, unknown> = { kind, apiVersion, metadata: stampedMetadata(metadata, String(revision)) };
    const fields = value as unknown as Readonly<Record<string, unknown>>;
    for (const name in fields) if (name !== 'kind' && name !== 'apiVersion' && name !== 'metadata') stamped[name] = fields[name];
    return stamped as unknown as KubeObject;
  },
  encode: encodeObject,
  decode: (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as KubeObject,
};

/** In the real server's order, which shows in messages that print whole objects. */
const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/** Metadata at a revision. */
function stampedMetadata(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const stamped: Record<string, unknown> = {};
  for (const field of metadataFields) {
    const value = field === 'resourceVersion' ? resourceVersion : metadata[field];
    if (value !== undefined) stamped[field] = value;
  }
  return stamped as unknown as ObjectMeta;
}

/** One storage prefix: `/registry/pods/`. Kinds that are versions of one another share it. */
export class ResourceStorage {
  readonly cache: WatchCache<KubeObject>;

  constructor(
    readonly kind: Kind,
    readonly store: Store<KubeObject>,
    clock: Clock,
  ) {
    this.cache = new WatchCache({ store, clock, prefix: kind.prefix, terms: termsOf(kind) });
  }

  /** The key of one object; a cluster-scoped one has no namespace. */
  key(namespace: string, name: string): string {
    return this.kind.namespaced ? `${this.kind.prefix}${namespace}/${name}` : this.kind.prefix + name;
  }

  /** What the keys of a namespace start with; of all namespaces for ''. */
  prefix(namespace: string): string {
    return this.kind.namespaced && namespace !== '' ? `${this.kind.prefix}${namespace}/` : this.kind.prefix;
  }

  get(namespace: string, name: string): Promise<Entry<KubeObject> | undefined> {
    return this.store.get(this.key(namespace, name));
  }

  /** The object as far as the watch cache has seen, at once; undefined when it shows no such object, or nothing yet: then {@link get} tells. */
  known(namespace: string, name: string): Entry<KubeObject> | undefined {
    return this.cache.started ? this.cache.get(this.key(namespace, name)) : undefined;
  }
}

/** Every label, and the fields that the kind says are looked up by. */
function termsOf(kind: Kind): (object: KubeObject) => readonly string[] {
  const fields = kind.indexedFields.flatMap((field) => {
    const read = kind.selectableFields.get(field);
    return read === undefined ? [] : [{ field, read }];
  });
  return (object) => {
    const terms: string[] = [];
    const labels = object.metadata.labels;
    if (labels !== undefined) for (const key in labels) terms.push(labelTerm(key, labels[key]!));
    for (const { field, read } of fields) terms.push(fieldTerm(field, read(object)));
    return terms;
  };
}

/** All storages of a server, each made on first use. */
export class Storages {
  readonly #byPrefix = new Map<string, ResourceStorage>();

  constructor(
    readonly store: Store<KubeObject>,
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** The storage of a kind; of two versions of one kind, the same. */
  of(kind: Kind): ResourceStorage {
    let storage = this.#byPrefix.get(kind.prefix);
    if (storage === undefined) this.#byPrefix.set(kind.prefix, (storage = new ResourceStorage(this.#stored(kind), this.store, this.clock)));
    return storage;
  }

  /** Forgets the storage of a kind that is no more; one that comes in its place gets another. */
  forget(prefix: string): void {
    this.#byPrefix.get(prefix)?.cache.close();
    this.#byPrefix.delete(prefix);
  }

  /** The version that is stored, which the indexes read. */
  #stored(kind: Kind): Kind {
    const as = kind.conversion?.storedAs;
    return (as === undefined ? undefined : this.registry.byResource(as.group, as.version, kind.resource)) ?? kind;
  }
}
