// Defaults must be values that their own schema takes. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
import { invalid } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { embeddedErrors } from '../customresources/embedded.js';
import { rulesWork } from '../customresources/rules/evaluate.js';
import { sortedText } from '../customresources/sorted-text.js';
import { below, type Structural } from '../customresources/structural.js';
import { validation } from '../customresources/validation/long.js';
import { compileValidator } from '../customresources/validation/validator.js';
import { ValidationWalk } from '../customresources/validation/walk.js';
import type { Work } from '../../clock/slices.js';
import type { Errors } from '../rules/fields.js';

/** What every object within an object has. */
const ownFields = new Set(['apiVersion', 'kind', 'metadata']);

/** Whether something in the value would be taken away. */
function hasUnknown(value: unknown, place: Structural): boolean {
  if (Array.isArray(value))
    return place.items !== undefined && (value as readonly unknown[]).some((item) => hasUnknown(item, place.items!));
  if (!isRecord(value)) return false;
  return Object.keys(value).some((name) => {
    if (place.embedded && ownFields.has(name)) return false;
    const inner = below(place, name);
    return inner === undefined ? !place.open && place.additional !== true : hasUnknown(value[name], inner);
  });
}

function* ownErrors(field: string, place: Structural): Work<Errors> {
  const value = place.default;
  if (value === undefined || value === null) return [];
  const path = `${field}.default`;
  const walk = new ValidationWalk(path, true);
  yield* validation(compileValidator(place.schema, true), value, walk);
  const unknown = hasUnknown(value, place)
    ? [{ ...invalid(path, null, ''), message: `Invalid value: ${sortedText(value)}: must not have unknown fields` }]
    : [];
  const broken = walk.errors.map(({ field: at, reason, message }) => ({ field: at, reason, message }));
  if (broken.length > 0) return [...unknown, ...broken];
  return [...unknown, ...embeddedErrors(value, place, path), ...(yield* rulesWork(value, undefined, place, path)).errors];
}

/** Those of free keys' values are not looked at: the real server takes any. */
function* under(field: string, place: Structural, errors: Errors[number][]): Work<void> {
  if (!place.hasDefaults) return;
  yield;
  errors.push(...(yield* ownErrors(field, place)));
  for (const [name, property] of place.properties) yield* under(`${field}.properties[${name}]`, property, errors);
  if (place.items !== undefined) yield* under(`${field}.items`, place.items, errors);
}

/** The broken rules of the defaults in a version's schema, which `root` is of; `field` is its path. */
export function* defaultErrors(field: string, root: Structural): Work<Errors> {
  const errors: Errors[number][] = [];
  yield* under(field, root, errors);
  return errors;
}
