// What the API fills in for requests of devices; claims and templates have them at different places.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { Mutable } from '../../apimachinery/object.js';
import { defaultsOf } from '../rules/defaults.js';

const requests = ['exactly', 'firstAvailable[]'];

/** The defaults of the requests under `spec` (the path of a claim's spec). */
export function requestDefaults(spec: string): (draft: Mutable) => void {
  return defaultsOf(
    requests.flatMap((kind) => [
      [`${spec}.devices.requests[].${kind}.allocationMode`, 'ExactCount'] as const,
      [
        `${spec}.devices.requests[].${kind}.count`,
        (request: Mutable) => (request.allocationMode === 'ExactCount' ? 1 : undefined),
      ] as const,
      [`${spec}.devices.requests[].${kind}.tolerations[].operator`, 'Equal'] as const,
    ]),
  );
}
