// The object that is scaled, by its scale subresource.
// https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/
import type { Scale } from '../../../openapi/types/autoscaling.v1.js';
import type { CrossVersionObjectReference } from '../../../openapi/types/autoscaling.v2.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { parseApiVersion } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import type { Clock } from '../../clock/clock.js';
import { createKnownResources } from '../shared/known-resources.js';

export interface ScaleTarget {
  readonly type: ResourceType;
  readonly scale: Scale;
}

export interface ScaleTargets {
  /** Rejects with what an autoscaler says when it cannot have its target. */
  get(namespace: string, reference: CrossVersionObjectReference): Promise<ScaleTarget>;
  /** Writes the number of replicas; rejects when somebody else wrote it meanwhile. */
  set(target: ScaleTarget, replicas: number): Promise<void>;
  /** The resource of a kind; undefined when the API has none. */
  resourceOf(apiVersion: string, kind: string): Promise<ResourceType | undefined>;
}

export function createScaleTargets(client: Client, clock: Clock): ScaleTargets {
  const known = createKnownResources(client, clock);
  // Only the group counts: an autoscaler takes the version that the API prefers.
  const resourceOf = (apiVersion: string, kind: string): Promise<ResourceType | undefined> =>
    known.byKind(parseApiVersion(apiVersion).group, kind);

  return {
    resourceOf,
    async get(namespace, { apiVersion = '', kind, name }) {
      const type = await resourceOf(apiVersion, kind);
      if (type === undefined) throw new Error(`no matches for kind "${kind}" in group "${parseApiVersion(apiVersion).group}"`);
      try {
        const scale: unknown = await client.get(type, type.namespaced ? { namespace, name } : { name }, 'scale');
        return { type, scale: scale as Scale };
      } catch (error) {
        // Without a name, the answer is about the path: such objects have no scale.
        if (error instanceof ApiError && isReason(error, 'NotFound') && (error.status.details?.name ?? '') === '')
          throw new Error('the server could not find the requested resource');
        throw error;
      }
    },
    async set({ type, scale }, replicas) {
      const draft = { ...scale, spec: { ...scale.spec, replicas } };
      await client.update(type, draft, { subresource: 'scale' });
    },
  };
}
