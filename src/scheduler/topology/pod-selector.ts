// Which pods a term of affinity or a spread constraint is about: namespaces and labels.
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { compileLabelSelector, type Labels, type LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';

/** The labels of a namespace; undefined when it is not known. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

export interface PodSelector {
  /** The same for selectors that mean the same. */
  readonly id: string;
  readonly namespaces: readonly string[];
  /** Namespaces are also chosen by labels. */
  readonly namespaceSelector: LabelSelectorMatcher | undefined;
  readonly labels: LabelSelectorMatcher;
  /** `key=value` texts of which a pod must have one among its labels; undefined: there is no such list. */
  readonly anyOf: readonly string[] | undefined;
  /** Absent labels match nothing but a selector that asks for no label. */
  matches(namespace: string, labels: Labels | undefined, namespaceLabels: NamespaceLabels): boolean;
}

export interface PodSelectorParts {
  readonly namespaces: readonly string[];
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly labelSelector: LabelSelector | LabelSelectorMatcher | undefined;
}

function isMatcher(selector: LabelSelector | LabelSelectorMatcher): selector is LabelSelectorMatcher {
  return 'requirements' in selector;
}

export function createPodSelector({ namespaces, namespaceSelector, labelSelector }: PodSelectorParts): PodSelector {
  const labels = labelSelector !== undefined && isMatcher(labelSelector) ? labelSelector : compileLabelSelector(labelSelector);
  const ofNamespaces = namespaceSelector === undefined ? undefined : compileLabelSelector(namespaceSelector);
  const names = [...new Set(namespaces)].sort();
  const chosenByLabels = (namespace: string, namespaceLabels: NamespaceLabels): boolean => {
    if (ofNamespaces === undefined) return false;
    if (ofNamespaces.everything) return true;
    const known = namespaceLabels(namespace);
    return known !== undefined && ofNamespaces.matches(known);
  };
  return {
    id: JSON.stringify([names, ofNamespaces?.toString(), labels.nothing, labels.toString()]),
    namespaces: names,
    namespaceSelector: ofNamespaces,
    labels,
    anyOf: requiredValues(labels),
    matches: (namespace, podLabels, namespaceLabels) =>
      labels.matches(podLabels) && (names.includes(namespace) || chosenByLabels(namespace, namespaceLabels)),
  };
}

function requiredValues({ requirements, nothing }: LabelSelectorMatcher): readonly string[] | undefined {
  if (nothing) return [];
  for (const { key, operator, values } of requirements) {
    if (operator === '=' || operator === '==' || operator === 'in') return [...values].map((value) => labelText(key, value));
  }
  return undefined;
}

export function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}

/** The pods that all of these choose. */
export function allOf(selectors: readonly PodSelector[]): PodSelector {
  const distinct = [...new Map(selectors.map((one) => [one.id, one])).values()];
  const [first] = distinct;
  if (first === undefined) throw new RangeError('of no selector at all there is no common one');
  if (distinct.length === 1) return first;
  return {
    id: `all ${JSON.stringify(distinct.map(({ id }) => id).sort())}`,
    namespaces: first.namespaces,
    namespaceSelector: distinct.find(({ namespaceSelector }) => namespaceSelector !== undefined)?.namespaceSelector,
    labels: first.labels,
    anyOf: first.anyOf,
    matches: (namespace, labels, namespaceLabels) => distinct.every((one) => one.matches(namespace, labels, namespaceLabels)),
  };
}
