// NodeResourcesBalancedAllocation: a node is better the more evenly its resources are used once the pod is there, compared with now.
import { amountOf } from '../cycle/resources.js';
import type { NodeInfo, Plugin, PluginArgs, PluginHandle, PodInfo } from '../framework.js';
import { resourcesOf } from './scoring-strategy.js';

const noPod = undefined;

export function nodeResourcesBalancedAllocation(_handle: PluginHandle, args: PluginArgs): Plugin {
  const names = resourcesOf('NodeResourcesBalancedAllocation', args['resources']).map(({ name }) => name);

  /** 100 when all shares in use are equal, 50 when they could not differ more: their standard deviation is taken off. */
  const balance = (node: NodeInfo, pod: PodInfo | undefined): number => {
    const shares: number[] = [];
    for (const name of names) {
      const capacity = amountOf(node.allocatable, name);
      if (capacity === 0) continue;
      const used = amountOf(node.requested, name) + (pod === undefined ? 0 : amountOf(pod.requests, name));
      shares.push(Math.min(used / capacity, 1));
    }
    return rounded(deviation(shares));
  };
  /** The same for CPU and memory alone, which nearly everybody has. */
  const balanceOfTwo = ({ allocatable, requested }: NodeInfo, pod: PodInfo | undefined): number => {
    if (allocatable.cpu === 0 || allocatable.memory === 0) return 100;
    const cpu = Math.min((requested.cpu + (pod?.requests.cpu ?? 0)) / allocatable.cpu, 1);
    const memory = Math.min((requested.memory + (pod?.requests.memory ?? 0)) / allocatable.memory, 1);
    return rounded(Math.abs(cpu - memory) / 2);
  };
  const measure = names.length === 2 && names.includes('cpu') && names.includes('memory') ? balanceOfTwo : balance;

  return {
    name: 'NodeResourcesBalancedAllocation',
    preScore(pod) {
      // A pod that asks for none of them changes no balance.
      if (names.every((name) => amountOf(pod.requests, name) === 0)) return undefined;
      // 75 where the balance stays as it is, 50 where it gets worst, 100 where it gets best.
      return { score: (node) => 75 + Math.floor((measure(node, pod) - measure(node, noPod)) / 2) };
    },
  };
}

/** A little is added against what floats lose. */
function rounded(deviationOfShares: number): number {
  return Math.floor((1 - deviationOfShares) * 100 + 1e-9);
}

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
