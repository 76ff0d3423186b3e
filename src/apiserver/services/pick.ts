// Choosing a free number of a range.
import type { Random } from '../../clock/random.js';

/**
 * A free number of the `size` numbers from `first` on: at random from above the band of `band` numbers at the range's beginning, then the
 * next free one, and from the band itself only when there is none above. Undefined when all are taken.
 */
export function pickFree(isFree: (n: number) => boolean, first: number, size: number, band: number, random: Random): number | undefined {
  return pickFrom(isFree, first + band, size - band, random) ?? pickFrom(isFree, first, band, random);
}

function pickFrom(isFree: (n: number) => boolean, first: number, size: number, random: Random): number | undefined {
  if (size <= 0) return undefined;
  const start = Math.floor(random.next() * size);
  for (let i = 0; i < size; i++) {
    const candidate = first + ((start + i) % size);
    if (isFree(candidate)) return candidate;
  }
  return undefined;
}
