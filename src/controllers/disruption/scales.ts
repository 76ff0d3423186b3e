// Asks any kind that has a scale for the number of replicas that it is to have.
// https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/
import type { Scale } from '../../../openapi/types/autoscaling.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { parseApiVersion } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { defineResource } from '../../client/resources.js';
import type { Clock } from '../../clock/clock.js';
import type { OwnerReference } from '../../../openapi/types/meta.v1.js';

export interface Scales {
  /**
   * The replicas that the object behind the reference is to have; undefined when there is no such object (any more).
   * Throws {@link UnknownKindError} for a kind that is not served, Error for one without a scale, ApiError when the server fails.
   */
  replicasOf(namespace: string, reference: OwnerReference): Promise<number | undefined>;
}

/** The API has no such kind, as far as is known. */
export class UnknownKindError extends Error {
  constructor(
    kind: string,
    apiVersion: string,
    /** In so many milliseconds the server may be asked again; undefined when it has just been asked. */
    readonly retryAfter: number | undefined,
  ) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

/** Pods may name owners that nobody knows: the server is not asked for all its kinds at each of them. */
const refresh = 30_000;

export function createScales(client: Client, clock: Clock): Scales {
  let known = new Map<string, ResourceType>();
  let asked: number | undefined;

  const lookUp = async ({ apiVersion, kind }: OwnerReference): Promise<ResourceType> => {
    const { group, version } = parseApiVersion(apiVersion);
    const id = `${group}/${kind}`;
    let fresh = false;
    if (!known.has(id) && (asked === undefined || clock.now() - asked >= refresh)) {
      const types = await client.discover();
      known = new Map(types.map((type) => [`${type.group}/${type.kind}`, type]));
      asked = clock.now();
      fresh = true;
    }
    const type = known.get(id);
    if (type === undefined)
      throw new UnknownKindError(kind, apiVersion, fresh || asked === undefined ? undefined : asked + refresh - clock.now());
    // The owner's own version, which need not be the preferred one.
    return version === type.version ? type : defineResource(group, version, type.resource, kind, type.namespaced);
  };

  return {
    async replicasOf(namespace, reference) {
      const type = await lookUp(reference);
      const key = type.namespaced ? { namespace, name: reference.name } : { name: reference.name };
      try {
        const scale: unknown = await client.get(type, key, 'scale');
        const { metadata, spec } = scale as Scale;
        return metadata.uid === reference.uid ? (spec.replicas ?? 0) : undefined;
      } catch (error) {
        if (!(error instanceof ApiError) || !isReason(error, 'NotFound')) throw error;
        // Without a name in it, the answer is about the path: there is no such subresource, or no such version.
        if (error.status.details?.name === reference.name) return undefined;
        const resource = type.group === '' ? type.resource : `${type.resource}.${type.group}`;
        throw new Error(`${resource} does not implement the scale subresource`);
      }
    },
  };
}
