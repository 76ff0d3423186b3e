// Watches of a cluster in process: what is there, then what happens, in order.
import { resources, startCluster, type Cluster, type WatchEvent, type WatchHandle } from '../../src/index.js';

const { CONFIG_MAPS } = resources;
type ConfigMap = Awaited<ReturnType<typeof created>>;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
});

afterAll(() => cluster.stop());

const draft = (name: string, data: Readonly<Record<string, string>> = { a: '1' }, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace: 'default', labels },
  data,
});
const created = (name: string, data?: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>) =>
  cluster.client.create(CONFIG_MAPS, draft(name, data, labels));
const withData = (object: ConfigMap, data: Readonly<Record<string, string>>): ConfigMap => ({ ...object, data });
const key = (name: string) => ({ namespace: 'default', name });

describe('watches', () => {
  /** Watches config maps with a label and gathers what happens. */
  const gather = (
    labelSelector: string,
    options: { resourceVersion?: string } = {},
  ): { events: string[]; watch: WatchHandle; seen: (wanted: string) => Promise<void> } => {
    const events: string[] = [];
    const waiting = new Map<string, () => void>();
    const event = ({ type, object }: WatchEvent<ConfigMap>): void => {
      const text = `${type} ${object.metadata.name}`;
      events.push(text);
      waiting.get(text)?.();
    };
    const watch = cluster.client.watch(
      CONFIG_MAPS,
      { namespace: 'default', labelSelector, ...options },
      { event, end: () => events.push('END') },
    );
    const seen = (wanted: string): Promise<void> =>
      events.includes(wanted) ? Promise.resolve() : new Promise((resolve) => waiting.set(wanted, resolve));
    return { events, watch, seen };
  };

  it('what is there, then what happens, in order', async () => {
    await created('w1', {}, { watched: 'a' });
    const { events, watch, seen } = gather('watched=a');
    await seen('ADDED w1');
    const second = await created('w2', {}, { watched: 'a' });
    await created('other');
    await cluster.client.update(CONFIG_MAPS, withData(second, { b: '2' }));
    await cluster.client.delete(CONFIG_MAPS, key('w1'));
    await seen('DELETED w1');
    watch.stop();
    expect(events).toEqual(['ADDED w1', 'ADDED w2', 'MODIFIED w2', 'DELETED w1']);
  });

  it('an object that no longer fits the selector is deleted for the watcher', async () => {
    const object = await created('leaves', {}, { watched: 'b' });
    const { events, watch, seen } = gather('watched=b', { resourceVersion: object.metadata.resourceVersion });
    await cluster.client.patch(CONFIG_MAPS, key('leaves'), 'merge', { metadata: { labels: { watched: null } } });
    await seen('DELETED leaves');
    await cluster.client.patch(CONFIG_MAPS, key('leaves'), 'merge', { metadata: { labels: { watched: 'b' } } });
    await seen('ADDED leaves');
    watch.stop();
    expect(events).toEqual(['DELETED leaves', 'ADDED leaves']);
  });

  it('after stop nothing comes', async () => {
    const { events, watch, seen } = gather('watched=c');
    const witness = gather('watched=c');
    await created('c1', {}, { watched: 'c' });
    await Promise.all([seen('ADDED c1'), witness.seen('ADDED c1')]);
    watch.stop();
    watch.stop();
    await created('c2', {}, { watched: 'c' });
    await witness.seen('ADDED c2');
    witness.watch.stop();
    expect(events).toEqual(['ADDED c1']);
  });
});
