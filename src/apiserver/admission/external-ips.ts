// DenyServiceExternalIPs: services get no more external addresses. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips
import type { Service } from '../../../openapi/types/core.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import type { AdmissionPlugin } from './chain.js';

/** Refuses with 403 external addresses that a service did not have before. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  handles: ({ operation, kind, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') && kind.group === '' && kind.resource === 'services' && subresource === '',
  validate: ({ object, old, kind, name }) => {
    const asked = (object as Partial<Service> | undefined)?.spec?.externalIPs ?? [];
    const before = (old as Service | undefined)?.spec?.externalIPs ?? [];
    if (asked.some((address) => !before.includes(address)))
      throw forbidden(kind, name, 'Use of external IPs is denied by admission control');
  },
};
