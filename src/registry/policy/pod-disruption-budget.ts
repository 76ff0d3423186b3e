// Pod disruption budgets. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../../openapi/types/policy.v1.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { shownSelector } from '../core/podspec/template.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { conditionErrors } from '../rules/conditions.js';
import { atMostAllErrors, numberOrPercentErrors } from '../rules/int-or-percent.js';
import { notNegative, optionalOneOf, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { statusHooks } from '../rules/status.js';

type IntOrPercent = number | string | undefined;

function amountErrors(field: string, value: IntOrPercent): Errors {
  return [...numberOrPercentErrors(field, value), ...atMostAllErrors(field, value)];
}

function specErrors(spec: Draft<PodDisruptionBudgetSpec>): Errors {
  const { minAvailable, maxUnavailable, selector = null, unhealthyPodEvictionPolicy } = spec;
  const errors: Errors[number][] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: shownSelector(selector as LabelSelector | null),
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    };
    errors.push(invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  return [
    ...errors,
    ...amountErrors('spec.minAvailable', minAvailable),
    ...amountErrors('spec.maxUnavailable', maxUnavailable),
    ...labelSelectorErrors('spec.selector', spec.selector),
    ...optionalOneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}

function statusErrors(budget: Draft<PodDisruptionBudget>): Errors {
  return [
    ...conditionErrors('status.conditions', budget.status?.conditions),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) =>
      notNegative(`status.${field}`, budget.status?.[field]),
    ),
  ];
}

function amountText(value: IntOrPercent): string {
  return value === undefined ? 'N/A' : String(value);
}

export const podDisruptionBudget: KindDefinition = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  nameRule: 'path',
  unconditionalUpdate: false,
  generation: true,
  strategy: {
    ...statusHooks(() => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })),
    validate: (object) => specErrors((object as Draft<PodDisruptionBudget>).spec ?? {}),
    validateStatusUpdate: (object) => statusErrors(object),
  },
  cells: (object, context) => {
    const { spec, status } = object as Draft<PodDisruptionBudget>;
    return [
      nameOf(object),
      amountText(spec?.minAvailable),
      amountText(spec?.maxUnavailable),
      status?.disruptionsAllowed ?? 0,
      ageOf(object, context),
    ];
  },
};
