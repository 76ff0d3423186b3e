// The watch load: many watchers of one object that changes as fast as one client can change it.
import { ApiClient } from '../api-client.js';
import type { Target } from '../kubeconfig.js';

export interface FanOut {
  readonly eventsPerSecond: number;
  /** From the write's start to the event's arrival, in milliseconds, of every event that came. */
  readonly latencies: readonly number[];
  readonly delivered: number;
}

/** Servers allow at least 100 streams on a connection, so this many watches never wait for one. */
const watchesPerConnection = 50;
/** How long to wait for the last events, in milliseconds. */
const patience = 60_000;

interface ConfigMap {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
}

/** Watches one ConfigMap that is created and then replaced, `events` writes in all, each after the answer to the one before. */
export async function fanOut(target: Target, namespace: string, watchers: number, events: number): Promise<FanOut> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const writer = new ApiClient(target);
  const connections = Array.from({ length: Math.ceil(watchers / watchesPerConnection) }, () => new ApiClient(target));
  const latencies: number[] = [];
  let complete = (): void => {};
  const all = new Promise<void>((done) => (complete = done));
  const onLine = (line: string): void => {
    const { object } = JSON.parse(line) as { object: Partial<ConfigMap> };
    const written = Number(object.data?.['t']);
    if (!(written > 0)) return;
    latencies.push(performance.now() - written);
    if (latencies.length === watchers * events) complete();
  };
  try {
    await Promise.all(
      Array.from({ length: watchers }, (_, index) =>
        connections[index % connections.length]!.watch(`${path}?watch=true&fieldSelector=metadata.name%3Dtick`, onLine),
      ),
    );
    await pause(500);
    const started = performance.now();
    let map = await writer.json<ConfigMap>('POST', path, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tick' }, data: { t: String(performance.now()) } },
    });
    for (let written = 1; written < events; written++) {
      map = await writer.json<ConfigMap>('PUT', `${path}/tick`, { body: { ...map, data: { t: String(performance.now()) } } });
    }
    await Promise.race([all, pause(patience)]);
    return { eventsPerSecond: (latencies.length * 1000) / (performance.now() - started), latencies, delivered: latencies.length };
  } finally {
    writer.close();
    connections.forEach((connection) => connection.close());
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds).unref());
}
