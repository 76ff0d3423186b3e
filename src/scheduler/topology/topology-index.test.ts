// The counts that follow events are those of a count from nothing, whatever happens in whatever order.
import { seededRandom } from '../../clock/random.js';
import { createNodeCache } from '../cycle/node-cache.js';
import { createPodInfo } from '../cycle/pod-info.js';
import { createResourceReader } from '../cycle/resources.js';
import { nodeOf, podOf } from '../testing/world.js';
import { createPodSelector } from './pod-selector.js';
import { createTopologyIndex } from './topology-index.js';

const zone = 'topology.kubernetes.io/zone';
const selectors = [
  createPodSelector({ namespaces: ['a'], labelSelector: { matchLabels: { app: 'x' } } }),
  createPodSelector({ namespaces: ['a', 'b'], labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['x', 'y'] }] } }),
  createPodSelector({ namespaces: [], namespaceSelector: { matchLabels: { team: 't' } }, labelSelector: {} }),
  createPodSelector({ namespaces: ['b'], labelSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'] }] } }),
];

function emptyCluster(namespaces: Map<string, Record<string, string>>) {
  const reader = createResourceReader();
  const topology = createTopologyIndex((name) => namespaces.get(name));
  return { reader, topology, cache: createNodeCache(reader, topology) };
}

test.each([1, 2, 3, 4, 5])('seed %d', (seed) => {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!;
  const namespaces = new Map<string, Record<string, string>>([['a', { team: 't' }], ['b', {}]]); // prettier-ignore
  const watched = emptyCluster(namespaces);
  const nodes = new Map<string, ReturnType<typeof nodeOf>>();
  const pods = new Map<string, { readonly pod: ReturnType<typeof podOf>; readonly node: string }>();
  const avoiding = (app: string) => ({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: zone, labelSelector: { matchLabels: { app } } }],
      },
    },
  });

  const step = (): void => {
    const kind = random.next();
    if (kind < 0.15) {
      const node = nodeOf(`n${Math.floor(random.next() * 5)}`, { labels: random.next() < 0.2 ? {} : { [zone]: pick(['z1', 'z2']) } });
      nodes.set(node.metadata.name, node);
      watched.cache.setNode(node);
    } else if (kind < 0.2) {
      const name = `n${Math.floor(random.next() * 5)}`;
      nodes.delete(name);
      watched.cache.removeNode(name);
    } else if (kind < 0.25) {
      namespaces.set('b', random.next() < 0.5 ? { team: 't' } : {});
      watched.topology.namespaceChanged();
    } else if (kind < 0.4) {
      const key = pick([...pods.keys(), 'a/none']);
      pods.delete(key);
      watched.cache.removePod(key);
    } else {
      const namespace = pick(['a', 'b']);
      const pod = podOf(`p${Math.floor(random.next() * 20)}`, {
        namespace,
        labels: { app: pick(['x', 'y', 'z']) },
        spec: random.next() < 0.3 ? avoiding(pick(['x', 'y'])) : {},
        metadata: random.next() < 0.2 ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
      });
      const node = `n${Math.floor(random.next() * 5)}`;
      pods.set(`${namespace}/${pod.metadata.name}`, { pod, node });
      watched.cache.setPod(createPodInfo(pod, watched.reader), node);
    }
  };
  const look = ({ topology, cache, reader }: ReturnType<typeof emptyCluster>): unknown => ({
    counts: selectors.flatMap((selector) =>
      [true, false].map((live) => {
        const tally = topology.count(selector, live);
        return [tally.total, [...tally.by(zone)].sort(), ['n0', 'n1', 'n2', 'n3', 'n4'].map((name) => tally.onNode(name))];
      }),
    ),
    refusals: ['x', 'y'].map((app) =>
      topology
        .refusals(createPodInfo(podOf('asked', { namespace: 'a', labels: { app } }), reader))
        .map(({ term, tally }) => [term.id, tally.total, [...tally.by(zone)].sort()])
        .sort(),
    ),
    zones: [...cache.labelValues(zone)].sort(),
  });

  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 5; i++) step();
    const fresh = emptyCluster(namespaces);
    for (const node of nodes.values()) fresh.cache.setNode(node);
    for (const { pod, node } of pods.values()) fresh.cache.setPod(createPodInfo(pod, fresh.reader), node);
    expect(look(watched)).toEqual(look(fresh));
  }
});
