// The selectors in access reviews: may I list those with these labels, these fields.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-field-and-label-selectors
import type { FieldSelectorAttributes, ResourceAttributes } from '../../../openapi/types/authorization.v1.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems, qualifiedNameProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import type { RequestSelectors, SelectorRequirement } from './authorizer.js';
import { fieldRequirements, labelRequirements } from './request-selectors.js';

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

/** What the selectors of a review ask for, as far as it can be read; undefined when that is nothing. */
export function readableSelectors(asked: Asked): RequestSelectors | undefined {
  if (asked?.fieldSelector == null && asked?.labelSelector == null) return undefined;
  const { requirements: fields } = readSelector(asked.fieldSelector, false);
  const { requirements: labels } = readSelector(asked.labelSelector, true);
  return fields.length === 0 && labels.length === 0 ? undefined : { fields, labels };
}

interface Read {
  readonly requirements: readonly SelectorRequirement[];
  readonly problem: '' | 'ignored' | 'partially ignored';
}

/** Why a selector is passed over: what cannot be read narrows nothing. */
function selectorProblem(field: string, selector: Selector | undefined, labels: boolean): string[] {
  const { problem } = readSelector(selector, labels);
  return problem === '' ? [] : [`${field} ${problem} due to parse error`];
}

function readSelector(selector: Selector | undefined | null, labels: boolean): Read {
  if (selector == null) return { requirements: [], problem: '' };
  const raw = selector.rawSelector ?? '';
  if (raw !== '') {
    if (raw.length > longestText) return { requirements: [], problem: 'ignored' };
    const requirements = labels ? labelRequirements(raw) : fieldRequirements(raw);
    return requirements === undefined ? { requirements: [], problem: 'ignored' } : { requirements, problem: '' };
  }
  const given = selector.requirements ?? [];
  const requirements = given
    .map(({ key = '', operator = '', values }) => ({ key, operator, values: (values ?? []).filter((value) => value !== undefined) }))
    .filter(({ operator, values }) => (labels ? labelOperators : fieldOperators).includes(operator) && (labels || values.length === 1));
  const problem = requirements.length === given.length ? '' : requirements.length === 0 ? 'ignored' : 'partially ignored';
  return { requirements, problem };
}

/** What is longer is passed over as what cannot be read is, which only widens the question: no request has room for such a selector. */
const longestText = 64 * 1024;

const fieldOperators: readonly string[] = ['In', 'NotIn'];
const labelOperators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
