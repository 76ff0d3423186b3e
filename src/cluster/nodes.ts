// The worker nodes as users of a cluster see them: their names, and their power.
import type { Kubelets, NodePower } from '../kubelet/index.js';
import { OptionError } from './options.js';

/**
 * The names of the worker nodes, and turning them on and off. All methods are idempotent, and reject with OptionError for a name
 * that is no node of this process.
 */
export interface ClusterNodes extends ReadonlyArray<string> {
  /**
   * The node's kubelet falls silent while its containers run on: 40 to 50 seconds later the node is NotReady, its endpoints are gone, and its
   * pods are evicted once their `tolerationSeconds` are over.
   */
  stop(name: string): Promise<void>;
  /** The node's machine loses power: as {@link stop}, and its containers are gone. */
  drainPower(name: string): Promise<void>;
  /** Turns the node on (again). Resolves when its kubelet has registered; it is Ready soon after. */
  start(name: string): Promise<void>;
  /** `on`, `stopped` (its kubelet) or `off` (its machine). Throws OptionError for a name that is no node of this process. */
  power(name: string): NodePower;
}

/** An array of the names, with methods that neither a loop nor JSON shows. */
export function clusterNodes(names: readonly string[], kubelets: Kubelets | undefined): ClusterNodes {
  const node = (name: string): ReturnType<Kubelets['node']> => {
    if (kubelets === undefined || !names.includes(name)) throw new OptionError(`there is no node ${JSON.stringify(name)} in this process`);
    return kubelets.node(name);
  };
  const methods: Pick<ClusterNodes, 'stop' | 'start' | 'drainPower' | 'power'> = {
    stop: async (name) => node(name).stop(),
    start: async (name) => node(name).start(),
    drainPower: async (name) => node(name).drainPower(),
    power: (name) => node(name).power,
  };
  const array = [...names];
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(array, name, { value });
  return array as unknown as ClusterNodes;
}
