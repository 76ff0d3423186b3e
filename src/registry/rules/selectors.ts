// Rules of the selectors that objects carry.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import { validateLabels } from '../../apimachinery/names/object-meta.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import { check, checkQualifiedName, eachAlone, type Errors } from './fields.js';

/** A map of labels as a selector or template has it; `field` is its path. */
export function labelMapErrors(field: string, labels: Readonly<Record<string, string | undefined>> | undefined): Errors {
  return validateLabels(labels, field);
}

type Requirement = NonNullable<Draft<LabelSelector>['matchExpressions']>[number];

function requirementErrors(field: string, requirement: Requirement): Errors {
  const values = requirement.values ?? [];
  const errors = [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...checkQualifiedName(`${field}.key`, requirement.key ?? ''));
  if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
    errors.push(...eachAlone(`${field}.values`, values, (path, value) => check(path, value, labelValueProblems)));
  }
  return errors;
}

/** The broken rules of a label selector. An absent one has none. */
export function labelSelectorErrors(field: string, selector: Draft<LabelSelector> | undefined | null): Errors {
  if (selector == null) return [];
  return [
    ...labelMapErrors(`${field}.matchLabels`, selector.matchLabels),
    ...eachAlone(`${field}.matchExpressions`, selector.matchExpressions, requirementErrors),
  ];
}
