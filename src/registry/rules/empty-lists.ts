// Lists that the API requires are written as null when they have no elements, given or not, as the real server's store gives them back.
import type { Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Strategy } from '../kind.js';

function makeNull(value: unknown, steps: readonly string[], at: number): void {
  if (!isRecord(value)) return;
  const step = steps[at]!;
  if (at === steps.length - 1) {
    const list = value[step];
    if (Array.isArray(list) && list.length === 0) value[step] = null;
  } else if (step.endsWith('[]')) {
    const list = value[step.slice(0, -2)];
    if (Array.isArray(list)) for (const element of list as unknown[]) makeNull(element, steps, at + 1);
  } else makeNull(value[step], steps, at + 1);
}

/** Makes a function that makes null of empty lists at these paths, such as `spec.drivers` or `spec.drivers[].topologyKeys`. */
export function emptyListsAsNull(paths: readonly string[]): (draft: Mutable) => void {
  const compiled = paths.map((path) => path.split('.'));
  return (draft) => {
    for (const steps of compiled) makeNull(draft, steps, 0);
  };
}

/** As hooks: after the books of managed fields are kept, in which an empty list that was sent counts as set. */
export function emptyListHooks(paths: readonly string[]): Required<Pick<Strategy, 'prepareForCreate' | 'prepareForUpdate'>> {
  const makeAllNull = emptyListsAsNull(paths);
  return { prepareForCreate: (draft) => makeAllNull(draft), prepareForUpdate: (draft) => makeAllNull(draft) };
}
