// The best of the nodes that do.
import type { NodeInfo, PodInfo } from '../framework.js';
import type { Profile } from '../profile/profile.js';

/** One plugin's scores, in the order of the nodes. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  /** From 0 to 100. */
  readonly normalized: readonly number[];
}

/** What every plugin that has an opinion says of the nodes. */
export function scoresOf(pod: PodInfo, nodes: readonly NodeInfo[], { scores }: Profile): readonly PluginScores[] {
  return scores.flatMap(({ plugin, weight }) => {
    const scorer = plugin.preScore(pod, nodes);
    if (scorer === undefined) return [];
    const raw = nodes.map((node) => scorer.score(node));
    const normalized = [...raw];
    scorer.normalize?.(normalized, nodes);
    return [{ plugin: plugin.name, weight, raw, normalized }];
  });
}

/** Makes the function that chooses; it remembers whose turn it is among equals. */
export function createScoring(): (
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  profile: Profile,
  /** Added to what the plugins say, by node. */
  extra?: ReadonlyMap<string, number>,
) => NodeInfo {
  let turn = 0;
  let totals = new Float64Array(128);
  const scores: number[] = [];

  return (pod, feasible, profile, extra) => {
    const size = feasible.length;
    if (size === 1) return feasible[0]!;
    if (totals.length < size) totals = new Float64Array(2 * size);
    totals.fill(0, 0, size);
    for (const { plugin, weight } of profile.scores) {
      const scorer = plugin.preScore(pod, feasible);
      if (scorer === undefined) continue;
      scores.length = size;
      for (let i = 0; i < size; i++) scores[i] = scorer.score(feasible[i]!);
      scorer.normalize?.(scores, feasible);
      for (let i = 0; i < size; i++) totals[i]! += scores[i]! * weight;
    }
    if (extra !== undefined) for (let i = 0; i < size; i++) totals[i]! += extra.get(feasible[i]!.name) ?? 0;
    let highest = -Infinity;
    let equals = 0;
    for (let i = 0; i < size; i++) {
      if (totals[i]! > highest) {
        highest = totals[i]!;
        equals = 1;
      } else if (totals[i] === highest) equals++;
    }
    let chosen = turn++ % equals;
    for (let i = 0; i < size; i++) if (totals[i] === highest && chosen-- === 0) return feasible[i]!;
    return feasible[0]!;
  };
}
