// The terms of node affinity and node selectors, compiled.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../../openapi/types/core.v1.js';

/** Whether a node with this name and these labels matches. */
export type NodeMatcher = (name: string, labels: Readonly<Record<string, string>>) => boolean;

/** Numbers as labels hold them, for Gt and Lt: whole, in decimal; undefined otherwise. */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d{1,19}$/.test(text)) return undefined;
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

/** Longer lists are not gone through for each node. */
const longList = 8;

function amongThem(values: readonly string[]): (value: string) => boolean {
  if (values.length <= longList) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}

function compileRequirement({ operator, values = [] }: NodeSelectorRequirement): (value: string | undefined) => boolean {
  switch (operator) {
    case 'In': {
      const among = amongThem(values);
      return (value) => value !== undefined && among(value);
    }
    case 'NotIn': {
      const among = amongThem(values);
      return (value) => value === undefined || !among(value);
    }
    case 'Exists':
      return (value) => value !== undefined;
    case 'DoesNotExist':
      return (value) => value === undefined;
    case 'Gt':
    case 'Lt': {
      const limit = integer(values[0]);
      const sign = operator === 'Gt' ? 1n : -1n;
      return (value) => {
        const number = integer(value);
        return number !== undefined && limit !== undefined && (number - limit) * sign > 0n;
      };
    }
    default:
      return () => false;
  }
}

/** A term matches when all its requirements do; one without any matches nothing. */
export function compileTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  if (matchExpressions.length + matchFields.length === 0) return () => false;
  const labels = matchExpressions.map((one) => ({ key: one.key, holds: compileRequirement(one) }));
  const fields = matchFields.map((one) => ({ key: one.key, holds: compileRequirement(one) }));
  return (name, nodeLabels) =>
    labels.every(({ key, holds }) => holds(Object.hasOwn(nodeLabels, key) ? nodeLabels[key] : undefined)) &&
    fields.every(({ key, holds }) => key === 'metadata.name' && holds(name));
}

/** Whether one of the terms matches. Of very many, only those are looked at that may: they are found by the labels of the node. */
function compileTerms(terms: readonly NodeSelectorTerm[]): NodeMatcher {
  const byLabel = new Map<string, Map<string, NodeMatcher[]>>();
  const others: NodeMatcher[] = [];
  for (const term of terms) {
    const matcher = compileTerm(term);
    const asked = terms.length > longList ? term.matchExpressions?.find(({ operator }) => operator === 'In') : undefined;
    if (asked === undefined) {
      others.push(matcher);
      continue;
    }
    let byValue = byLabel.get(asked.key);
    if (byValue === undefined) byLabel.set(asked.key, (byValue = new Map<string, NodeMatcher[]>()));
    for (const value of new Set(asked.values)) {
      const known = byValue.get(value);
      if (known === undefined) byValue.set(value, [matcher]);
      else known.push(matcher);
    }
  }
  return (name, labels) => {
    for (const [key, byValue] of byLabel) {
      if (Object.hasOwn(labels, key) && byValue.get(labels[key]!)?.some((matches) => matches(name, labels)) === true) return true;
    }
    return others.some((matches) => matches(name, labels));
  };
}

/** The node selector and the required affinity of a pod, both of which must match; undefined: it has neither. */
export function compileRequired(spec: PodSpec): NodeMatcher | undefined {
  const selector = Object.entries(spec.nodeSelector ?? {});
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (selector.length === 0 && terms === undefined) return undefined;
  const matchesTerms = terms === undefined ? undefined : compileTerms(terms);
  return (name, labels) =>
    selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    (matchesTerms === undefined || matchesTerms(name, labels));
}

/** The nodes named by the required affinity, when each of its terms names some (as DaemonSet pods do): no other node needs a look. */
export function namedNodes(spec: PodSpec): readonly string[] | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    for (const name of named[0]!.values ?? []) if (named.every(({ values = [] }) => values.includes(name))) names.add(name);
  }
  return [...names];
}

/** The preferred terms; those without requirements are left out. */
export function compilePreferred(spec: PodSpec): readonly { readonly weight: number; readonly matches: NodeMatcher }[] {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.filter(({ weight }) => weight !== 0).map(({ weight, preference }) => ({ weight, matches: compileTerm(preference) }));
}
