// The pods that belong with a pod: those that its services and its owner choose.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { compileLabelSelector, type LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';
import type { Listers } from '../listers.js';

/** The selectors of the pod's services and of its controller together; undefined: it has neither. */
export function ownSelectorOf({ metadata }: Pod, listers: Listers): LabelSelectorMatcher | undefined {
  const namespace = metadata.namespace ?? '';
  const matchLabels: Record<string, string> = {};
  for (const service of listers.servicesOf(namespace, metadata.labels)) Object.assign(matchLabels, service.spec?.selector);
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const chosen = owner === undefined ? undefined : listers.selectorOf(owner.apiVersion, owner.kind, namespace, owner.name);
  const expressions = chosen?.matchExpressions ?? [];
  Object.assign(matchLabels, chosen?.matchLabels);
  if (Object.keys(matchLabels).length + expressions.length === 0) return undefined;
  return compileLabelSelector({ matchLabels, matchExpressions: expressions });
}
