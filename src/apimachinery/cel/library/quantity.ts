// Quantities of resources. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library

import type { Quantity } from '../../quantity/quantity.js';
import { QuantityError, addQuantities, compareQuantities, parseQuantity, subtractQuantities } from '../../quantity/quantity.js';
import { traversal } from '../cost/costs.js';
import { failure } from '../evaluate/errors.js';
import { opaqueType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { OpaqueValue } from '../values/value.js';
import type { Library } from './overload.js';
import { library, overload } from './overload.js';

const quantityType = opaqueType('kubernetes.Quantity');
const billion = 1_000_000_000n;
const greatestInt = 2n ** 63n - 1n;
const longestText = 1000;

function parse(text: string): Quantity | string {
  if (text.length > longestText) return 'unable to parse numeric part of quantity';
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return error.message;
    throw error;
  }
}

function value(quantity: Quantity): OpaqueValue {
  return new OpaqueValue(quantityType, quantity, (other) => quantity.nano === (other as Quantity).nano);
}

function quantity(text: CelValue): OpaqueValue {
  const parsed = parse(text as string);
  if (typeof parsed === 'string') throw failure(parsed);
  return value(parsed);
}

const content = (one: CelValue): Quantity => (one as OpaqueValue).content as Quantity;

function ofInt(number: CelValue): Quantity {
  return { nano: (number as bigint) * billion, format: 'DecimalSI' };
}

function isInteger({ nano }: Quantity): boolean {
  const whole = nano / billion;
  return nano % billion === 0n && whole <= greatestInt && whole >= -greatestInt - 1n;
}

function asInteger(one: CelValue): bigint {
  if (!isInteger(content(one))) throw failure('cannot convert value to integer');
  return content(one).nano / billion;
}

const order = (left: CelValue, right: CelValue): number => compareQuantities(content(left), content(right));

export function quantityLibrary(): Library {
  return library([
    overload('quantity(string): kubernetes.Quantity', quantity, traversal([0])),
    overload('isQuantity(string): bool', (text) => typeof parse(text as string) !== 'string', traversal([0])),
    overload('sign(kubernetes.Quantity): int', (one) => (content(one).nano > 0n ? 1n : content(one).nano < 0n ? -1n : 0n)),
    overload('kubernetes.Quantity.isInteger(): bool', (one) => isInteger(content(one))),
    overload('kubernetes.Quantity.asInteger(): int', asInteger),
    overload('kubernetes.Quantity.asApproximateFloat(): double', (one) => Number(content(one).nano) / 1e9),
    overload('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (left, right) => BigInt(Math.sign(order(left, right)))),
    overload('kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool', (left, right) => order(left, right) < 0),
    overload('kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool', (left, right) => order(left, right) > 0),
    overload('kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity', (left, right) =>
      value(addQuantities(content(left), content(right))),
    ),
    overload('kubernetes.Quantity.add(int): kubernetes.Quantity', (left, right) => value(addQuantities(content(left), ofInt(right)))),
    overload('kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity', (left, right) =>
      value(subtractQuantities(content(left), content(right))),
    ),
    overload('kubernetes.Quantity.sub(int): kubernetes.Quantity', (left, right) => value(subtractQuantities(content(left), ofInt(right)))),
  ]);
}
