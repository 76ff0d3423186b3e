// A client with a bound on requests under way, so that a node with many changes at once does not flood the API server.
import type { Client } from '../client/client.js';

/** Like `client`, but at most `limit` requests at a time; the others wait in order. Watches do not count. After `signal` every request is refused. */
export function limitClient(client: Client, limit: number, signal: AbortSignal): Client {
  const waiting: (() => void)[] = [];
  let first = 0;
  let running = 0;

  const release = (): void => {
    const next = waiting[first];
    if (next === undefined) {
      running--;
      return;
    }
    first++;
    if (first === waiting.length) {
      waiting.length = 0;
      first = 0;
    }
    next();
  };
  const run = async <R>(request: () => Promise<R>): Promise<R> => {
    if (running < limit) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (signal.aborted) throw new Error('the node is turned off');
      return await request();
    } finally {
      release();
    }
  };
  return {
    get: (...args) => run(() => client.get(...args)),
    list: (...args) => run(() => client.list(...args)),
    watch: (...args) => client.watch(...args),
    create: (...args) => run(() => client.create(...args)),
    update: (...args) => run(() => client.update(...args)),
    patch: (...args) => run(() => client.patch(...args)),
    delete: (...args) => run(() => client.delete(...args)),
    deleteCollection: (...args) => run(() => client.deleteCollection(...args)),
    discover: () => run(() => client.discover()),
  };
}
