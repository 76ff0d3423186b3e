// The rules of what says where a pod runs. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
import type {
  Affinity,
  PodAffinityTerm,
  PodSpec,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../../openapi/types/meta.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { checkLabelName, checkQualifiedName, optionalOneOf } from '../../rules/fields.js';
import { labelSelectorErrors } from '../../rules/selectors.js';
import { checkNodeSelector, checkNodeTerm } from '../../rules/node-selectors.js';

const noSelector = 'must not be specified when labelSelector is not set';

/** Keys of labels whose values are the pod's own. */
function checkLabelKeys(
  errors: FieldError[],
  field: string,
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
): void {
  if (keys === undefined || keys.length === 0) return;
  if (selector === undefined) return void errors.push(fieldForbidden(field, noSelector));
  keys.forEach((key, index) => errors.push(...checkQualifiedName(`${field}[${index}]`, key)));
}

type Labels = Readonly<Record<string, string>> | undefined;

/** The pod's own labels are put into the selector: it may not ask for them itself. */
function checkAsked(
  errors: FieldError[],
  field: string,
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  labels: Labels,
): void {
  if (labels === undefined) return;
  keys?.forEach((key, index) => {
    if (labels[key] === undefined || selector === undefined) return;
    const asked = (selector.matchExpressions ?? []).filter((one) => one.key === key).length;
    if (selector.matchLabels?.[key] === undefined && asked < 2) return;
    errors.push(invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
  });
}

function checkPodTerm(errors: FieldError[], field: string, term: PodAffinityTerm | undefined, labels: Labels): void {
  const { topologyKey, labelSelector, namespaces, namespaceSelector, matchLabelKeys, mismatchLabelKeys } = term ?? ({} as PodAffinityTerm);
  errors.push(
    ...labelSelectorErrors(`${field}.labelSelector`, labelSelector),
    ...labelSelectorErrors(`${field}.namespaceSelector`, namespaceSelector),
  );
  // The real server's name for the field, without the index.
  for (const name of namespaces ?? []) errors.push(...checkLabelName(`${field}.namespace`, name));
  checkLabelKeys(errors, `${field}.matchLabelKeys`, matchLabelKeys, labelSelector);
  checkLabelKeys(errors, `${field}.mismatchLabelKeys`, mismatchLabelKeys, labelSelector);
  checkAsked(errors, field, matchLabelKeys, labelSelector, labels);
  matchLabelKeys?.forEach((key, index) => {
    if (mismatchLabelKeys?.includes(key) === true) {
      errors.push(invalid(`${field}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
    }
  });
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

function checkPodTerms(errors: FieldError[], field: string, terms: PodTerms, labels: Labels): void {
  terms.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
    checkPodTerm(errors, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term, labels),
  );
  terms.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    checkWeight(errors, `${at}.weight`, weight);
    checkPodTerm(errors, `${at}.podAffinityTerm`, podAffinityTerm, labels);
  });
}

/** The rules of `affinity`; `labels` are those of a pod, absent for a template. */
export function checkAffinity(errors: FieldError[], field: string, affinity: Affinity | undefined, labels?: Labels): void {
  if (affinity === undefined) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) {
    const at = `${field}.nodeAffinity`;
    const needed = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    if (needed !== undefined) checkNodeSelector(errors, `${at}.requiredDuringSchedulingIgnoredDuringExecution`, needed, true);
    nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, index) => {
      const one = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      checkWeight(errors, `${one}.weight`, weight);
      checkNodeTerm(errors, `${one}.preference`, preference, false);
    });
  }
  if (podAffinity !== undefined) checkPodTerms(errors, `${field}.podAffinity`, podAffinity, labels);
  if (podAntiAffinity !== undefined) checkPodTerms(errors, `${field}.podAntiAffinity`, podAntiAffinity, labels);
}

const unsatisfiable = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusions = ['Honor', 'Ignore'];

/** More are not told: they would be as many as the square of the constraints. */
const mostDuplicates = 10_000;

/**
 * The rules of `topologySpreadConstraints`; `labels` are those of a pod, absent for a template.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export function checkSpread(
  errors: FieldError[],
  field: string,
  constraints: readonly TopologySpreadConstraint[] | undefined,
  labels?: Labels,
): void {
  const alike = new Map<string, number>();
  const keyOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string => `${whenUnsatisfiable} ${topologyKey}`;
  for (const constraint of constraints ?? []) alike.set(keyOf(constraint), (alike.get(keyOf(constraint)) ?? 0) + 1);
  let told = 0;
  constraints?.forEach((constraint, index) => {
    const at = `${field}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector, matchLabelKeys } = constraint;
    if (!(maxSkew > 0)) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (topologyKey === undefined || topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (!unsatisfiable.includes(whenUnsatisfiable))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', unsatisfiable));
    // Each is told of all those after it.
    const later = alike.get(keyOf(constraint))! - 1;
    alike.set(keyOf(constraint), later);
    for (let count = 0; count < later && told < mostDuplicates; count++, told++) {
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
        errors.push(invalid(`${at}.minDomains`, minDomains, why));
      }
    }
    errors.push(...optionalOneOf(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, inclusions));
    errors.push(...optionalOneOf(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, inclusions));
    checkLabelKeys(errors, `${at}.matchLabelKeys`, matchLabelKeys, labelSelector);
    checkAsked(errors, at, matchLabelKeys, labelSelector, labels);
    errors.push(...labelSelectorErrors(`${at}.labelSelector`, labelSelector));
  });
}

/** The rules of `schedulingGates`. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/ */
export function checkGates(errors: FieldError[], field: string, gates: PodSpec['schedulingGates']): void {
  const seen = new Set<string>();
  gates?.forEach(({ name }, index) => {
    const at = `${field}[${index}]`;
    errors.push(...checkQualifiedName(at, name ?? ''));
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
  });
}
