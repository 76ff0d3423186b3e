// All the nodes of a cluster: their names, and turning them on and off.
import { createKubelet, type Kubelet } from './kubelet.js';
import type { Kubelets, KubeletsOptions } from './options.js';

/** Nodes that register at the same time; the others wait their turn. */
const registrations = 64;

/** Makes the nodes; they are off until `start`. */
export function createKubelets(options: KubeletsOptions): Kubelets {
  const { count, nameOf = (index) => `node-${index}`, nodeAddress } = options;
  const kubelets = new Map<string, Kubelet>();
  for (let index = 0; index < count; index++) {
    const name = nameOf(index);
    if (kubelets.has(name)) throw new Error(`two nodes have the name ${JSON.stringify(name)}`);
    const address = typeof nodeAddress === 'string' ? nodeAddress : nodeAddress(index);
    kubelets.set(name, createKubelet({ ...options, name, index, address, client: options.clientFor(name) }));
  }
  return {
    nodes: [...kubelets.keys()],
    async start() {
      const waiting = kubelets.values();
      const startSome = async (): Promise<void> => {
        for (const kubelet of waiting) await kubelet.start();
      };
      await Promise.all(Array.from({ length: Math.min(registrations, count) }, startSome));
    },
    async stop() {
      await Promise.all([...kubelets.values()].map((kubelet) => kubelet.drainPower()));
    },
    node(name) {
      const kubelet = kubelets.get(name);
      if (!kubelet) throw new Error(`there is no node ${JSON.stringify(name)}`);
      return kubelet;
    },
  };
}
