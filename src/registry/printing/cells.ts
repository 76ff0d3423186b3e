// Texts that several kinds' table cells share.
import type { KubeObject } from '../../apimachinery/object.js';
import type { TableContext } from '../kind.js';
import { age } from './duration.js';

/** The object's age by its creation time. */
export function ageOf(object: KubeObject, context: TableContext): string {
  return age(object.metadata.creationTimestamp, context.now);
}

export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

/** A map of labels as `a=1,b=2` in the order of keys, `<none>` when empty. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {});
  if (labels === undefined || keys.length === 0) return '<none>';
  return keys
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(',');
}
