// Lists as sets. https://kubernetes.io/docs/reference/using-api/cel/#cel-community-libraries

import { multiplyCosts, one, addCosts, scaleCost, sizeAt, sizeOf } from '../cost/costs.js';
import { equalValues } from '../values/compare.js';
import type { CelValue, ListValue } from '../values/value.js';
import { keyOf } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';

/** Looks items up by what they are, where that is possible. */
function lookup(list: CelValue): (item: CelValue) => boolean {
  const items = (list as ListValue).items();
  const keys = new Set(items.map(keyOf));
  return (item) => {
    const key = keyOf(item);
    return key === undefined ? items.some((other) => equalValues(other, item)) : keys.has(key);
  };
}

function contains(list: CelValue, part: CelValue): boolean {
  return (part as ListValue).items().every(lookup(list));
}

function intersects(left: CelValue, right: CelValue): boolean {
  return (left as ListValue).items().some(lookup(right));
}

/** Every item of one compared with every item of the other. */
function product(factor: number): Costs {
  return {
    cost: (args) => factor * sizeOf(args[0]) * sizeOf(args[1]) + 1,
    estimate: (args) => ({ cost: addCosts(scaleCost(multiplyCosts(sizeAt(args, 0), sizeAt(args, 1)), factor), one) }),
  };
}

export function setsLibrary(): Library {
  return library([
    overload('!sets.contains(list(A), list(A)): bool', contains, product(1)),
    overload('!sets.equivalent(list(A), list(A)): bool', (left, right) => contains(left, right) && contains(right, left), product(2)),
    overload('!sets.intersects(list(A), list(A)): bool', intersects, product(1)),
  ]);
}
