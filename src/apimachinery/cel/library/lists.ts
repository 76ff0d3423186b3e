// Lists: Kubernetes' own functions, and those of CEL's lists extension. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library

import { addCosts, multiplyCosts, perCharacter, scaleCost, sizeAt, sizeOf, zero } from '../cost/costs.js';
import { failure, noSuchOverload } from '../evaluate/errors.js';
import { sortByMacros } from '../syntax/macro.js';
import { compareValues, equalValues } from '../values/compare.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, DurationValue, ListValue, UintValue, keyOf } from '../values/value.js';
import { checkedInt } from './arithmetic.js';
import type { Costs, Library, Overload } from './overload.js';
import { library, overload } from './overload.js';

/** What lists may hold to be compared. */
const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'] as const;
const longestRange = 1_000_000;

function itemCost(item: CelValue): number {
  return typeof item === 'string' || item instanceof Uint8Array ? 1 + Math.ceil(sizeOf(item) * perCharacter) : 1;
}

function visitingCost(list: ListValue): number {
  if (!list.mayHoldTexts) return list.size;
  list.checkLength();
  let cost = 0;
  for (let index = 0; index < list.size; index++) cost += itemCost(list.at(index));
  return cost;
}

/** Every item looked at once; texts character by character. */
const visiting: Costs = {
  cost: ([list]) => visitingCost(list as ListValue),
  estimate: (args) => {
    const element = args[0]?.element;
    const texts = element?.type.kind === 'string' || element?.type.kind === 'bytes';
    return { cost: multiplyCosts(sizeAt(args, 0), addCosts({ min: 1, max: 1 }, texts ? scaleCost(element.size, perCharacter) : zero)) };
  },
};

/** A list made of another: ten for the list, one for the call, and one an item. */
function making(count: (size: number) => number): Costs {
  return {
    cost: (args) => 11 + count(sizeOf(args[0])),
    estimate: (args) => {
      const { min, max } = sizeAt(args, 0);
      return { cost: { min: 11 + count(min), max: 11 + count(max) }, size: { min, max } };
    },
  };
}

/** Every item compared with every other. */
const pairwise = making((size) => 2 * size * size);
/** Sorting texts compares their characters. */
const sortingTexts = making((size) => Math.ceil(2.1 * size * size));
const copying = making((size) => size);

function compare(left: CelValue, right: CelValue): number {
  const order = compareValues(left, right);
  if (order === undefined) throw noSuchOverload();
  return order;
}

// Item by item, without a copy of the list: it may have a hundred thousand.

function walkable(value: CelValue): ListValue {
  const list = value as ListValue;
  list.checkLength();
  return list;
}

function isSorted(value: CelValue): boolean {
  const list = walkable(value);
  let last: CelValue | undefined;
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index);
    if (last !== undefined && compare(last, item) > 0) return false;
    last = item;
  }
  return true;
}

function extreme(name: string, sign: number): (list: CelValue) => CelValue {
  return (value) => {
    const list = walkable(value);
    if (list.size === 0) throw failure(`${name} called on empty list`);
    let best = list.at(0);
    for (let index = 1; index < list.size; index++) {
      const item = list.at(index);
      if (compare(item, best) * sign > 0) best = item;
    }
    return best;
  };
}

/** Of a list that is not empty. */
function sum(value: CelValue): CelValue {
  const list = walkable(value);
  let total = list.at(0);
  for (let index = 1; index < list.size; index++) total = add(total, list.at(index));
  return total;
}

function add(left: CelValue, right: CelValue): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(left + right);
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (left instanceof DurationValue && right instanceof DurationValue)
    return new DurationValue(checkedInt(left.nanoseconds + right.nanoseconds));
  if (!(left instanceof UintValue) || !(right instanceof UintValue)) throw noSuchOverload();
  if (left.value + right.value >= 2n ** 64n) throw failure('unsigned integer overflow');
  return new UintValue(left.value + right.value);
}

/** An empty list has the zero of its type; `list(A)` that is empty is taken for ints. */
function zeroOf(type: string): CelValue {
  return type === 'double' ? 0 : type === 'uint' ? new UintValue(0n) : type === 'duration' ? new DurationValue(0n) : 0n;
}

function find(backward: boolean): (list: CelValue, wanted: CelValue) => CelValue {
  return (list, wanted) => {
    const items = (list as ListValue).items();
    const found = backward
      ? items.findLastIndex((item) => equalValues(item, wanted))
      : items.findIndex((item) => equalValues(item, wanted));
    return BigInt(found);
  };
}

function slice(list: CelValue, from: CelValue, to: CelValue): CelValue {
  const { size } = list as ListValue;
  const [start, end] = [Number(from), Number(to)];
  if (start < 0 || end < 0) throw failure(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) throw failure(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > size) throw failure(`cannot slice(${start}, ${end}), list is length ${size}`);
  return new ArrayList((list as ListValue).items().slice(start, end));
}

function distinct(list: CelValue): CelValue {
  const seen = new Set<unknown>();
  const kept: CelValue[] = [];
  const others: CelValue[] = [];
  for (const item of (list as ListValue).items()) {
    const key = keyOf(item);
    if (key !== undefined ? seen.has(key) : others.some((other) => equalValues(other, item))) continue;
    if (key !== undefined) seen.add(key);
    else others.push(item);
    kept.push(item);
  }
  return new ArrayList(kept);
}

function sort(list: CelValue, keys: CelValue = list): CelValue {
  const items = (list as ListValue).items();
  const by = (keys as ListValue).items();
  const order = items.map((_, index) => index).sort((left, right) => compare(by[left] as CelValue, by[right] as CelValue) || left - right);
  return new ArrayList(order.map((index) => items[index] as CelValue));
}

function flatten(list: CelValue, depth: CelValue = 1n): CelValue {
  const levels = Number(depth);
  if (levels < 0) throw failure('level must be non-negative');
  return new ArrayList([...flat(list as ListValue, levels)]);
}

function* flat(list: ListValue, levels: number): Generator<CelValue> {
  for (const item of list.items()) {
    if (item instanceof ListValue && levels > 0) yield* flat(item, levels - 1);
    else yield item;
  }
}

function range(count: CelValue): CelValue {
  const size = Math.max(0, Number(count));
  if (size > longestRange) throw failure(`lists.range() size limit exceeded`);
  return new ArrayList(Array.from({ length: size }, (_, index) => BigInt(index)));
}

const ranging: Costs = {
  cost: (args) => 11 + Math.max(0, Number(args[0])),
  estimate: (args) => {
    const literal = args[0]?.literal;
    const size = typeof literal === 'bigint' ? { min: Number(literal), max: Number(literal) } : { min: 0, max: Infinity };
    return { cost: { min: 11 + size.min, max: 11 + size.max }, size };
  },
};

const slicing: Costs = {
  cost: (args, result) => 11 + (result instanceof ListValue ? result.size : Math.max(0, Number(args[2]) - Number(args[1]))),
  estimate: (args) => {
    const [from, to] = [args[1]?.literal, args[2]?.literal];
    const max = typeof from === 'bigint' && typeof to === 'bigint' ? Math.max(0, Number(to - from)) : sizeAt(args, 0).max;
    return { cost: { min: 11, max: 11 + max }, size: { min: 0, max } };
  },
};

function kubernetes(): (readonly [string, Overload])[] {
  return [
    ...comparable.map((type) => overload(`list(${type}).isSorted(): bool`, isSorted, visiting)),
    ...(['int', 'uint', 'double', 'duration'] as const).map((type) =>
      overload(`list(${type}).sum(): ${type}`, (list) => ((list as ListValue).size === 0 ? zeroOf(type) : sum(list)), visiting),
    ),
    ...comparable.map((type) => overload(`list(${type}).min(): ${type}`, extreme('min', -1), visiting)),
    ...comparable.map((type) => overload(`list(${type}).max(): ${type}`, extreme('max', 1), visiting)),
    overload('list(A).indexOf(A): int', find(false), visiting),
    overload('list(A).lastIndexOf(A): int', find(true), visiting),
  ];
}

function sortCost(type: string): Costs {
  return type === 'string' || type === 'bytes' ? sortingTexts : pairwise;
}

function extension(): (readonly [string, Overload])[] {
  return [
    overload('list(A).slice(int, int): list(A)', slice, slicing),
    overload('list(list(A)).flatten(): list(A)', (list) => flatten(list), copying),
    overload(
      'list(dyn).flatten(int): list(dyn)',
      flatten,
      making((size) => 2 * size),
    ),
    overload('!lists.range(int): list(int)', range, ranging),
    overload('list(A).distinct(): list(A)', distinct, pairwise),
    overload('list(A).reverse(): list(A)', (list) => new ArrayList([...(list as ListValue).items()].reverse()), copying),
    ...comparable.map((type) => overload(`list(${type}).sort(): list(${type})`, (list) => sort(list), sortCost(type))),
    ...comparable.map((type) => overload(`list(A).@sortByAssociatedKeys(list(${type})): list(A)`, sort, sortCost(type))),
  ];
}

export function listsLibrary(): Library {
  return library([...kubernetes(), ...extension()], sortByMacros);
}
