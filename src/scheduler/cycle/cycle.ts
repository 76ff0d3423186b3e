// One scheduling cycle: which nodes do for a pod, and which of them is best.
// https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/#kube-scheduler-implementation
import type { FilterPlugin, NodeInfo, PodInfo, Plugins, Rejection } from '../framework.js';
import { notNamed } from '../plugins/node-affinity.js';
import type { Diagnosis } from './diagnosis.js';
import type { NodeCache } from './node-cache.js';

export type Outcome = { readonly node: string } | { readonly diagnosis: Diagnosis };

/**
 * Once so many nodes do, the search ends and the best of them is taken, so that the work for a pod does not grow with the cluster.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/
 */
const enoughNodes = 100;

export interface Cycle {
  /** Finds the best node. Changes nothing but where the next search begins. */
  run(pod: PodInfo): Outcome;
}

/** Undefined: the node passes all filters. */
export function rejectionOf(filters: readonly FilterPlugin[], pod: PodInfo, node: NodeInfo): Rejection | undefined {
  for (const plugin of filters) {
    const rejection = plugin.filter(pod, node);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

export function createCycle(cache: NodeCache, plugins: Plugins): Cycle {
  /** Where the search among all nodes begins: it goes round, so that all nodes get their turn. */
  let start = 0;
  /** Whose turn it is among equally good nodes. */
  let turn = 0;

  const best = (pod: PodInfo, feasible: readonly NodeInfo[]): NodeInfo => {
    if (feasible.length === 1) return feasible[0]!;
    const totals = new Array<number>(feasible.length).fill(0);
    for (const plugin of plugins.scores) {
      if (plugin.applies?.(pod) === false) continue;
      const scores = feasible.map((node) => plugin.score(pod, node));
      plugin.normalize?.(scores);
      for (let i = 0; i < scores.length; i++) totals[i]! += scores[i]! * plugin.weight;
    }
    let highest = -1;
    let equals = 0;
    for (const total of totals) {
      if (total > highest) {
        highest = total;
        equals = 1;
      } else if (total === highest) equals++;
    }
    let chosen = turn++ % equals;
    return feasible.find((_node, i) => totals[i] === highest && chosen-- === 0)!;
  };

  return {
    run(pod) {
      const all = cache.nodes;
      const named = pod.onlyNodes?.map((name) => cache.get(name)).filter((node) => node?.node !== undefined) as NodeInfo[] | undefined;
      const candidates = named ?? all;
      const feasible: NodeInfo[] = [];
      const rejections: Rejection[] = [];
      const offset = named === undefined && all.length > 0 ? start % all.length : 0;
      let looked = 0;
      for (; looked < candidates.length && feasible.length < enoughNodes; looked++) {
        const place = offset + looked;
        const node = candidates[place < candidates.length ? place : place - candidates.length]!;
        const rejection = rejectionOf(plugins.filters, pod, node);
        if (rejection === undefined) feasible.push(node);
        else rejections.push(rejection);
      }
      if (named === undefined && all.length > 0) start = (offset + looked) % all.length;
      if (feasible.length > 0) return { node: best(pod, feasible).name };
      return { diagnosis: { nodes: all.length, rejections, leftOut: { count: all.length - candidates.length, rejection: notNamed } } };
    },
  };
}
