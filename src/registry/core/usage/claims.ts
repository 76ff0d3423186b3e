// What a claim for storage uses of a quota. https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-storage-resources
import type { PersistentVolumeClaim } from '../../../../openapi/types/core.v1.js';
import { compareQuantities, parseQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { one } from './amounts.js';

const names = new Set(['persistentvolumeclaims', 'count/persistentvolumeclaims', 'requests.storage']);
const ofClass = '.storageclass.storage.k8s.io/';
const classNames = ['requests.storage', 'persistentvolumeclaims'];
/** The old place of `storageClassName`, which comes before it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Whether a quota for this resource is about claims. */
export function isClaimResource(name: string): boolean {
  return names.has(name) || classNames.some((one) => name.endsWith(ofClass + one));
}

export function claimUsage({ metadata, spec, status }: PersistentVolumeClaim): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([
    ['count/persistentvolumeclaims', one],
    ['persistentvolumeclaims', one],
  ]);
  const className = metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '';
  if (className !== '') usage.set(`${className}${ofClass}persistentvolumeclaims`, one);
  const asked = spec?.resources?.requests?.['storage'];
  if (asked === undefined) return usage;
  let size = parseQuantity(asked);
  // While a volume shrinks back after a failed growth, what was given still counts.
  const given = status?.allocatedResources?.['storage'];
  if (given !== undefined && compareQuantities(parseQuantity(given), size) > 0) size = parseQuantity(given);
  usage.set('requests.storage', size);
  if (className !== '') usage.set(`${className}${ofClass}requests.storage`, size);
  return usage;
}
