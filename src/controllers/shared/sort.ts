// Orders of objects that controllers share.
import type { KubeObject } from '../../apimachinery/object.js';

/** Oldest first; those of the same second by name. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  const left = a.metadata.creationTimestamp;
  const right = b.metadata.creationTimestamp;
  if (left !== right) return left < right ? -1 : 1;
  return compareText(a.metadata.name, b.metadata.name);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
