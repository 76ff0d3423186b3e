// A pod's affinity to and from other pods, parsed.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../../openapi/types/core.v1.js';
import { createPodSelector, type PodSelector } from './pod-selector.js';

export type PodTermKind = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';

/** One term: pods that `selector` chooses, within one value of the node label `topologyKey`. */
export interface PodTerm {
  readonly kind: PodTermKind;
  readonly selector: PodSelector;
  readonly topologyKey: string;
  /** 1 to 100 for preferred terms, otherwise 0. */
  readonly weight: number;
  /** The same for terms that mean the same. */
  readonly id: string;
}

export interface PodTerms {
  readonly all: readonly PodTerm[];
  readonly requiredAffinity: readonly PodTerm[];
  readonly requiredAntiAffinity: readonly PodTerm[];
  readonly preferred: readonly PodTerm[];
}

/** Undefined: the pod has none. The label keys of `matchLabelKeys` are in the selectors already: the API server puts them there. */
export function podTermsOf({ metadata, spec }: Pod): PodTerms | undefined {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return undefined;
  const namespace = metadata.namespace ?? '';
  const term = (
    kind: PodTermKind,
    weight: number,
    { topologyKey, labelSelector, namespaces, namespaceSelector }: PodAffinityTerm,
  ): PodTerm => {
    const selector = createPodSelector({
      // Without names and without a selector of namespaces, the pod's own is meant.
      namespaces: namespaces?.length || namespaceSelector ? (namespaces ?? []) : [namespace],
      namespaceSelector,
      labelSelector,
    });
    return { kind, selector, topologyKey, weight, id: `${kind} ${weight} ${topologyKey} ${selector.id}` };
  };
  const required = (kind: PodTermKind, terms: readonly PodAffinityTerm[] = []): PodTerm[] => terms.map((one) => term(kind, 0, one));
  const preferred = (kind: PodTermKind, terms: readonly WeightedPodAffinityTerm[] = []): PodTerm[] =>
    terms.filter(({ weight }) => weight !== 0).map(({ weight, podAffinityTerm }) => term(kind, weight, podAffinityTerm));
  const requiredAffinity = required('requiredAffinity', podAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const requiredAntiAffinity = required('requiredAntiAffinity', podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const preferredTerms = [
    ...preferred('preferredAffinity', podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    ...preferred('preferredAntiAffinity', podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  ];
  const all = [...requiredAffinity, ...requiredAntiAffinity, ...preferredTerms];
  return all.length === 0 ? undefined : { all, requiredAffinity, requiredAntiAffinity, preferred: preferredTerms };
}
