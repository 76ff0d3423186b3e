// The nodes on which room is being made for pods, as their status says or as was decided a moment ago.
import type { Nominations, PodInfo } from './framework.js';

export interface MutableNominations extends Nominations {
  /** Notes that room is made there; undefined takes back what was noted. */
  set(pod: PodInfo, node: string | undefined): void;
  delete(key: string): void;
}

const none: readonly PodInfo[] = Object.freeze([]);

export function createNominations(): MutableNominations {
  const nodeOf = new Map<string, string>();
  const byNode = new Map<string, Map<string, PodInfo>>();
  const remove = (key: string): void => {
    const node = nodeOf.get(key);
    if (node === undefined) return;
    nodeOf.delete(key);
    const pods = byNode.get(node);
    if (pods?.delete(key) && pods.size === 0) byNode.delete(node);
  };
  return {
    of: (key) => nodeOf.get(key),
    get size() {
      return byNode.size;
    },
    on: (node) => {
      const pods = byNode.size === 0 ? undefined : byNode.get(node);
      return pods === undefined ? none : [...pods.values()];
    },
    set(pod, node) {
      remove(pod.key);
      if (node === undefined || node === '') return;
      nodeOf.set(pod.key, node);
      const pods = byNode.get(node);
      if (pods) pods.set(pod.key, pod);
      else byNode.set(node, new Map([[pod.key, pod]]));
    },
    delete: remove,
  };
}
