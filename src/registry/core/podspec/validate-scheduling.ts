// The rules of what says where a pod runs. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../../apimachinery/names/names.js';
import { check, checkQualifiedName } from '../../rules/fields.js';
import { labelSelectorErrors } from '../../rules/selectors.js';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The rules of tolerations. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export function checkTolerations(errors: FieldError[], field: string, tolerations: readonly Toleration[] | undefined): void {
  tolerations?.forEach(({ key, operator, value, effect, tolerationSeconds }, index) => {
    const at = `${field}[${index}]`;
    if (key !== undefined && key !== '') errors.push(...checkQualifiedName(`${at}.key`, key));
    else if (operator !== 'Exists') {
      errors.push(
        invalid(
          `${at}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    switch (operator ?? 'Equal') {
      case 'Equal':
        errors.push(...check(`${at}.operator`, value ?? '', labelValueProblems));
        break;
      case 'Exists':
        if (value !== undefined && value !== '')
          errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
        break;
      default:
        errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect !== undefined && !effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects));
  });
}

function checkNodeRequirement(errors: FieldError[], field: string, requirement: NodeSelectorRequirement): void {
  const { key, operator, values } = requirement;
  const count = values?.length ?? 0;
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1) errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...checkQualifiedName(`${field}.key`, key ?? ''));
}

/** The rules of a node selector with terms (affinity, volumes). */
export function checkNodeSelector(errors: FieldError[], field: string, selector: NodeSelector): void {
  if (selector.nodeSelectorTerms === undefined || selector.nodeSelectorTerms.length === 0) {
    errors.push(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'));
  }
  selector.nodeSelectorTerms?.forEach((term, index) => {
    term.matchExpressions?.forEach((one, at) =>
      checkNodeRequirement(errors, `${field}.nodeSelectorTerms[${index}].matchExpressions[${at}]`, one),
    );
  });
}

function checkPodTerm(errors: FieldError[], field: string, { topologyKey, labelSelector, namespaceSelector }: PodAffinityTerm): void {
  errors.push(
    ...labelSelectorErrors(`${field}.labelSelector`, labelSelector),
    ...labelSelectorErrors(`${field}.namespaceSelector`, namespaceSelector),
  );
  if (topologyKey === undefined || topologyKey === '') errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  errors.push(...checkQualifiedName(`${field}.topologyKey`, topologyKey ?? ''));
}

function checkWeight(errors: FieldError[], field: string, weight: number): void {
  if (!(weight >= 1 && weight <= 100)) errors.push(invalid(field, weight ?? 0, 'must be in the range 1-100'));
}

interface PodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

function checkPodTerms(errors: FieldError[], field: string, terms: PodTerms): void {
  terms.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
    checkPodTerm(errors, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term),
  );
  terms.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    checkWeight(errors, `${at}.weight`, weight);
    checkPodTerm(errors, `${at}.podAffinityTerm`, podAffinityTerm);
  });
}

function checkAffinity(errors: FieldError[], field: string, { nodeAffinity, podAffinity, podAntiAffinity }: Affinity): void {
  if (nodeAffinity !== undefined) {
    const at = `${field}.nodeAffinity`;
    const needed = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    if (needed !== undefined) checkNodeSelector(errors, `${at}.requiredDuringSchedulingIgnoredDuringExecution`, needed);
    nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, index) => {
      const one = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      checkWeight(errors, `${one}.weight`, weight);
      preference?.matchExpressions?.forEach((requirement, place) =>
        checkNodeRequirement(errors, `${one}.preference.matchExpressions[${place}]`, requirement),
      );
    });
  }
  if (podAffinity !== undefined) checkPodTerms(errors, `${field}.podAffinity`, podAffinity);
  if (podAntiAffinity !== undefined) checkPodTerms(errors, `${field}.podAntiAffinity`, podAntiAffinity);
}

const unsatisfiable = ['DoNotSchedule', 'ScheduleAnyway'];

function checkSpread(errors: FieldError[], field: string, constraints: readonly TopologySpreadConstraint[]): void {
  const seen = new Set<string>();
  constraints.forEach((constraint, index) => {
    const at = `${field}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    if (!(maxSkew > 0)) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (topologyKey === undefined || topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (!unsatisfiable.includes(whenUnsatisfiable))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', unsatisfiable));
    const key = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(key)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, key));
    seen.add(key);
    if (minDomains !== undefined && minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
    errors.push(...labelSelectorErrors(`${at}.labelSelector`, labelSelector));
  });
}

/** Gates, spread and affinity, in the server's order. */
export function checkPlacement(errors: FieldError[], field: string, spec: PodSpec): void {
  const gates = new Set<string>();
  spec.schedulingGates?.forEach(({ name }, index) => {
    const at = `${field}.schedulingGates[${index}]`;
    errors.push(...checkQualifiedName(at, name ?? ''));
    if (gates.has(name)) errors.push(duplicate(at, name));
    gates.add(name);
  });
  if (spec.affinity !== undefined) checkAffinity(errors, `${field}.affinity`, spec.affinity);
  if (spec.topologySpreadConstraints !== undefined)
    checkSpread(errors, `${field}.topologySpreadConstraints`, spec.topologySpreadConstraints);
}
