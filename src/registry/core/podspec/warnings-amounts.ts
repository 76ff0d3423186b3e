// Warnings of amounts that cannot be had. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
import { parseQuantity } from '../../../apimachinery/quantity/quantity.js';

const unit = 1_000_000_000n;
const bytes = ['memory', 'ephemeral-storage', 'storage'];

/** Warns of memory and storage in fractions of a byte. */
export function byteWarnings(field: string, amounts: Readonly<Record<string, string | number>> | undefined): string[] {
  if (amounts === undefined) return [];
  const warnings: string[] = [];
  for (const name of bytes) {
    const text = amounts[name];
    // Only a point, an exponent and a small unit can make a fraction; most amounts have none.
    if (text === undefined || (typeof text === 'string' && !/[.mnueE]/.test(text)) || parseQuantity(text).nano % unit === 0n) continue;
    warnings.push(`${field}[${name}]: fractional byte value ${JSON.stringify(String(text))} is invalid, must be an integer`);
  }
  return warnings;
}
