// Reads the annotations of autoscaling/v1. What is not of the right form counts as not there, as with the real server.
import { canonicalQuantity, QuantityError } from '../../apimachinery/quantity/quantity.js';
import { canonicalTime, TimeError } from '../../apimachinery/time/time.js';
import type { Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import { record } from './annotations.js';

/** A value has the wrong type: the whole annotation is passed over. */
class Malformed extends Error {}

/** A field by its name in any case, as Go reads JSON. */
function field(object: Mutable, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  const key = Object.keys(object).find((one) => one.toLowerCase() === lower);
  return key === undefined ? undefined : object[key];
}

function given(object: Mutable, name: string): unknown {
  return field(object, name) ?? undefined;
}

function text(object: Mutable, name: string): string | undefined {
  const value = given(object, name);
  if (value !== undefined && typeof value !== 'string') throw new Malformed(name);
  return value;
}

function whole(object: Mutable, name: string): number | undefined {
  const value = given(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) >= 2 ** 31) throw new Malformed(name);
  return value;
}

function quantity(object: Mutable, name: string): string | undefined {
  const value = given(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw new Malformed(name);
  return canonicalQuantity(value);
}

function struct(object: Mutable, name: string): Mutable | undefined {
  const value = given(object, name);
  if (value !== undefined && !isRecord(value)) throw new Malformed(name);
  return value;
}

function structs(value: unknown, name: string): readonly Mutable[] {
  if (!Array.isArray(value)) throw new Malformed(name);
  return value.map((one: unknown) => {
    if (!isRecord(one)) throw new Malformed(name);
    return one;
  });
}

function texts(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw new Malformed(name);
  return value;
}

function selector(object: Mutable, name: string): Mutable | undefined {
  const value = struct(object, name);
  if (value === undefined) return undefined;
  const labels = struct(value, 'matchLabels');
  const expressions = given(value, 'matchExpressions');
  const matchLabels =
    labels === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(labels).map(([key, label]) => {
            if (typeof label !== 'string' || key === '__proto__') throw new Malformed(key);
            return [key, label];
          }),
        );
  const matchExpressions =
    expressions === undefined
      ? undefined
      : structs(expressions, name).map((one) => {
          const values = given(one, 'values');
          return record([
            ['key', text(one, 'key') ?? ''],
            ['operator', text(one, 'operator') ?? ''],
            ['values', values === undefined ? undefined : texts(values, 'values')],
          ]);
        });
  return record([
    ['matchLabels', matchLabels],
    ['matchExpressions', matchExpressions],
  ]);
}

function metricOf(source: Mutable, selectorName: string): Mutable {
  return record([
    ['name', text(source, 'metricName') ?? ''],
    ['selector', selector(source, selectorName)],
  ]);
}

function describedObject(source: Mutable): Mutable {
  const target = struct(source, 'target') ?? {};
  return record([
    ['kind', text(target, 'kind') ?? ''],
    ['name', text(target, 'name') ?? ''],
    ['apiVersion', text(target, 'apiVersion')],
  ]);
}

/** `target` or `current` of one source, from the fields that start with that word. */
type Amounts = (source: Mutable, kind: 'resource' | 'pods' | 'object' | 'external') => Mutable;

const targets: Amounts = (source, kind) => {
  const utilization = whole(source, 'targetAverageUtilization');
  const average = kind === 'object' ? quantity(source, 'averageValue') : quantity(source, 'targetAverageValue');
  const value = kind === 'object' || kind === 'external' ? quantity(source, 'targetValue') : undefined;
  if (utilization !== undefined && kind === 'resource')
    return record([
      ['type', 'Utilization'],
      ['averageUtilization', utilization],
      ['averageValue', average],
    ]);
  if (average !== undefined)
    return record([
      ['type', 'AverageValue'],
      ['value', kind === 'external' ? value : undefined],
      ['averageValue', average],
    ]);
  return record([
    ['type', kind === 'object' || kind === 'external' ? 'Value' : 'AverageValue'],
    ['value', value],
  ]);
};

const currents: Amounts = (source, kind) =>
  record([
    ['value', kind === 'object' || kind === 'external' ? quantity(source, 'currentValue') : undefined],
    ['averageValue', kind === 'object' ? quantity(source, 'averageValue') : quantity(source, 'currentAverageValue')],
    ['averageUtilization', kind === 'resource' ? whole(source, 'currentAverageUtilization') : undefined],
  ]);

function readMetric(metric: Mutable, name: 'target' | 'current'): Mutable {
  const amounts = name === 'target' ? targets : currents;
  const resource = struct(metric, 'resource');
  const container = struct(metric, 'containerResource');
  const pods = struct(metric, 'pods');
  const object = struct(metric, 'object');
  const external = struct(metric, 'external');
  const named = (source: Mutable): readonly [string, unknown] => ['name', text(source, 'name') ?? ''];
  return record([
    ['type', text(metric, 'type') ?? ''],
    ['resource', resource && record([named(resource), [name, amounts(resource, 'resource')]])],
    [
      'containerResource',
      container && record([named(container), [name, amounts(container, 'resource')], ['container', text(container, 'container') ?? '']]),
    ],
    [
      'pods',
      pods &&
        record([
          ['metric', metricOf(pods, 'selector')],
          [name, amounts(pods, 'pods')],
        ]),
    ],
    [
      'object',
      object &&
        record([
          ['describedObject', describedObject(object)],
          ['metric', metricOf(object, 'selector')],
          [name, amounts(object, 'object')],
        ]),
    ],
    [
      'external',
      external &&
        record([
          ['metric', metricOf(external, 'metricSelector')],
          [name, amounts(external, 'external')],
        ]),
    ],
  ]);
}

function readScalingRules(rules: Mutable | undefined): Mutable | undefined {
  if (rules === undefined) return undefined;
  const policies = given(rules, 'policies');
  return record([
    ['stabilizationWindowSeconds', whole(rules, 'stabilizationWindowSeconds')],
    ['selectPolicy', text(rules, 'selectPolicy')],
    [
      'policies',
      policies === undefined
        ? undefined
        : structs(policies, 'policies').map((policy) => ({
            type: text(policy, 'type') ?? '',
            value: whole(policy, 'value') ?? 0,
            periodSeconds: whole(policy, 'periodSeconds') ?? 0,
          })),
    ],
    ['tolerance', quantity(rules, 'tolerance')],
  ]);
}

function readCondition(condition: Mutable): Mutable {
  const time = text(condition, 'lastTransitionTime');
  return record([
    ['type', text(condition, 'type') ?? ''],
    ['status', text(condition, 'status') ?? ''],
    ['lastTransitionTime', time === undefined ? null : canonicalTime(time)],
    ['reason', text(condition, 'reason')],
    ['message', text(condition, 'message')],
  ]);
}

/** Parses and reads; undefined when the annotation is absent or not of the right form. */
function read<T>(annotation: string | undefined, reader: (value: unknown) => T): T | undefined {
  if (annotation === undefined) return undefined;
  try {
    return reader(JSON.parse(annotation));
  } catch (error) {
    const broken =
      error instanceof SyntaxError || error instanceof Malformed || error instanceof QuantityError || error instanceof TimeError;
    if (!broken) throw error;
    return undefined;
  }
}

/** Metrics of the spec; undefined when there are none. */
export function readMetrics(annotation: string | undefined): readonly Mutable[] | undefined {
  return read(annotation, (value) => structs(value, 'metrics').map((metric) => readMetric(metric, 'target')));
}

export function readCurrentMetrics(annotation: string | undefined): readonly Mutable[] | undefined {
  return read(annotation, (value) => structs(value, 'current-metrics').map((metric) => readMetric(metric, 'current')));
}

export function readConditions(annotation: string | undefined): readonly Mutable[] | undefined {
  return read(annotation, (value) => structs(value, 'conditions').map(readCondition));
}

export function readBehavior(annotation: string | undefined): Mutable | undefined {
  return read(annotation, (value) => {
    if (!isRecord(value)) throw new Malformed('behavior');
    return record([
      ['scaleUp', readScalingRules(struct(value, 'scaleUp'))],
      ['scaleDown', readScalingRules(struct(value, 'scaleDown'))],
    ]);
  });
}
