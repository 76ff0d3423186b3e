// Lengths of time as Go writes them, in metrics.

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const part = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
/** Longer texts are none. */
const longest = 40;

/** Milliseconds of a text such as `15s` or `1m30.5s`; 0 when it is none. */
export function durationOf(text: string): number {
  if (text.length > longest) return 0;
  let sum = 0;
  for (const [, digits, unit] of text.matchAll(part)) sum += Number(digits) * units[unit!]!;
  return sum;
}
