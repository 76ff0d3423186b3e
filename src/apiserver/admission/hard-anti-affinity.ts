// LimitPodHardAntiAffinityTopology: no pod keeps others from more than its own node.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#limitpodhardantiaffinitytopology
import type { PodSpec } from '../../../openapi/types/core.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import type { AdmissionPlugin } from './chain.js';
import { isPodWrite, specOf } from './pod-requests.js';

const hostname = 'kubernetes.io/hostname';

/** Refuses with 403 pods whose required anti-affinity is about other than single nodes. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  handles: isPodWrite,
  validate: (request) => {
    const { affinity } = (specOf(request) ?? {}) as Partial<PodSpec>;
    const wide = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.find((term) => term.topologyKey !== hostname);
    if (wide === undefined) return;
    const why = `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${hostname} is allowed`;
    throw forbidden(request.kind, request.name, why);
  },
};
