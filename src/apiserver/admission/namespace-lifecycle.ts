// NamespaceLifecycle: nothing is created in a namespace that is not there or is going; three namespaces may not go.
import { ApiError, forbidden, notFound } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin } from './chain.js';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

export function namespaceLifecycle(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    subresources: 'all',
    // Whoever asks what is allowed makes nothing.
    handles: ({ operation, kind, namespace }) =>
      (operation === 'CREATE' && kind.namespaced && namespace !== '' && kind.resource !== 'localsubjectaccessreviews') ||
      (operation === 'DELETE' && kind.group === '' && kind.resource === 'namespaces'),
    admit: ({ operation, kind, namespace, name }) => {
      if (operation === 'DELETE') {
        if (immortal.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted');
        return;
      }
      const namespaces = registry.byResource('', 'v1', 'namespaces')!;
      const storage = storages.of(namespaces);
      // Most writes go where the cache knows a namespace that stays, and need not wait.
      const known = storage.known('', namespace);
      if (known !== undefined && !isTerminating(known.value)) return;
      return storage.get('', namespace).then((entry) => {
        if (entry === undefined) throw notFound(namespaces, namespace);
        if (isTerminating(entry.value)) throw isGoing(kind, name, namespace);
      });
    },
  };
}

function isGoing(kind: Kind, name: string, namespace: string): ApiError {
  const { message, status } = forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  return new ApiError(403, 'Forbidden', message, {
    ...status.details,
    causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
  });
}

function isTerminating(namespace: KubeObject): boolean {
  return (
    namespace.metadata.deletionTimestamp !== undefined || (namespace as { status?: { phase?: string } }).status?.phase === 'Terminating'
  );
}
