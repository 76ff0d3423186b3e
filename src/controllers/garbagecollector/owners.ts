// Whether owners are still there: by the graph, and where it does not know, by the server.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
import type { ObjectReference } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, OwnerReference } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { createBoundedMap } from '../../client/events/bounded-map.js';
import { breathe } from '../../clock/slices.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { isAt, isForegroundDeleting, ownersOf, type Graph } from './graph.js';

/** The owners of an object by what they mean for it. */
export interface ClassifiedOwners {
  /** There, or nobody can say that it is not. */
  readonly solid: readonly OwnerReference[];
  /** Gone for good. */
  readonly dangling: readonly OwnerReference[];
  /** In foreground deletion: waits for its dependents. */
  readonly waiting: readonly OwnerReference[];
}

export interface OwnerCheck {
  classify(object: KubeObject): Promise<ClassifiedOwners>;
}

export interface OwnerCheckOptions {
  readonly client: Client;
  readonly graph: Graph;
  readonly recorder: EventRecorder;
  /** The resource of a kind, when it is served. */
  resourceOf(apiVersion: string, kind: string): ResourceType | undefined;
}

const remembered = 1000;
/** So many owners of one object are asked for at a time. Not so many milliseconds: what happens when must not depend on the machine. */
const ownersAtOnce = 200;

export function createOwnerCheck(options: OwnerCheckOptions): OwnerCheck {
  const { client, graph, recorder } = options;
  /** Owners that the server did not have. Uids never come back. */
  const absent = createBoundedMap<string, true>(remembered);

  const invalidNamespace = (object: KubeObject, owner: OwnerReference): void => {
    const { namespace = '', name, uid } = object.metadata;
    const about: ObjectReference = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      uid,
      ...(namespace === '' ? {} : { namespace }),
    };
    const reference = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
    recorder.event(about, 'Warning', 'OwnerRefInvalidNamespace', `ownerRef ${reference} does not exist in namespace "${namespace}"`);
  };

  const askServer = async (object: KubeObject, owner: OwnerReference): Promise<keyof ClassifiedOwners> => {
    const { namespace = '' } = object.metadata;
    const type = options.resourceOf(owner.apiVersion, owner.kind);
    // Of a kind that is not served nobody can say whether it is there.
    if (type === undefined) return 'solid';
    if (type.namespaced && namespace === '') {
      invalidNamespace(object, owner);
      return 'solid';
    }
    const key = JSON.stringify([owner.uid, owner.apiVersion, owner.kind, owner.name, namespace]);
    if (absent.get(key)) return 'dangling';
    try {
      const found = await client.get(type, { name: owner.name, ...(type.namespaced ? { namespace } : {}) });
      if (found.metadata.uid === owner.uid) return isForegroundDeleting(found) ? 'waiting' : 'solid';
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
    const elsewhere = graph.get(owner.uid);
    if (elsewhere !== undefined && elsewhere.type.namespaced && elsewhere.object.metadata.namespace !== namespace)
      invalidNamespace(object, owner);
    absent.set(key, true);
    return 'dangling';
  };

  const stateOf = async (object: KubeObject, owner: OwnerReference): Promise<keyof ClassifiedOwners> => {
    const node = graph.get(owner.uid);
    if (node !== undefined && isAt(node, owner, object.metadata.namespace)) return isForegroundDeleting(node.object) ? 'waiting' : 'solid';
    return askServer(object, owner);
  };

  return {
    async classify(object) {
      const classified = { solid: [] as OwnerReference[], dangling: [] as OwnerReference[], waiting: [] as OwnerReference[] };
      for (const [index, owner] of ownersOf(object).entries()) {
        // Thousands of owners fit into an object, and the server may know none of them.
        if ((index + 1) % ownersAtOnce === 0) await breathe();
        classified[await stateOf(object, owner)].push(owner);
      }
      return classified;
    },
  };
}
