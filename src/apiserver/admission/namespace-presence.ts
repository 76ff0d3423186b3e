// NamespaceAutoProvision and NamespaceExists: what becomes of writes in a namespace that is not there.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespaceautoprovision
import { forbidden, isReason, notFound } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { NAMESPACES } from '../../client/resources.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

function isNamespaced({ kind, namespace }: AdmissionRequest): boolean {
  return kind.namespaced && namespace !== '';
}

/** Makes the namespace in which something is created. */
export function namespaceAutoProvision(registry: Registry, storages: Storages, client: () => Client): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    subresources: 'all',
    handles: (request) => request.operation === 'CREATE' && isNamespaced(request),
    admit: async ({ kind: of, name, namespace, dryRun }) => {
      if (dryRun) return;
      const kind = registry.byResource('', 'v1', 'namespaces')!;
      if ((await storages.of(kind).get('', namespace)) !== undefined) return;
      try {
        await client().create(NAMESPACES, { metadata: { name: namespace } });
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw forbidden(of, name, (error as Error).message);
      }
    },
  };
}

/** Refuses with 404 every write in a namespace that is not there. */
export function namespaceExists(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    subresources: 'all',
    handles: (request) => request.operation !== 'CONNECT' && isNamespaced(request),
    validate: async ({ namespace }) => {
      const kind = registry.byResource('', 'v1', 'namespaces')!;
      if ((await storages.of(kind).get('', namespace)) === undefined) throw notFound(kind, namespace);
    },
  };
}
