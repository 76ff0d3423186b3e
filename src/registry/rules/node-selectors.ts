// Rules of node selectors, by labels and by fields.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { check, checkQualifiedName, checkSubdomain, type Errors } from './fields.js';
import type { Shape } from './shown.js';

const requirement: Shape = [
  ['Key', ''],
  ['Operator', ''],
  ['Values', null],
];

/** How messages show terms. */
export const nodeSelectorTerm: Shape = [
  ['MatchExpressions', null, requirement],
  ['MatchFields', null, requirement],
];

export const nodeSelector: Shape = [['NodeSelectorTerms', null, nodeSelectorTerm]];

function checkRequirement(errors: FieldError[], field: string, requirement: Draft<NodeSelectorRequirement>, checksValues: boolean): void {
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
  if (!checksValues || (operator !== 'In' && operator !== 'NotIn')) return;
  values?.forEach((value, index) => errors.push(...check(`${field}.values[${index}]`, value, labelValueProblems)));
}

/** The one field of nodes that can be selected by is the name. */
function checkFieldRequirement(errors: FieldError[], field: string, requirement: Draft<NodeSelectorRequirement>): void {
  const { key = '', operator, values } = requirement;
  const list = values ?? [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  } else if (list.length !== 1) {
    errors.push(required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== 'metadata.name') errors.push(invalid(`${field}.key`, key, 'not a valid field selector key'));
  else list.forEach((value, index) => errors.push(...checkSubdomain(`${field}.values[${index}]`, value)));
}

/** The rules of one term. `checksValues`: values that no label can have are refused, which is so where they would keep a pod from every node. */
export function checkNodeTerm(errors: FieldError[], field: string, term: Draft<NodeSelectorTerm> | undefined, checksValues: boolean): void {
  term?.matchExpressions?.forEach((one, index) => checkRequirement(errors, `${field}.matchExpressions[${index}]`, one, checksValues));
  term?.matchFields?.forEach((one, index) => checkFieldRequirement(errors, `${field}.matchFields[${index}]`, one));
}

/** The rules of a node selector; `field` is its path. */
export function checkNodeSelector(errors: FieldError[], field: string, selector: Draft<NodeSelector>, checksValues: boolean): void {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.push(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'));
  terms.forEach((term, index) => checkNodeTerm(errors, `${field}.nodeSelectorTerms[${index}]`, term, checksValues));
}

/** The broken rules of a node selector whose values may be anything. */
export function nodeSelectorErrors(field: string, selector: Draft<NodeSelector>): Errors {
  const errors: FieldError[] = [];
  checkNodeSelector(errors, field, selector, false);
  return errors;
}
