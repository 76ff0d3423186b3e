// Waits until a new cluster can be used.
import type { Node } from '../../openapi/types/core.v1.js';
import type { Client } from '../client/client.js';
import { NODES } from '../client/resources.js';
import type { Clock } from '../clock/clock.js';

/** How long nodes may take, in milliseconds of the clock. */
const patience = 60_000;

/** Resolves when all these nodes are Ready. Rejects with an Error that names those that are not in time. */
export function waitForNodes(client: Client, names: readonly string[], clock: Clock): Promise<void> {
  const waiting = new Set(names);
  if (waiting.size === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      timer.cancel();
      watch.stop();
      if (error === undefined) resolve();
      else reject(error);
    };
    const timer = clock.after(patience, () =>
      done(new Error(`nodes not ready after ${patience / 1000} s: ${[...waiting].slice(0, 5).join(', ')}`)),
    );
    const watch = client.watch(
      NODES,
      {},
      {
        event: ({ object }) => {
          if (isReady(object)) waiting.delete(object.metadata.name);
          // The watch itself is known only after its first events.
          if (waiting.size === 0) queueMicrotask(() => done());
        },
        end: (error) => done(error ?? new Error('the watch of nodes ended before they were ready')),
      },
    );
  });
}

function isReady({ status }: Node): boolean {
  return status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;
}
