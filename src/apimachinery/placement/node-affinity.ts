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

function compileRequirement({ operator, values = [] }: NodeSelectorRequirement): (value: string | undefined) => boolean {
  switch (operator) {
    case 'In':
      return (value) => value !== undefined && values.includes(value);
    case 'NotIn':
      return (value) => value === undefined || !values.includes(value);
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

/** The node selector and the required affinity of a pod, both of which must match; undefined: it has neither. */
export function compileRequired(spec: PodSpec): NodeMatcher | undefined {
  const selector = Object.entries(spec.nodeSelector ?? {});
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (selector.length === 0 && terms === undefined) return undefined;
  const matchers = terms?.map(compileTerm);
  return (name, labels) =>
    selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    (matchers === undefined || matchers.some((matches) => matches(name, labels)));
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
