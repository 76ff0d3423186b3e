// Tries on a copy of a node which pods would have to go.
import { createTrial, rejectionOf, withNominated } from '../cycle/filtering.js';
import type { NamedCheck, NodeInfo, Nominations, PodInfo, Rejection } from '../framework.js';
import type { Budgets } from './budgets.js';
import type { Candidate } from './candidates.js';
import { byImportance } from './importance.js';

/** The fewest and least important pods that must go; or why their removal does not help. */
export function tryNode(
  pod: PodInfo,
  node: NodeInfo,
  checks: readonly NamedCheck[],
  nominations: Nominations,
  budgets: Budgets,
): Candidate | Rejection | 'noVictims' {
  const lower = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return 'noVictims';
  const trial = createTrial(node, checks);
  for (const other of lower) trial.remove(other);
  const rejection = (): Rejection | undefined => withNominated(nominations, pod, trial.node, trial.checks, rejectionOf)?.rejection;
  const withoutAll = rejection();
  if (withoutAll !== undefined) return withoutAll;

  // As many as possible come back: first those that a budget protects, and of these the most important first.
  const { violating, others } = budgets.split(lower.sort(byImportance));
  const victims: PodInfo[] = [];
  const comesBack = (other: PodInfo): boolean => {
    trial.add(other);
    if (rejection() === undefined) return true;
    trial.remove(other);
    victims.push(other);
    return false;
  };
  const violations = violating.filter((other) => !comesBack(other)).length;
  for (const other of others) comesBack(other);
  return victims.length === 0 ? 'noVictims' : { node, victims: victims.sort(byImportance), violations };
}
