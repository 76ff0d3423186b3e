// ResourceQuota: no write may use more than the quotas of its namespace leave.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#resourcequota
import type { ResourceQuota } from '../../../../openapi/types/core.v1.js';
import { forbidden } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { Client } from '../../../client/client.js';
import { RESOURCE_QUOTAS } from '../../../client/resources.js';
import type { Clock } from '../../../clock/clock.js';
import { evaluatorFor } from '../../../registry/core/usage/index.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { namespaceEntries } from '../namespace-entries.js';
import { QuotaAccountant } from './accountant.js';
import { QuotaRefusal } from './counted-write.js';
import type { LimitedResource } from './configuration.js';
import { limitedFor } from './limited.js';

export interface ResourceQuotaOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly clock: Clock;
  /** The server's own client, which writes what is used. */
  readonly client: () => Client;
  /** What may be used only where a quota allows it; nothing when absent. */
  readonly limited?: readonly LimitedResource[];
}

/** What may use more by an update. */
const updated = new Set(['/pods', '/services', '/persistentvolumeclaims', 'resource.k8s.io/resourceclaims']);

function handles({ operation, kind, namespace, subresource }: AdmissionRequest): boolean {
  // Events come and go by themselves, and are not counted.
  if (namespace === '' || !kind.namespaced || kind.resource === 'events') return false;
  if (operation === 'CREATE') return subresource === '';
  if (operation !== 'UPDATE' || !updated.has(`${kind.group}/${kind.resource}`)) return false;
  return subresource === '' || (subresource === 'resize' && kind.resource === 'pods');
}

/** Refuses with 403 what passes a quota, and writes into the quota's status what is used. The last of all plugins: what it charges is written. */
export function resourceQuota({ registry, storages, clock, client, limited = [] }: ResourceQuotaOptions): AdmissionPlugin {
  const quotas = namespaceEntries<ResourceQuota>(storages, () => registry.byResource('', 'v1', 'resourcequotas')!);
  const accountant = new QuotaAccountant({
    list: (namespace) => quotas.fresh(namespace),
    get: (namespace, name) => quotas.get(namespace, name),
    writeStatus: (quota) => client().update(RESOURCE_QUOTAS, quota, { subresource: 'status' }),
  });
  const charge = async (request: AdmissionRequest): Promise<void> => {
    const { kind, namespace, object, old, dryRun } = request;
    const evaluator = evaluatorFor(kind);
    const of = limited.length === 0 ? limited : limitedFor(limited, kind);
    const written = object as unknown as KubeObject;
    try {
      await accountant.charge(namespace, { evaluator, object: written, old, now: clock.now(), limited: of }, dryRun);
    } catch (error) {
      if (error instanceof QuotaRefusal) throw forbidden(kind, written.metadata.name ?? '', error.message);
      throw error;
    }
  };
  return {
    name: 'ResourceQuota',
    handles,
    validate: (request) => {
      if (limited.length > 0 && limitedFor(limited, request.kind).length > 0) return charge(request);
      // Most namespaces have no quota: this costs them a look-up.
      const known = quotas.known(request.namespace);
      if (known !== undefined) return known.length === 0 ? undefined : charge(request);
      return quotas.fresh(request.namespace).then((found) => (found.length === 0 ? undefined : charge(request)));
    },
  };
}
