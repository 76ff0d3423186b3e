// Validation rules in schemas: they must compile, say what they are about, and be cheap enough.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions
import type { Compilation } from '../../apimachinery/cel/compile.js';
import { estimatedCostLimits, excessFactor } from '../../apimachinery/cel/cost/estimate.js';
import { jsonText } from '../../apimachinery/codec/json.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { celTypeOf, programOf, rulesOf, type Rule, type RuleSource } from '../customresources/rules/compile.js';
import type { Structural } from '../customresources/structural.js';
import type { Work } from '../../clock/slices.js';
import type { Errors } from '../rules/fields.js';
import type { Schema } from './schema-walk.js';

const advice = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';

/** A rule as the real server prints it. */
function shown({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: RuleSource): string {
  return jsonText({
    Rule: rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: reason === '' ? null : reason,
    FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf ?? null,
  });
}

function compileErrors(path: string, source: RuleSource, compiled: Compilation | undefined, prefix: string): Errors {
  if (compiled === undefined || compiled.ok) return [];
  const why = compiled.reason === 'output' ? compiled.errors : `${prefix}compilation failed: ${compiled.errors}`;
  return [{ field: path, reason: 'FieldValueInvalid', message: `Invalid value: ${shown(source)}: ${why}` }];
}

/** The names of a path such as `.a['b'].c`; undefined when it is none. */
function pathNames(path: string): readonly string[] | undefined {
  const names: string[] = [];
  let at = 0;
  while (at < path.length) {
    if (path.startsWith("['", at)) {
      const end = path.indexOf("']", at);
      if (end < 0) return undefined;
      names.push(path.slice(at + 2, end));
      at = end + 2;
    } else if (path[at] === '.') {
      let end = at + 1;
      while (end < path.length && path[end] !== '.' && path[end] !== '[') end++;
      if (end === at + 1) return undefined;
      names.push(path.slice(at + 1, end));
      at = end;
    } else return undefined;
  }
  return names.length === 0 ? undefined : names;
}

/** Whether a path leads to a field below the place. Elements of lists have none. */
function leadsSomewhere(path: string, place: Structural): boolean {
  let at: Structural | undefined = place;
  for (const name of pathNames(path) ?? ['']) {
    at = at.properties.get(name) ?? (typeof at.additional === 'object' ? at.additional : undefined);
    if (at === undefined) return false;
  }
  return true;
}

/** Where in a schema rules are, and how often they may run. */
interface Where {
  readonly field: string;
  /** The nearest list above whose elements have no identity. */
  readonly uncorrelated: string | undefined;
  /** So many values may stand at this place in one object; undefined below a list or map without a limit. */
  readonly times: number | undefined;
}

interface Costs {
  readonly errors: FieldError[];
  readonly spent: { readonly field: string; readonly cost: number }[];
}

function costErrors(path: string, what: string, compiled: Compilation | undefined, times: number, costs: Costs): Errors {
  const cost = (programOf(compiled)?.estimateCost().max ?? 0) * times;
  costs.spent.push({ field: path, cost });
  if (cost <= estimatedCostLimits.perExpression) return [];
  const factor = excessFactor(cost, estimatedCostLimits.perExpression);
  return [fieldForbidden(path, `estimated ${what} cost exceeds budget by factor of ${factor} (${advice})`)];
}

function ruleErrors(
  rule: Rule,
  index: number,
  place: Structural,
  { field, uncorrelated, times = mostTimes(place.schema) }: Where,
  costs: Costs,
): Errors {
  const path = `${field}.x-kubernetes-validations[${index}]`;
  const { source, compiled, message } = rule;
  if (source.rule.trim() === '') return [];
  const program = programOf(compiled);
  const usesOld = program?.variables.has('oldSelf') === true;
  const errors: FieldError[] = [...compileErrors(`${path}.rule`, source, compiled, '')];
  if (source.fieldPath !== '' && !leadsSomewhere(source.fieldPath, place))
    errors.push(invalid(`${path}.fieldPath`, source.fieldPath, 'must be a valid path'));
  if (source.messageExpression !== '' && source.messageExpression.trim() === '')
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  errors.push(...compileErrors(`${path}.messageExpression`, source, message, 'messageExpression '));
  if (program !== undefined) {
    if (usesOld && uncorrelated !== undefined)
      errors.push(
        invalid(`${path}.rule`, source.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`),
      );
    if (source.optionalOldSelf !== undefined && !usesOld)
      errors.push(invalid(`${path}.optionalOldSelf`, source.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  }
  errors.push(...costErrors(`${path}.rule`, 'rule', compiled, times, costs));
  if (message !== undefined) errors.push(...costErrors(`${path}.messageExpression`, 'messageExpression', message, times, costs));
  return errors;
}

/** A request may have so many bytes. */
const longestRequest = 3 * 1024 * 1024;

/** How often a value may stand in one request, however the lists and maps around it are nested: each takes its smallest JSON and a comma. */
function mostTimes(schema: Schema): number {
  return Math.floor(longestRequest / ((celTypeOf(schema, false)?.minSerializedSize ?? 1) + 1));
}

/** How many elements there may be in all lists or maps at a place; undefined when one of them, or one above, has no limit. */
function timesBelow(times: number | undefined, most: unknown): number | undefined {
  return times === undefined || typeof most !== 'number' ? undefined : times * most;
}

function* look(place: Structural, where: Where, root: boolean, costs: Costs): Work<void> {
  if (!place.hasRules) return;
  yield;
  for (const [index, rule] of (yield* rulesOf(place.schema, root)).entries()) {
    costs.errors.push(...ruleErrors(rule, index, place, where, costs));
    yield;
  }
  const { field, uncorrelated, times } = where;
  for (const [name, property] of [...place.properties].sort(([one], [other]) => (one < other ? -1 : 1)))
    yield* look(property, { ...where, field: `${field}.properties[${name}]` }, false, costs);
  if (typeof place.additional === 'object' && place.additional.hasRules)
    yield* look(
      place.additional,
      { field: `${field}.additionalProperties`, uncorrelated, times: timesBelow(times, place.schema.maxProperties) },
      false,
      costs,
    );
  if (place.items?.hasRules === true) {
    const loses = place.listType !== 'map' ? (uncorrelated ?? field) : uncorrelated;
    yield* look(
      place.items,
      { field: `${field}.items`, uncorrelated: loses, times: timesBelow(times, place.schema.maxItems) },
      false,
      costs,
    );
  }
}

/** As many of the costliest rules are told of when all together cost too much. */
const mostCostly = 4;
/** A rule that takes less than this part of what there is, is not to blame. */
const leastShare = 0.01;

/** The broken rules of the validations in a version's schema, which `root` is of; `field` is its path. */
export function* celErrors(field: string, root: Structural): Work<Errors> {
  if (!root.hasRules) return [];
  const costs: Costs = { errors: [], spent: [] };
  yield* look(root, { field, uncorrelated: undefined, times: 1 }, true, costs);
  const total = costs.spent.reduce((sum, { cost }) => sum + cost, 0);
  const limit = estimatedCostLimits.perDefinition;
  if (total <= limit) return costs.errors;
  const blamed = costs.spent
    .filter(({ cost }) => cost >= limit * leastShare)
    .sort((one, other) => other.cost - one.cost)
    .slice(0, mostCostly);
  const what = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const whole = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${excessFactor(total, limit)} (${advice})`;
  return [...costs.errors, ...blamed.map(({ field: at }) => fieldForbidden(at, what)), fieldForbidden(field, whole)];
}
