// The hash of a pod template: the label `pod-template-hash` and the end of a replica set's name.
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';
import { canonicalJson, nameOfHash } from '../shared/canonical.js';

export const hashLabel = 'pod-template-hash';

/**
 * At most ten characters; the same for equal templates, whatever the order of their fields.
 * @param collisions how often the name was taken by a set with another template
 */
export function templateHash(template: PodTemplateSpec, collisions: number | undefined): string {
  let hash = fnv(0x811c9dc5, canonicalJson(template));
  if (collisions !== undefined && collisions > 0) hash = fnv(hash, `#${collisions}`);
  return nameOfHash(hash);
}

/** FNV-1a over UTF-8. */
function fnv(start: number, text: string): number {
  let hash = start;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
