// Priority classes. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass
import type { PriorityClass } from '../../../openapi/types/scheduling.v1.js';
import { fieldForbidden } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { immutable, needed, oneOf, type Errors } from '../rules/fields.js';

const highestUserValue = 1_000_000_000;
/** The classes that the system makes for itself. */
const systemValues: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

function validate(priorityClass: Draft<PriorityClass>): Errors {
  const name = priorityClass.metadata?.name ?? '';
  const value = priorityClass.value ?? 0;
  const errors: Errors[number][] = [];
  if (name.startsWith('system-')) {
    const system = systemValues.get(name);
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    if (system === undefined) errors.push(fieldForbidden('metadata.name', `${reserved}${name} is not a known system priority class`));
    else if (value !== system) errors.push(fieldForbidden('metadata.name', `${reserved}value of ${name} PriorityClass must be ${system}`));
  } else if (value > highestUserValue) {
    errors.push(fieldForbidden('value', `maximum allowed value of a user defined priority is ${highestUserValue}`));
  }
  return [
    ...errors,
    ...needed('preemptionPolicy', priorityClass.preemptionPolicy, (field, value) => oneOf(field, value, ['PreemptLowerPriority', 'Never'])),
  ];
}

function validateUpdate(now: Draft<PriorityClass>, before: Draft<PriorityClass>): Errors {
  return [
    ...((now.value ?? 0) === (before.value ?? 0) ? [] : [fieldForbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', now.preemptionPolicy, before.preemptionPolicy),
  ];
}

export const priorityClass: KindDefinition = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  strategy: {
    applyDefaults: defaultsOf([
      ['value', 0],
      ['preemptionPolicy', 'PreemptLowerPriority'],
    ]),
    // The generation is 1 for good: what may change is not counted.
    prepareForCreate: (draft) => {
      if (isRecord(draft.metadata)) draft.metadata.generation = 1;
    },
    prepareForUpdate: (draft, old) => {
      if (isRecord(draft.metadata) && old.metadata.generation !== undefined) draft.metadata.generation = old.metadata.generation;
    },
    validateCreate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
  cells: (object, context) => {
    const { value = 0, globalDefault = false, preemptionPolicy = '' } = object as Draft<PriorityClass>;
    return [nameOf(object), value, globalDefault, ageOf(object, context), preemptionPolicy];
  },
};
