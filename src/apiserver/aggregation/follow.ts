// Follows the stored objects of one resource, whatever happens to the watch.
import type { KubeObject } from '../../apimachinery/object.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { ResourceStorage } from '../core/resource-storage.js';

export interface Follower {
  /** It is there, or has changed. Must be quick and must not throw. */
  put(object: KubeObject): void;
  /** It is there no more. */
  gone(object: KubeObject): void;
}

/** How long until a lost watch is begun again, in milliseconds. */
const pause = 1000;

/** Resolves when all that there is has been put; follows every change until the returned function is called. */
export async function follow(
  { cache }: ResourceStorage,
  follower: Follower,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<() => void> {
  const known = new Map<string, KubeObject>();
  let stopped = false;
  let watch: { stop(): void } | undefined;
  const put = (key: string, object: KubeObject): void => {
    known.set(key, object);
    follower.put(object);
  };
  const gone = (key: string, object: KubeObject): void => {
    known.delete(key);
    follower.gone(object);
  };
  const begin = async (): Promise<void> => {
    await cache.fresh();
    if (stopped) return;
    const watching = cache.watch(
      {},
      {
        event: ({ type, entry }) => (type === 'delete' ? gone(entry.key, entry.value) : put(entry.key, entry.value)),
        end: (error) => {
          if (stopped || error.code === 'closed') return;
          logger.debug('a watch of the aggregation layer ended and begins again', { error: errorText(error) });
          again();
        },
      },
    );
    watch = watching;
    const entries = watching.entries ?? [];
    const there = new Set(entries.map(({ key }) => key));
    for (const [key, object] of [...known]) if (!there.has(key)) gone(key, object);
    for (const { key, value } of entries) if (known.get(key) !== value) put(key, value);
  };
  const again = (): void => {
    clock.after(pause, () => {
      if (!stopped) begin().catch(again);
    });
  };
  await begin();
  return () => {
    stopped = true;
    watch?.stop();
  };
}
