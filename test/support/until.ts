// Waits for a condition of the cluster by a watch: no polling, no sleeping.
import type { Client, KubeObject, ObjectKey, ResourceType } from '../../src/index.js';

const patience = 60_000;

/** Resolves with the object as soon as it is there and as wanted. Rejects with its last state after a minute. */
export function until<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  key: ObjectKey,
  wanted: (object: T) => boolean,
): Promise<T> {
  return waitFor(client, type, key, (object) => (object !== undefined && wanted(object) ? object : undefined));
}

/** Resolves as soon as there is no such object. */
export async function untilGone(client: Client, type: ResourceType, key: ObjectKey): Promise<void> {
  await waitFor(client, type, key, (object) => (object === undefined ? true : undefined));
}

/** Resolves with the objects of a list as soon as they are as wanted. */
export function untilList<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  { namespace, labelSelector }: { readonly namespace?: string; readonly labelSelector?: string },
  wanted: (objects: readonly T[]) => boolean,
): Promise<readonly T[]> {
  return new Promise((resolve, reject) => {
    const objects = new Map<string, T>();
    let listed = false;
    const check = (): void => {
      const now = [...objects.values()];
      if (!listed || !wanted(now)) return;
      finish();
      resolve(now);
    };
    const finish = (): void => {
      clearTimeout(timer);
      watch.stop();
    };
    const timer = setTimeout(() => {
      finish();
      reject(
        new Error(
          `${type.resource}: not as wanted after ${patience / 1000} s: ${JSON.stringify([...objects.values()].map(({ metadata }) => metadata.name))}`,
        ),
      );
    }, patience);
    const selector = { ...(namespace === undefined ? {} : { namespace }), ...(labelSelector === undefined ? {} : { labelSelector }) };
    const watch = client.watch(
      type,
      { ...selector, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
      {
        event: ({ type: change, object }) => {
          const { namespace: of = '', name } = object.metadata;
          if (change === 'BOOKMARK') listed = true;
          else if (change === 'DELETED') objects.delete(`${of}/${name}`);
          else objects.set(`${of}/${name}`, object);
          // The watch itself is known only after its first events.
          queueMicrotask(check);
        },
        end: (error) => {
          clearTimeout(timer);
          reject(error ?? new Error(`the watch of ${type.resource} has ended`));
        },
      },
    );
  });
}

async function waitFor<T extends KubeObject, R>(
  client: Client,
  type: ResourceType<T>,
  { namespace, name }: ObjectKey,
  decide: (object: T | undefined) => R | undefined,
): Promise<R> {
  let result: R | undefined;
  const ofKey = (objects: readonly T[]): T | undefined =>
    objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  await untilList(client, type, namespace === undefined ? {} : { namespace }, (objects) => {
    result = decide(ofKey(objects));
    return result !== undefined;
  });
  return result!;
}
