// A pod's topology spread constraints, compiled; for pods without any, the ones of the profile.
// https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
import type { Pod, TopologySpreadConstraint } from '../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import type { LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';
import type { NodeInfo, PodInfo, Rejection } from '../framework.js';
import { createPodSelector, type PodSelector } from '../topology/pod-selector.js';
import { labelOf } from '../topology/tally.js';
import { toleratedByAny } from '../../apimachinery/placement/tolerations.js';

export interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: PodSelector;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

export interface Constraints {
  readonly hard: readonly Constraint[];
  readonly soft: readonly Constraint[];
  /** Whether nodes that lack one of the topology keys are left out of the scores. */
  readonly allKeys: boolean;
}

type Definition = Omit<TopologySpreadConstraint, 'labelSelector'>;

/** What the profile asks for when a pod does not say. */
export type DefaultConstraints = readonly Definition[];

/** With `defaultingType: System`. They only give a preference, and do not need every node to have both labels. */
export const systemConstraints: DefaultConstraints = [
  { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

export const missingLabel: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
};

function compile(definition: Definition, namespace: string, labelSelector: LabelSelector | LabelSelectorMatcher | undefined): Constraint {
  return {
    topologyKey: definition.topologyKey,
    maxSkew: definition.maxSkew,
    minDomains: definition.minDomains ?? 1,
    selector: createPodSelector({ namespaces: [namespace], labelSelector }),
    honorAffinity: (definition.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: (definition.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
  };
}

/** The constraints of the pod itself. The label keys of `matchLabelKeys` are in the selectors already: the API server puts them there. */
export function ownConstraints({ metadata, spec }: Pod): Constraints | undefined {
  const all = spec.topologySpreadConstraints;
  if (all === undefined || all.length === 0) return undefined;
  return split(all, (one) => compile(one, metadata.namespace ?? '', one.labelSelector), true);
}

/** The profile's, for the pods of the same service and workload. */
export function defaultedConstraints(
  { metadata }: Pod,
  defaults: DefaultConstraints,
  selector: LabelSelectorMatcher,
  allKeys: boolean,
): Constraints {
  return split(defaults, (one) => compile(one, metadata.namespace ?? '', selector), allKeys);
}

function split<T extends Definition>(all: readonly T[], of: (one: T) => Constraint, allKeys: boolean): Constraints {
  return {
    hard: all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule').map(of),
    soft: all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'DoNotSchedule').map(of),
    allKeys,
  };
}

/** Whether the pods of this node are looked at, as the constraint's policies say. */
export function counts({ honorAffinity, honorTaints }: Constraint, pod: PodInfo, node: NodeInfo): boolean {
  if (honorAffinity && pod.required !== undefined && !pod.required(node.name, node.labels)) return false;
  if (!honorTaints) return true;
  for (const taint of node.hardTaints) if (!toleratedByAny(pod.tolerations, taint)) return false;
  return true;
}

export function hasAllKeys(constraints: readonly Constraint[], { labels }: NodeInfo): boolean {
  for (const { topologyKey } of constraints) if (labelOf(labels, topologyKey) === undefined) return false;
  return true;
}
