// Keeps what an authorizer knows as the objects of one kind are stored.
import type { KubeObject } from '../../apimachinery/object.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { Kind } from '../../registry/kind.js';
import type { StoreError, StoreEvent } from '../../storage/store.js';
import type { Storages } from '../core/resource-storage.js';

export interface Follower {
  /** All that there is, at the start and whenever the place in the stream of changes was lost. */
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject, previous: KubeObject | undefined): void;
  remove(object: KubeObject): void;
}

/** Resolves when the follower knows what is stored now; it is told of every change from then on. `what` is for the log. */
export async function followStored(storages: Storages, kind: Kind, follower: Follower, what: string, logger: Logger): Promise<void> {
  const { cache } = storages.of(kind);
  const { resource } = kind;
  await cache.fresh();
  const { entries } = cache.watch(
    {},
    {
      event: ({ type, entry, previous }: StoreEvent<KubeObject>) => {
        if (type === 'delete') follower.remove(entry.value);
        else follower.put(entry.value, previous?.value);
      },
      end: (error: StoreError) => {
        if (error.code === 'closed') return;
        logger.warn(`the ${what} lost its place and reads it again`, { resource, error: errorText(error) });
        followStored(storages, kind, follower, what, logger).catch((failure: unknown) =>
          logger.error(`the ${what} cannot be read again`, { resource, error: errorText(failure) }),
        );
      },
    },
  );
  follower.replace((entries ?? []).map(({ value }) => value));
}
