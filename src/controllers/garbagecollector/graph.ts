// Who owns whom, over all objects of the cluster, as the informers tell it.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
import type { KubeObject, OwnerReference } from '../../apimachinery/object.js';
import type { ResourceType } from '../../client/client.js';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** An object of the graph in its last known state. */
export interface GraphNode {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** Uids to look at again: `check` as dependents or as owners in foreground deletion, `orphan` as owners that let go. */
export interface GraphNews {
  check(uid: string): void;
  orphan(uid: string): void;
}

export interface Graph {
  get(uid: string): GraphNode | undefined;
  /** Those with an owner reference to this uid, whether the owner is there or not. */
  dependentsOf(uid: string): GraphNode[];
  put(type: ResourceType, object: KubeObject): void;
  remove(uid: string): void;
  /** Removes all objects of a resource that is no more. */
  removeAll(type: ResourceType): void;
  /** How many objects it knows. */
  readonly size: number;
}

const none: readonly OwnerReference[] = [];

export function ownersOf(object: KubeObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? none;
}

function isDeletingWith(object: KubeObject, finalizer: string): boolean {
  return object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers?.includes(finalizer) ?? false);
}

/** It waits for its dependents to go first. */
export function isForegroundDeleting(object: KubeObject): boolean {
  return isDeletingWith(object, foregroundFinalizer);
}

/** Makes an empty graph. */
export function createGraph(news: GraphNews): Graph {
  const nodes = new Map<string, GraphNode>();
  const dependents = new Map<string, Set<string>>();

  const link = (owner: string, dependent: string): void => {
    const known = dependents.get(owner);
    if (known) known.add(dependent);
    else dependents.set(owner, new Set([dependent]));
  };
  const unlink = (owner: string, dependent: string): void => {
    const known = dependents.get(owner);
    if (known?.delete(dependent) && known.size === 0) dependents.delete(owner);
  };
  /** An owner that waits for its dependents may wait for one less. */
  const tellWaiting = (owner: string): void => {
    const node = nodes.get(owner);
    if (node !== undefined && isForegroundDeleting(node.object)) news.check(owner);
  };
  const relink = (uid: string, before: readonly OwnerReference[], after: readonly OwnerReference[]): void => {
    for (const owner of after) if (!before.some((one) => one.uid === owner.uid)) link(owner.uid, uid);
    for (const owner of before) {
      const still = after.find((one) => one.uid === owner.uid);
      if (still === undefined) unlink(owner.uid, uid);
      if (still?.blockOwnerDeletion !== owner.blockOwnerDeletion) tellWaiting(owner.uid);
    }
  };

  return {
    get: (uid) => nodes.get(uid),
    dependentsOf: (uid) => [...(dependents.get(uid) ?? [])].flatMap((dependent) => nodes.get(dependent) ?? []),
    get size() {
      return nodes.size;
    },
    put(type, object) {
      const { uid } = object.metadata;
      const before = nodes.get(uid)?.object;
      const owners = ownersOf(object);
      nodes.set(uid, { type, object });
      if (before !== undefined || owners.length > 0) relink(uid, before === undefined ? none : ownersOf(before), owners);
      if (isDeletingWith(object, orphanFinalizer)) news.orphan(uid);
      if (isForegroundDeleting(object)) {
        news.check(uid);
        if (before === undefined || !isForegroundDeleting(before)) for (const dependent of dependents.get(uid) ?? []) news.check(dependent);
      }
      const doubtful = owners.some((owner) => {
        const node = nodes.get(owner.uid);
        return node === undefined || isForegroundDeleting(node.object) || !isAt(node, owner, object.metadata.namespace);
      });
      if (doubtful) news.check(uid);
    },
    remove(uid) {
      const node = nodes.get(uid);
      if (node === undefined) return;
      nodes.delete(uid);
      for (const owner of ownersOf(node.object)) {
        unlink(owner.uid, uid);
        tellWaiting(owner.uid);
      }
      for (const dependent of dependents.get(uid) ?? []) news.check(dependent);
    },
    removeAll({ group, resource }) {
      for (const [uid, { type }] of nodes) if (type.group === group && type.resource === resource) this.remove(uid);
    },
  };
}

/** Whether an owner is what a reference in this namespace says: kind, name, and the same namespace or none. */
export function isAt({ type, object }: GraphNode, reference: OwnerReference, namespace: string | undefined): boolean {
  const slash = reference.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
  return (
    type.group === group &&
    object.metadata.name === reference.name &&
    type.kind === reference.kind &&
    (!type.namespaced || object.metadata.namespace === namespace)
  );
}
