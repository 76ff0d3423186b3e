// Access to devices that others use, for administrators: only in namespaces that say so.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#admin-access
import type { ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate } from '../../../openapi/types/resource.v1.js';
import { fieldForbidden, invalidObject } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.js';
import type { Storages } from '../core/resource-storage.js';

const label = 'resource.kubernetes.io/admin-access';
const why = `admin access to devices requires the \`${label}: true\` label on the containing namespace`;

/** The path of the first request for it; templates' requests are told by the path of the claims' own. */
function requestFor(spec: Draft<ResourceClaimSpec> | undefined): string | undefined {
  const index = (spec?.devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : `spec.devices.requests[${index}].adminAccess`;
}

function resultWith(claim: Draft<ResourceClaim> | undefined): string | undefined {
  const index = (claim?.status?.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true);
  return index < 0 ? undefined : `status.allocation.devices.results[${index}].adminAccess`;
}

function fieldOf({ kind, subresource, object, old }: AdmissionRequest): string | undefined {
  if (kind.resource === 'resourceclaimtemplates') {
    return old === undefined ? requestFor((object as Draft<ResourceClaimTemplate> | undefined)?.spec?.spec) : undefined;
  }
  const claim = object as Draft<ResourceClaim> | undefined;
  if (subresource === 'status') return resultWith(old) === undefined ? resultWith(claim) : undefined;
  return old === undefined && subresource === '' ? requestFor(claim?.spec) : undefined;
}

/** Throws 422 for a claim that asks for such access, or gets it, elsewhere. */
export function deviceAdminAccess(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'DeviceAdminAccess',
    handles: (request) => request.kind.group === 'resource.k8s.io' && request.object !== undefined && fieldOf(request) !== undefined,
    admit: async (request) => {
      const { kind, name, namespace } = request;
      const entry = await storages.of(registry.byResource('', 'v1', 'namespaces')!).get('', namespace);
      if (entry?.value.metadata.labels?.[label] === 'true') return;
      throw invalidObject(kind, name, [fieldForbidden(fieldOf(request)!, why)]);
    },
  };
}
