// ExtendedResourceToleration: pods that ask for a vendor's resource tolerate the taint of nodes that are kept for it.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#extendedresourcetoleration
import type { Container, PodSpec, Toleration } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isExtended } from '../../registry/core/podspec/validate-resources.js';
import type { AdmissionPlugin } from './chain.js';
import { changeSpec, isPodWrite, specOf } from './pod-requests.js';

export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  handles: isPodWrite,
  admit: (request) => {
    const { containers = [], initContainers = [], tolerations = [] } = (specOf(request) ?? {}) as Partial<PodSpec>;
    const names = new Set(
      [...containers, ...initContainers].flatMap(({ resources }: Container) => Object.keys(resources?.requests ?? {}).filter(isExtended)),
    );
    const added = [...names]
      .sort()
      .map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoSchedule' }))
      .filter((toleration) => !tolerations.some((own) => deepEqual(own, toleration)));
    if (added.length > 0) changeSpec(request, { tolerations: [...tolerations, ...added] });
  },
};
