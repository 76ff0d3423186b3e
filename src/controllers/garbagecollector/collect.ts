// What happens to one object: deleted, freed from owners that are gone, or let go by an owner that waited.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
import type { KubeObject, OwnerReference } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import { forEachBounded } from '../shared/all.js';
import { foregroundFinalizer, isForegroundDeleting, orphanFinalizer, ownersOf, type Graph, type GraphNode } from './graph.js';
import type { OwnerCheck } from './owners.js';
import { unlessGone } from '../shared/gone.js';

export interface Collector {
  /** Looks at an object as a dependent, and as an owner in foreground deletion. */
  check(uid: string): Promise<void>;
  /** Takes an owner out of its dependents, then lets it go. */
  orphan(uid: string): Promise<void>;
}

const width = 16;

/** @param recheck queues a uid for another look */
export function createCollector(client: Client, graph: Graph, owners: OwnerCheck, recheck: (uid: string) => void): Collector {
  /** Writes metadata of the version that the graph knows; a newer one there is a conflict, and its event brings the object back. */
  const patch = async ({ type, object }: GraphNode, metadata: Readonly<Record<string, unknown>>): Promise<void> => {
    const { uid, resourceVersion } = object.metadata;
    await unlessGone(client.patch(type, object.metadata, 'merge', { metadata: { uid, resourceVersion, ...metadata } }));
  };
  const setOwners = (node: GraphNode, references: readonly OwnerReference[]): Promise<void> =>
    patch(node, { ownerReferences: references.length > 0 ? references : null });
  const removeFinalizer = (node: GraphNode, finalizer: string): Promise<void> => {
    const left = (node.object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    return patch(node, { finalizers: left.length > 0 ? left : null });
  };
  const remove = ({ type, object }: GraphNode, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Promise<void> => {
    const { uid, resourceVersion } = object.metadata;
    return unlessGone(client.delete(type, object.metadata, { propagationPolicy, preconditions: { uid, resourceVersion } }));
  };

  /** The owner goes once no dependent blocks it. */
  const waitForDependents = async (node: GraphNode): Promise<void> => {
    const { uid } = node.object.metadata;
    const dependents = graph.dependentsOf(uid);
    const blocking = dependents.filter(({ object }) =>
      ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    );
    if (blocking.length === 0) return removeFinalizer(node, foregroundFinalizer);
    for (const { object } of dependents) if (object.metadata.deletionTimestamp === undefined) recheck(object.metadata.uid);
  };

  /** In a circle of owners that all wait for each other, nobody blocks any more. */
  const breakCircle = async (node: GraphNode, waiting: readonly OwnerReference[]): Promise<boolean> => {
    const { object } = node;
    const circular = graph.dependentsOf(object.metadata.uid).some((dependent) => isForegroundDeleting(dependent.object));
    const blocking = waiting.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
    if (!circular || !blocking) return false;
    await setOwners(
      node,
      ownersOf(object).map((owner) => (waiting.includes(owner) ? { ...owner, blockOwnerDeletion: false } : owner)),
    );
    return true;
  };

  const policyOf = ({ metadata }: KubeObject): 'Background' | 'Foreground' | 'Orphan' => {
    if (metadata.finalizers?.includes(orphanFinalizer)) return 'Orphan';
    return metadata.finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
  };

  return {
    async check(uid) {
      const node = graph.get(uid);
      if (node === undefined) return;
      const { object } = node;
      if (isForegroundDeleting(object)) return waitForDependents(node);
      if (object.metadata.deletionTimestamp !== undefined || ownersOf(object).length === 0) return;
      const { solid, dangling, waiting } = await owners.classify(object);
      if (dangling.length === 0 && waiting.length === 0) return;
      if (solid.length > 0) return setOwners(node, solid);
      if (waiting.length > 0 && graph.dependentsOf(uid).length > 0) {
        // The event of this write brings the object back.
        if (await breakCircle(node, waiting)) return;
        return remove(node, 'Foreground');
      }
      return remove(node, policyOf(object));
    },
    async orphan(uid) {
      const node = graph.get(uid);
      if (
        node === undefined ||
        node.object.metadata.deletionTimestamp === undefined ||
        !node.object.metadata.finalizers?.includes(orphanFinalizer)
      )
        return;
      const [failure] = await forEachBounded(
        graph.dependentsOf(uid),
        width,
        (dependent) =>
        setOwners(dependent, ownersOf(dependent.object).filter((owner) => owner.uid !== uid)), // prettier-ignore
      );
      if (failure !== undefined) throw failure;
      await removeFinalizer(node, orphanFinalizer);
    },
  };
}
