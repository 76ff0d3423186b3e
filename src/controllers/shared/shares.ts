// Numbers that may be written as a share of a total.
import type { IntOrString } from '../../../openapi/types/meta.v1.js';

/** A number, or a share of `total`: `25%`. Anything else counts as 0 (the API refuses it). */
export function resolveShare(value: IntOrString | undefined, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  if (value === undefined || !value.endsWith('%')) return 0;
  const percent = Number(value.slice(0, -1));
  return Number.isFinite(percent) ? round((percent * total) / 100) : 0;
}
