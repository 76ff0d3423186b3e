// Lists that the API requires are written as null when they have no elements, given or not, as the real server's store gives them back.
import type { Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';

/** Makes an `applyDefaults` hook that makes null of empty lists at these paths, such as `spec.drivers`. */
export function emptyListsAsNull(paths: readonly string[]): (draft: Mutable) => void {
  const compiled = paths.map((path) => path.split('.'));
  return (draft) => {
    for (const steps of compiled) {
      let parent: unknown = draft;
      for (const step of steps.slice(0, -1)) parent = isRecord(parent) ? parent[step] : undefined;
      const last = steps.at(-1)!;
      if (!isRecord(parent)) continue;
      const list = parent[last];
      if (Array.isArray(list) && list.length === 0) parent[last] = null;
    }
  };
}
