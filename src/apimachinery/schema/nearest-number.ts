// The double that stands for a JSON number.

const end = 2 ** 63;
/** The next double below 2^63. */
const last = end - 1024;

/**
 * The double next to a number in JSON's own notation; infinite for one beyond all doubles. An integer of 64 bits stays one: those at the ends
 * become the last double before the end, since clients that read 64 bits would refuse the text of the one at the end.
 */
export function nearestNumber(text: string): number {
  const number = Number(text);
  if (Math.abs(number) !== end || !/^-?\d{19}$/.test(text)) return number;
  const exact = BigInt(text);
  return BigInt.asIntN(64, exact) === exact ? Math.sign(number) * last : number;
}
