// A cluster of one or more simulated nodes on the memory client and a manual clock, for the tests beside the kubelet's code.
import type { Event, Node, Pod } from '../../../openapi/types/core.v1.js';
import { KubeletEndpoints, type LogOptions } from '../../client/kubelet-endpoint.js';
import { silentLogger } from '../../client/logger.js';
import { EVENTS, NODES, PODS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import { createMemoryClient, type MemoryClient, type MemoryReactor } from '../../client/testing/memory-client.js';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { createKubelets } from '../index.js';
import type { Kubelets, KubeletsOptions } from '../options.js';

export interface KubeletBench {
  readonly clock: ManualClock;
  readonly client: MemoryClient;
  readonly endpoints: KubeletEndpoints;
  readonly kubelets: Kubelets;
  /** Puts a pod on `node-0`, with one container `web` of the image `nginx` unless `spec` says otherwise. */
  pod(name: string, spec?: object, rest?: object): Pod;
  get(name: string): Promise<Pod>;
  node(name?: string): Promise<Node>;
  /** Reasons and messages of the events about an object, in the order in which they were written. */
  events(name: string): Promise<string[]>;
  /** The log of a pod's container as text; with `follow` until now. */
  log(name: string, options?: Partial<LogOptions>): Promise<string>;
  /** How many status writes the pod has had. */
  statusWrites(name: string): number;
}

/** Starts the nodes; node-0 has the range 10.244.0.0/24. */
export async function createBench(
  options: Partial<KubeletsOptions> & { readonly reactor?: MemoryReactor; readonly ranges?: boolean } = {},
): Promise<KubeletBench> {
  const { reactor, ranges = true, ...more } = options;
  const clock = manualClock();
  const client = createMemoryClient({ clock, ...(reactor ? { reactor } : {}) });
  const endpoints = new KubeletEndpoints();
  client.seed(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: 'default' } });
  const kubelets = createKubelets({
    count: 1,
    clientFor: () => client,
    endpoints,
    clock,
    random: seededRandom(7),
    logger: silentLogger,
    nodeAddress: '172.18.0.2',
    ...more,
  });
  const starting = kubelets.start();
  await clock.advance(0);
  await starting;
  if (ranges) await client.patch(NODES, { name: 'node-0' }, 'merge', { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] } });
  const get = (name: string): Promise<Pod> => client.get(PODS, { namespace: 'default', name });
  return {
    clock,
    client,
    endpoints,
    kubelets,
    get,
    pod: (name, spec = {}, rest = {}) =>
      client.seed<Pod>(PODS, {
        metadata: { name, namespace: 'default', ...rest },
        spec: { nodeName: 'node-0', restartPolicy: 'Always', containers: [{ name: 'web', image: 'nginx' }], ...spec },
        status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2025-12-31T23:59:59Z' }] },
      }),
    node: (name = 'node-0') => client.get(NODES, { name }),
    async events(name) {
      const { items } = await client.list<Event>(EVENTS, { namespace: 'default' });
      return items.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason, message }) => `${reason}: ${message}`);
    },
    async log(name, logOptions = {}) {
      const { metadata, spec } = await get(name);
      const chunks: Uint8Array[] = [];
      await endpoints
        .get('node-0')!
        .containerLogs(
          { namespace: 'default', name, uid: metadata.uid },
          { container: spec.containers[0]!.name, ...logOptions },
          { write: (chunk) => void chunks.push(chunk), end: () => {} },
        );
      return Buffer.concat(chunks).toString();
    },
    statusWrites: (name) =>
      client.requests.filter((one) => one.resource === 'pods' && one.name === name && one.subresource === 'status').length,
  };
}
