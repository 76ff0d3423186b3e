// Which victims would break a disruption budget.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#poddisruptionbudget-is-supported-but-not-guaranteed
import type { PodDisruptionBudget } from '../../../openapi/types/policy.v1.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { PodInfo } from '../framework.js';

export interface Budgets {
  /** Those of the pods whose disruption a budget does not allow, with those before it in the list, and the others; each in their order. */
  split(pods: readonly PodInfo[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] };
}

export function budgetsOf(all: readonly PodDisruptionBudget[]): Budgets {
  const budgets = all.map(({ metadata, spec, status }) => ({
    namespace: metadata.namespace,
    // A budget without a selector, or with an empty one, is for no pod here.
    selector: spec?.selector === undefined ? undefined : compileLabelSelector(spec.selector),
    disrupted: status?.disruptedPods,
    allowed: status?.disruptionsAllowed ?? 0,
  }));
  return {
    split(pods) {
      const left = budgets.map(({ allowed }) => allowed);
      const violating: PodInfo[] = [];
      const others: PodInfo[] = [];
      for (const info of pods) {
        const { namespace, labels, name } = info.pod.metadata;
        let breaks = false;
        if (labels !== undefined && Object.keys(labels).length > 0) {
          budgets.forEach((budget, index) => {
            if (budget.namespace !== namespace || budget.selector === undefined || budget.selector.everything) return;
            if (!budget.selector.matches(labels) || (budget.disrupted !== undefined && Object.hasOwn(budget.disrupted, name))) return;
            left[index]!--;
            if (left[index]! < 0) breaks = true;
          });
        }
        (breaks ? violating : others).push(info);
      }
      return { violating, others };
    },
  };
}
