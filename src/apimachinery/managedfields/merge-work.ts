// Lays a long configuration over the live object, in slices: what is long is gone through part by part, all else at once.
import { Steps, type Work } from '../../clock/slices.js';
import { setField } from '../fields.js';
import { isRecord } from '../object.js';
import { isLong, markLong } from '../schema/weigh.js';
import { mergeConfig } from './merge.js';
import type { Structure } from './structure.js';

/** How many fields are merged at a time. */
const batch = 256;

/** {@link mergeConfig}, which yields in the midst of long maps. */
export function* mergeConfigWork(structure: Structure, live: unknown, config: unknown, steps = new Steps(batch)): Work<unknown> {
  const isFields = structure.shape === 'struct' || structure.shape === 'map' || structure.shape === 'deduced';
  if (live === config || !isFields || !isRecord(live) || !isRecord(config) || !isLong(config)) return mergeConfig(structure, live, config);
  const changes: [string, unknown][] = [];
  for (const name of Object.keys(config)) {
    if (steps.due()) yield;
    const below = structure.below(name);
    if (below === undefined) continue;
    const [old, wanted] = [Object.hasOwn(live, name) ? live[name] : undefined, config[name]];
    const value =
      old === undefined ? wanted : isLong(wanted) ? yield* mergeConfigWork(below, old, wanted, steps) : mergeConfig(below, old, wanted);
    if (value !== old) changes.push([name, value]);
  }
  if (changes.length === 0) return live;
  yield;
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of changes) {
    if (steps.due()) yield;
    setField(result, name, value);
  }
  markLong(result);
  return result;
}
