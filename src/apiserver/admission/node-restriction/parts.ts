// What the checks of NodeRestriction share.
import { forbidden } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { AdmissionRequest } from '../chain.js';

/** An object as it is stored now. */
export type Stored = (resource: StoredResource, namespace: string, name: string) => Promise<KubeObject | undefined>;

export type StoredResource = 'pods' | 'nodes' | 'persistentvolumeclaims' | 'persistentvolumes' | 'csidrivers';

/** Throws the 403. */
export function refuse({ kind, name }: AdmissionRequest, why: string): never {
  throw forbidden(kind, name, why);
}
