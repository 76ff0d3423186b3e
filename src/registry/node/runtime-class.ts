// Runtime classes. https://kubernetes.io/docs/concepts/containers/runtime-class/
import type { Toleration } from '../../../openapi/types/core.v1.js';
import type { RuntimeClass } from '../../../openapi/types/node.v1.js';
import { duplicate, invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkLabelName, checkQualifiedName, each, immutable, needed, optionalOneOf, type Errors } from '../rules/fields.js';
import { labelMapErrors } from '../rules/selectors.js';

/** Resources that need no domain. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
const standardResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

function resourceErrors(field: string, name: string, amount: string | number): Errors {
  const errors = [...checkQualifiedName(field, name)];
  if (!name.includes('/') && !standardResources.has(name) && !name.startsWith('hugepages-')) {
    errors.push(
      invalid(field, name, 'must be a standard resource type or fully qualified'),
      invalid(field, name, 'must be a standard resource for containers'),
    );
  }
  if (parseQuantity(amount).nano < 0n) errors.push(invalid(field, String(amount), 'must be greater than or equal to 0'));
  return errors;
}

function tolerationErrors(field: string, toleration: Draft<Toleration>, seen: readonly Draft<Toleration>[]): Errors {
  const { key = '', value = '', operator = '', effect = '', tolerationSeconds } = toleration;
  const errors: Errors[number][] = key === '' ? [] : [...checkQualifiedName(`${field}.key`, key)];
  if (key === '' && operator !== 'Exists') {
    errors.push(
      invalid(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'),
    );
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === 'Exists' && value !== '')
    errors.push(invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  if (operator !== '') errors.push(...optionalOneOf(`${field}.operator`, operator, ['Equal', 'Exists']));
  if (effect !== '') errors.push(...optionalOneOf(`${field}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
  const shown = { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds ?? null };
  const again = seen.some(
    (one) =>
      (one.key ?? '') === key &&
      (one.operator ?? '') === operator &&
      (one.value ?? '') === value &&
      (one.effect ?? '') === effect &&
      one.tolerationSeconds === tolerationSeconds,
  );
  return again ? [...errors, duplicate(field, shown)] : errors;
}

function validate(runtimeClass: Draft<RuntimeClass>): Errors {
  const { handler, overhead, scheduling } = runtimeClass;
  const podFixed = Object.entries(overhead?.podFixed ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const tolerations = scheduling?.tolerations ?? [];
  return [
    ...needed('handler', handler, checkLabelName),
    ...podFixed.flatMap(([name, amount]) => resourceErrors(`overhead.limits[${name}]`, name, amount ?? 0)),
    ...labelMapErrors('scheduling.nodeSelector', scheduling?.nodeSelector),
    ...each('scheduling.tolerations', tolerations, (field, toleration, index) =>
      tolerationErrors(field, toleration, tolerations.slice(0, index)),
    ),
  ];
}

export const runtimeClass: KindDefinition = {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  createOnUpdate: true,
  unconditionalUpdate: false,
  strategy: {
    validate: (object) => validate(object),
    validateUpdate: (object, old) => immutable('handler', (object as Draft<RuntimeClass>).handler, (old as Draft<RuntimeClass>).handler),
  },
  cells: (object, context) => [nameOf(object), (object as Draft<RuntimeClass>).handler ?? '', ageOf(object, context)],
};
