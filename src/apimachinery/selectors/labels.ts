// Label selectors: both forms, parsed, matched and written back.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { parseRequirements } from './label-parser.js';
import {
  formatRequirement,
  makeRequirement,
  requirementMatches,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
} from './requirement.js';
import { RequirementsByKey } from './requirements-by-key.js';
import { SelectorError } from './selector-error.js';

export { SelectorError } from './selector-error.js';
export type { LabelOperator, LabelRequirement, Labels } from './requirement.js';

/** A parsed selector: all requirements must hold. No requirements: everything matches, unless `nothing`. */
export interface LabelSelectorMatcher {
  /** Sorted by key. For index look-ups: `=`, `==` and `in` name the values that an object must have. */
  readonly requirements: readonly LabelRequirement[];
  /** Whether it matches every set of labels. */
  readonly everything: boolean;
  /** Whether it can match nothing at all (a selector that is absent where absence selects nothing). */
  readonly nothing: boolean;
  matches(labels: Labels | undefined): boolean;
  /** The string form: `app=x,tier in (a,b)`. */
  toString(): string;
}

const noLabels: Labels = {};

/** So many requirements are looked at one by one as quickly as by key. */
const few = 8;

class Matcher implements LabelSelectorMatcher {
  readonly everything: boolean;
  #byKey: RequirementsByKey | undefined;

  constructor(
    readonly requirements: readonly LabelRequirement[],
    readonly nothing = false,
  ) {
    this.everything = !nothing && requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    if (this.nothing) return false;
    const given = labels ?? noLabels;
    if (this.requirements.length > few) return (this.#byKey ??= new RequirementsByKey(this.requirements)).match(given);
    for (const requirement of this.requirements) if (!requirementMatches(requirement, given)) return false;
    return true;
  }

  toString(): string {
    return this.requirements.map(formatRequirement).join(',');
  }
}

const everything = new Matcher([]);
const nothing = new Matcher([], true);

function matcherOf(requirements: LabelRequirement[]): LabelSelectorMatcher {
  if (requirements.length === 0) return everything;
  return new Matcher(requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
}

/** Parses the string form of the query parameter: `a=b,c!=d,e in (f,g),h,!i,j>1`. '' matches everything. Throws SelectorError. */
export function parseLabelSelector(text: string): LabelSelectorMatcher {
  return matcherOf(parseRequirements(text));
}

const objectOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/** Compiles the object form of a spec. undefined matches nothing, `{}` everything. Throws SelectorError. */
export function compileLabelSelector(selector: LabelSelector | undefined | null): LabelSelectorMatcher {
  if (selector === undefined || selector === null) return nothing;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => makeRequirement(key, '=', [value]));
  for (const { key, operator: name, values } of selector.matchExpressions ?? []) {
    const operator = objectOperators.get(name);
    if (operator === undefined) throw new SelectorError(`${JSON.stringify(name)} is not a valid label selector operator`);
    const list = operator === 'in' || operator === 'notin' ? (values ?? []) : [];
    requirements.push(makeRequirement(key, operator, list));
  }
  return matcherOf(requirements);
}

/** Compiles a map of equalities (`spec.selector` of Services and ReplicationControllers, `nodeSelector`). undefined and {} match everything. */
export function compileLabelMap(labels: Labels | undefined | null): LabelSelectorMatcher {
  return matcherOf(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=' as const, values: [value] })));
}
