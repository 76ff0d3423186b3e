// Optional values: `optional.of(x)`, `a.?b`, `orValue`. https://pkg.go.dev/github.com/google/cel-go/cel#OptionalTypes

import { failure } from '../evaluate/errors.js';
import { optionalMacros } from '../syntax/macro.js';
import { opaqueType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, ListValue, MapValue, OptionalValue, UintValue, noValue } from '../values/value.js';
import type { Library } from './overload.js';
import { library, overload } from './overload.js';

/** false, 0, empty texts, lists and maps, null. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  return value instanceof UintValue && value.value === 0n;
}

/** The element or entry if there is one; looks into optionals. */
export function optionalIndex(container: CelValue, key: CelValue): OptionalValue {
  if (container instanceof OptionalValue) return container.value === undefined ? noValue : optionalIndex(container.value, key);
  if (container instanceof ListValue) {
    const place = typeof key === 'bigint' ? Number(key) : key instanceof UintValue ? Number(key.value) : typeof key === 'number' ? key : -1;
    return Number.isInteger(place) && place >= 0 && place < container.size ? new OptionalValue(container.at(place)) : noValue;
  }
  if (container instanceof MapValue) {
    const value = container.get(key);
    return value === undefined ? noValue : new OptionalValue(value);
  }
  throw failure('no such overload');
}

function unwrap(list: CelValue): CelValue {
  const values: CelValue[] = [];
  for (const item of (list as ListValue).items()) if (item instanceof OptionalValue && item.value !== undefined) values.push(item.value);
  return new ArrayList(values);
}

function first(list: CelValue): CelValue {
  return (list as ListValue).size === 0 ? noValue : new OptionalValue((list as ListValue).at(0));
}

function last(list: CelValue): CelValue {
  const { size } = list as ListValue;
  return size === 0 ? noValue : new OptionalValue((list as ListValue).at(size - 1));
}

export function optionalLibrary(): Library {
  return library(
    [
      overload('!optional.of(A): optional(A)', (value) => new OptionalValue(value)),
      overload('!optional.ofNonZeroValue(A): optional(A)', (value) => (isZero(value) ? noValue : new OptionalValue(value))),
      overload('!optional.none(): optional(A)', () => noValue),
      overload('!optional.unwrap(list(optional(A))): list(A)', unwrap),
      overload('list(optional(A)).unwrapOpt(): list(A)', unwrap),
      overload('optional(A).value(): A', (optional) => {
        const { value } = optional as OptionalValue;
        if (value === undefined) throw failure('optional.none() dereference');
        return value;
      }),
      overload('optional(A).hasValue(): bool', (optional) => (optional as OptionalValue).value !== undefined),
      // `or` and `orValue` are planned: their argument is evaluated only when it is needed.
      overload('optional(A).or(optional(A)): optional(A)', (one, other) => ((one as OptionalValue).value === undefined ? other : one)),
      overload('optional(A).orValue(A): A', (optional, otherwise) => (optional as OptionalValue).value ?? otherwise),
      overload('_[?_](list(A), int): optional(A)', optionalIndex),
      overload('_[?_](map(A, B), A): optional(B)', optionalIndex),
      overload('_[?_](optional(list(A)), int): optional(A)', optionalIndex),
      overload('_[?_](optional(map(A, B)), A): optional(B)', optionalIndex),
      overload('_[_](optional(list(A)), int): optional(A)', optionalIndex),
      overload('_[_](optional(map(A, B)), A): optional(B)', optionalIndex),
      overload('list(A).first(): optional(A)', first),
      overload('list(A).last(): optional(A)', last),
    ],
    optionalMacros,
    [opaqueType('optional_type')],
  );
}
