// The selectors in access reviews: may I list those with these labels, these fields.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-field-and-label-selectors
import type { FieldSelectorAttributes, ResourceAttributes } from '../../../openapi/types/authorization.v1.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems, qualifiedNameProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { parseFieldSelector } from '../../apimachinery/selectors/fields.js';
import { parseLabelSelector } from '../../apimachinery/selectors/labels.js';

type Asked = Draft<ResourceAttributes> | null | undefined;

const selectors = [
  ['fieldSelector', false],
  ['labelSelector', true],
] as const;

/** The broken rules of both selectors. */
export function selectorsErrors(asked: Asked): FieldError[] {
  return selectors.flatMap(([field, labels]) => selectorErrors(`spec.resourceAttributes.${field}`, asked?.[field], labels));
}

/** What is passed over, as the answer tells it. */
export function selectorProblems(asked: Asked): string[] {
  return selectors.flatMap(([field, labels]) => selectorProblem(`spec.resourceAttributes.${field}`, asked?.[field], labels));
}

type Selector = Draft<FieldSelectorAttributes>;

/** A selector is written as text or as requirements; the text is not looked at. */
function selectorErrors(field: string, selector: Selector | undefined, labels: boolean): FieldError[] {
  if (selector == null) return [];
  const raw = selector.rawSelector ?? '';
  const requirements = selector.requirements ?? [];
  const path = `${field}.requirements`;
  if (raw === '' && requirements.length === 0) {
    return [required(path, `when ${field} is specified, requirements or rawSelector is required`)];
  }
  const errors: FieldError[] =
    raw !== '' && requirements.length > 0
      ? [invalid(`${field}.rawSelector`, raw, 'may not specified at the same time as requirements')]
      : [];
  return [...errors, ...requirements.flatMap((requirement, index) => requirementErrors(`${path}[${index}]`, requirement, labels))];
}

type Requirement = NonNullable<Selector['requirements']>[number];

function requirementErrors(field: string, { key = '', operator, values }: Requirement, labels: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const list = values ?? [];
  if (operator === 'In' || operator === 'NotIn') {
    if (list.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if ((operator === 'Exists' || operator === 'DoesNotExist') && list.length > 0) {
    errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  if (!labels) return key === '' ? [...errors, required(`${field}.key`, 'must be specified')] : errors;
  errors.push(...qualifiedNameProblems(key).map((why) => invalid(`${field}.key`, key, why)));
  return [
    ...errors,
    ...list.flatMap((value, index) => labelValueProblems(value).map((why) => invalid(`${field}.values[${index}]`, value, why))),
  ];
}

const fieldOperators: readonly (string | undefined)[] = ['In', 'NotIn'];
const labelOperators: readonly (string | undefined)[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Why a selector is passed over: what cannot be read narrows nothing. */
function selectorProblem(field: string, selector: Selector | undefined, labels: boolean): string[] {
  if (selector == null) return [];
  const raw = selector.rawSelector ?? '';
  const readable =
    raw === ''
      ? (selector.requirements ?? []).every(({ operator, values }) =>
          labels ? labelOperators.includes(operator) : fieldOperators.includes(operator) && (values ?? []).length === 1,
        )
      : isReadable(raw, labels);
  return readable ? [] : [`${field} ignored due to parse error`];
}

function isReadable(raw: string, labels: boolean): boolean {
  try {
    if (labels) parseLabelSelector(raw);
    else parseFieldSelector(raw);
    return true;
  } catch {
    return false;
  }
}
