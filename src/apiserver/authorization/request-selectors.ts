// The selectors of a request as authorization sees them: may I list those with these labels, these fields.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-field-and-label-selectors
import { parseFieldSelector } from '../../apimachinery/selectors/fields.js';
import { parseLabelSelector, type LabelOperator } from '../../apimachinery/selectors/labels.js';
import type { RequestSelectors, SelectorRequirement } from './authorizer.js';

/** As reviews name them; what has no such name (`>`, `<`) is left out, which only widens the question. */
const labelOperators: Readonly<Partial<Record<LabelOperator, string>>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** Undefined for what is no selector. */
export function labelRequirements(text: string): readonly SelectorRequirement[] | undefined {
  try {
    return parseLabelSelector(text).requirements.flatMap(({ key, operator, values }) => {
      const name = labelOperators[operator];
      return name === undefined ? [] : [{ key, operator: name, values }];
    });
  } catch {
    return undefined;
  }
}

/** Undefined for what is no selector. In the order of the alphabet, as the real server has them. */
export function fieldRequirements(text: string): readonly SelectorRequirement[] | undefined {
  try {
    return parseFieldSelector(text)
      .requirements.map(({ field, operator, value }) => ({ key: field, operator: operator === '=' ? 'In' : 'NotIn', values: [value] }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  } catch {
    return undefined;
  }
}

/** The selectors in the query of a request; undefined when there are none. Each is parsed when it is first looked at. */
export function selectorsOf(parameters: URLSearchParams): RequestSelectors | undefined {
  const [fieldText, labelText] = [parameters.get('fieldSelector') ?? '', parameters.get('labelSelector') ?? ''];
  if (fieldText === '' && labelText === '') return undefined;
  let fields: readonly SelectorRequirement[] | undefined;
  let labels: readonly SelectorRequirement[] | undefined;
  return {
    get fields() {
      return (fields ??= fieldRequirements(fieldText) ?? []);
    },
    get labels() {
      return (labels ??= labelRequirements(labelText) ?? []);
    },
  };
}

/** The one name that the field selector asks for, as rules with `resourceNames` see it; '' for none. */
export function selectedName(selectors: RequestSelectors, text: string): string {
  if (!text.includes('metadata.name')) return '';
  const exact = selectors.fields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
  const name = exact?.values[0] ?? '';
  return name === '.' || name === '..' || name.includes('/') || name.includes('%') ? '' : name;
}
