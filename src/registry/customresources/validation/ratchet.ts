// On an update, what was wrong before and was not touched is let be.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
import { deepEqual } from '../../../apimachinery/equality.js';
import type { FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { sortedText } from '../sorted-text.js';
import { below, type Structural } from '../structural.js';
import type { Found } from './walk.js';

/** What identifies an element of a list; undefined for one that has no identity. */
function identityOf({ listType, mapKeys }: Structural, item: unknown): string | undefined {
  if (listType === 'set') return sortedText(item);
  return listType === 'map' && isRecord(item) ? sortedText(mapKeys.map((key) => item[key] ?? null)) : undefined;
}

/** One comparison of a value with what it was. What was worked out about a list is kept for its other elements. */
export class Correlation {
  readonly #identities = new Map<readonly unknown[], ReadonlyMap<string, unknown>>();
  readonly #same = new Map<object, { readonly old: unknown; readonly same: boolean }>();

  /** The element of `old` that stands for `item`; undefined when there is none, and in lists whose elements have no identity. */
  elementOf(place: Structural, old: readonly unknown[], item: unknown): unknown {
    const wanted = identityOf(place, item);
    if (wanted === undefined) return undefined;
    let known = this.#identities.get(old);
    if (known === undefined) this.#identities.set(old, (known = byIdentity(place, old)));
    return known.get(wanted);
  }

  /** Whether a value is as it was. Objects and lists are compared once. */
  isSame(now: unknown, old: unknown): boolean {
    if (typeof now !== 'object' || now === null) return deepEqual(now, old);
    let known = this.#same.get(now);
    if (known?.old !== old) this.#same.set(now, (known = { old, same: deepEqual(now, old) }));
    return known!.same;
  }
}

/** The first of each identity. */
function byIdentity(place: Structural, list: readonly unknown[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const item of list) {
    const identity = identityOf(place, item);
    if (identity !== undefined && !found.has(identity)) found.set(identity, item);
  }
  return found;
}

/** Whether the value at which an error was found is as it was. A whole object never is: each write makes it another, if only in its books. */
function isUntouched({ steps, field, reason }: Found, value: unknown, old: unknown, root: Structural, correlation: Correlation): boolean {
  if (steps.length === 0) return false;
  let place: Structural | undefined = root;
  let [now, before] = [value, old];
  for (const step of steps) {
    if (typeof step === 'number') {
      if (!Array.isArray(now) || !Array.isArray(before) || place === undefined) return false;
      // Elements without identity are as they were when all of their list is.
      if (place.listType === 'atomic') return correlation.isSame(now, before);
      now = (now as readonly unknown[])[step];
      before = correlation.elementOf(place, before as readonly unknown[], now);
      place = place.items;
    } else {
      if (!isRecord(now) || !isRecord(before)) return false;
      now = now[step];
      before = before[step];
      place = place === undefined ? undefined : below(place, step);
    }
    if (before === undefined) return false;
  }
  // What an object within the object is, it must always say.
  const saysNot = place?.embedded === true && reason === 'FieldValueRequired' && ownFields.test(field);
  return !saysNot && correlation.isSame(now, before);
}

const ownFields = /\.(apiVersion|kind)$/;

/** The errors of `value` without those of parts that are as they were in `old`. */
export function ratcheted(found: readonly Found[], value: unknown, old: unknown, root: Structural): readonly FieldError[] {
  if (old === undefined) return found;
  const correlation = new Correlation();
  return found.filter((error) => !isUntouched(error, value, old, root, correlation));
}
