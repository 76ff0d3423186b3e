// The rules of pod templates and of the selectors that must match them.
// https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates
import type { PodTemplateSpec } from '../../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../../openapi/types/meta.v1.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { validateAnnotations, validateLabels } from '../../../apimachinery/names/object-meta.js';
import { compileLabelSelector } from '../../../apimachinery/selectors/labels.js';
import { labelSelectorErrors } from '../../rules/selectors.js';
import { podSpecErrors } from './validate.js';

/** The broken rules of a template at `field`. */
export function templateErrors(field: string, template: PodTemplateSpec | undefined): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${field}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${field}.annotations`),
    ...podSpecErrors(`${field}.spec`, template?.spec),
    ...(template?.spec?.ephemeralContainers === undefined
      ? []
      : [fieldForbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]),
  ];
}

/** Labels in the order that messages show them in. */
export function shownLabels(labels: Readonly<Record<string, string>> | undefined): unknown {
  return labels === undefined ? null : Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A selector as messages show it. */
export function shownSelector(selector: LabelSelector | undefined | null): unknown {
  if (selector == null) return null;
  return selector.matchLabels === undefined ? selector : { ...selector, matchLabels: shownLabels(selector.matchLabels) };
}

export const mismatch = '`selector` does not match template `labels`';

/** The selector of a workload at `spec.selector`; `kind` is how the text of an empty one calls the workload. */
export function selectorErrors(selector: LabelSelector | undefined | null, kind: string): FieldError[] {
  if (selector == null) return [required('spec.selector')];
  const errors = [...labelSelectorErrors('spec.selector', selector)];
  if (isEmptySelector(selector)) errors.push(invalid('spec.selector', {}, `empty selector is invalid for ${kind}`));
  else if (errors.length > 0) errors.push(invalid('spec.selector', shownSelector(selector), 'invalid label selector'));
  return errors;
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions?.length ?? 0) === 0;
}

/** The error of a template whose labels the selector does not match. A selector that is broken or empty is not asked. */
export function mismatchErrors(selector: LabelSelector | undefined | null, template: PodTemplateSpec | undefined): FieldError[] {
  const labels = template?.metadata?.labels;
  if (selector != null && (isEmptySelector(selector) || labelSelectorErrors('', selector).length > 0)) return [];
  if (compileLabelSelector(selector).matches(labels)) return [];
  return [invalid('spec.template.metadata.labels', shownLabels(labels), mismatch)];
}

/** The rules of the template of a workload that keeps its pods running. `kind` is as the message about deadlines calls it; none: not checked. */
export function servingTemplateErrors(template: PodTemplateSpec | undefined, kind: string | undefined): FieldError[] {
  const errors = templateErrors('spec.template', template);
  const spec = template?.spec;
  const policy = spec?.restartPolicy;
  const wrong = policy !== undefined && policy !== 'Always' && ['OnFailure', 'Never'].includes(policy);
  if (wrong) errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  if (kind !== undefined && spec?.activeDeadlineSeconds !== undefined) {
    errors.push(fieldForbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`));
  }
  return errors;
}

/** The template of a workload with a selector: not looked at while the selector is broken. */
export function selectedTemplateErrors(
  selector: LabelSelector | undefined | null,
  template: PodTemplateSpec | undefined,
  kind: string,
): FieldError[] {
  if (labelSelectorErrors('', selector).length > 0) return [];
  return [...mismatchErrors(selector, template), ...servingTemplateErrors(template, kind)];
}
