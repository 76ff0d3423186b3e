// The rules of pod templates and of the selectors that must match them.
// https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates
import type { PodTemplateSpec } from '../../../../openapi/types/core.v1.js';
import type { LabelSelector } from '../../../../openapi/types/meta.v1.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { validateAnnotations, validateLabels } from '../../../apimachinery/names/object-meta.js';
import { compileLabelSelector } from '../../../apimachinery/selectors/labels.js';
import { labelSelectorErrors } from '../../rules/selectors.js';
import { podAnnotationErrors } from './validate-annotations.js';
import { podSpecErrors } from './validate.js';

/** The broken rules of a template at `field`. */
export function templateErrors(field: string, template: PodTemplateSpec | undefined): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${field}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${field}.annotations`),
    ...podAnnotationErrors(`${field}.annotations`, template?.metadata?.annotations, template?.spec),
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
  const { matchLabels, matchExpressions } = selector;
  return {
    ...(matchLabels === undefined ? {} : { matchLabels: shownLabels(matchLabels) }),
    ...(matchExpressions === undefined
      ? {}
      : {
          matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values === undefined ? {} : { values }),
          })),
        }),
  };
}

export const mismatch = '`selector` does not match template `labels`';

/** The selector of a workload at `spec.selector`; `kind` is how the text of an empty one calls the workload, `broken` what is said of a broken one. */
export function selectorErrors(selector: LabelSelector | undefined | null, kind: string, broken = 'invalid label selector'): FieldError[] {
  if (selector == null) return [required('spec.selector')];
  const errors = [...labelSelectorErrors('spec.selector', selector)];
  if (isEmptySelector(selector)) errors.push(invalid('spec.selector', {}, `empty selector is invalid for ${kind}`));
  else if (errors.length > 0) errors.push(invalid('spec.selector', shownSelector(selector), broken));
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
  return [...templateErrors('spec.template', template), ...servingErrors(template, kind)];
}

/** What only workloads that keep their pods running ask of a template. */
export function servingErrors(template: PodTemplateSpec | undefined, kind: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const spec = template?.spec;
  const policy = spec?.restartPolicy;
  if (policy !== undefined && policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
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
