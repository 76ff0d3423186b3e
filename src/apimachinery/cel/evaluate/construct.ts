// Lists, maps and objects that expressions write out.

import { keyText } from '../library/standard.js';
import type { CelType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, EntriesMap, OptionalValue, StructValue, keyOf } from '../values/value.js';
import { failure, noSuchOverload } from './errors.js';
import type { Step } from './run.js';
import { charge } from './run.js';

export function listStep(elements: readonly { readonly value: Step; readonly optional: boolean }[]): Step {
  if (elements.every(({ optional }) => !optional)) {
    const steps = elements.map(({ value }) => value);
    return (frame) => {
      charge(frame, 10);
      return new ArrayList(steps.map((step) => step(frame)));
    };
  }
  return (frame) => {
    charge(frame, 10);
    const items: CelValue[] = [];
    for (const { value, optional } of elements) {
      const item = value(frame);
      const present = optional ? unwrap(item) : item;
      if (present !== undefined) items.push(present);
    }
    return new ArrayList(items);
  };
}

function unwrap(value: CelValue): CelValue | undefined {
  if (!(value instanceof OptionalValue)) throw noSuchOverload();
  return value.value;
}

/** `strict`: repeated keys and keys of type double are errors, as the specification has it; the real server lets them through. */
export function mapStep(
  entries: readonly { readonly key: Step; readonly value: Step; readonly optional: boolean }[],
  strict: boolean,
): Step {
  return (frame) => {
    charge(frame, 30);
    const result = new Map<string | bigint | boolean, readonly [CelValue, CelValue]>();
    for (const entry of entries) {
      const key = entry.key(frame);
      const given = entry.value(frame);
      const value = entry.optional ? unwrap(given) : given;
      if (value === undefined) continue;
      const lookup = strict && typeof key === 'number' ? undefined : keyOf(key);
      if (lookup === undefined) throw failure('unsupported key type');
      if (strict && result.has(lookup)) throw failure(`Failed with repeated key: ${keyText(key)}`);
      result.set(lookup, [key, value]);
    }
    return new EntriesMap(result);
  };
}

export function structStep(
  type: CelType,
  entries: readonly { readonly field: string; readonly value: Step; readonly optional: boolean }[],
): Step {
  return (frame) => {
    charge(frame, 40);
    const result = new Map<string, readonly [CelValue, CelValue]>();
    for (const entry of entries) {
      const given = entry.value(frame);
      const value = entry.optional ? unwrap(given) : given;
      if (value !== undefined) result.set(entry.field, [entry.field, value]);
    }
    return new StructValue(result, type);
  };
}
