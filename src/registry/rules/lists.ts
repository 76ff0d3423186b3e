// Lists with a limit, whose elements may have to differ.
import { duplicate, tooMany } from '../../apimachinery/errors/field-error.js';
import { each, type Errors } from './fields.js';

/** A list of at most `limit` elements. Of one that is longer, the elements are not looked at. */
export function limitedErrors<T>(
  field: string,
  values: readonly T[] | undefined | null,
  limit: number,
  checkOne: (field: string, value: T, index: number) => Errors,
): Errors {
  const list = values ?? [];
  return list.length > limit ? [tooMany(field, list.length, limit)] : each(field, list, checkOne);
}

/** As {@link limitedErrors}; then come the elements whose `key` was there before, shown as `shown` says. */
export function uniqueErrors<T>(
  field: string,
  values: readonly T[] | undefined | null,
  limit: number,
  checkOne: (field: string, value: T, index: number) => Errors,
  key: (value: T) => string,
  shown: (value: T) => unknown = key,
): Errors {
  const list = values ?? [];
  if (list.length > limit) return [tooMany(field, list.length, limit)];
  const seen = new Set<string>();
  return [
    ...each(field, list, checkOne),
    ...each(field, list, (path, value) => {
      const own = key(value);
      if (seen.has(own)) return [duplicate(path, shown(value))];
      seen.add(own);
      return [];
    }),
  ];
}
