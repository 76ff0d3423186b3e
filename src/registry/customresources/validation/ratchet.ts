// On an update, what was wrong before and was not touched is let be.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
import { deepEqual } from '../../../apimachinery/equality.js';
import type { FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { sortedText } from '../sorted-text.js';
import { below, type Structural } from '../structural.js';
import type { Found } from './walk.js';

/** The element of `old` that stands for `item`; undefined when there is none, and in lists whose elements have no identity. */
export function correlated(place: Structural, old: readonly unknown[], item: unknown): unknown {
  if (place.listType === 'set') return old.find((one) => deepEqual(one, item));
  if (place.listType !== 'map' || !isRecord(item)) return undefined;
  const keysOf = (one: Readonly<Record<string, unknown>>): string => sortedText(place.mapKeys.map((key) => one[key] ?? null));
  const wanted = keysOf(item);
  return old.find((one) => isRecord(one) && keysOf(one) === wanted);
}

/** Whether the value at which an error was found is as it was. */
function isUntouched(steps: readonly (string | number)[], value: unknown, old: unknown, root: Structural): boolean {
  let place: Structural | undefined = root;
  let [now, before] = [value, old];
  for (const step of steps) {
    if (typeof step === 'number') {
      if (!Array.isArray(now) || !Array.isArray(before) || place === undefined) return false;
      // Elements without identity are as they were when all of their list is.
      if (place.listType === 'atomic') return deepEqual(now, before);
      now = (now as readonly unknown[])[step];
      before = correlated(place, before as readonly unknown[], now);
      place = place.items;
    } else {
      if (!isRecord(now) || !isRecord(before)) return false;
      now = now[step];
      before = before[step];
      place = place === undefined ? undefined : below(place, step);
    }
    if (before === undefined) return false;
  }
  return deepEqual(now, before);
}

/** The errors of `value` without those of parts that are as they were in `old`. */
export function ratcheted(found: readonly Found[], value: unknown, old: unknown, root: Structural): readonly FieldError[] {
  return old === undefined ? found : found.filter(({ steps }) => !isUntouched(steps, value, old, root));
}
