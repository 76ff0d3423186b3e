// LimitRanger: what a namespace's limit ranges set and forbid for pods and claims.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#limitranger
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../../../openapi/types/core.v1.js';
import { forbidden } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { namespaceEntries } from '../namespace-entries.js';
import { applyLimitRange } from './defaults.js';
import { claimProblems, podProblems } from './rules.js';

function handles({ operation, kind, subresource, old }: AdmissionRequest): boolean {
  if (kind.group !== '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return false;
  // What is going may still lose its finalizers, whatever its size.
  if (old?.metadata.deletionTimestamp !== undefined) return false;
  if (kind.resource === 'persistentvolumeclaims') return subresource === '';
  // A pod's resources change by `resize` alone.
  return kind.resource === 'pods' && (operation === 'CREATE' ? subresource === '' : subresource === 'resize');
}

/** Fills in requests and limits of new pods; refuses with 403 pods and claims that are out of range. */
export function limitRanger(registry: Registry, storages: Storages): AdmissionPlugin {
  const ranges = namespaceEntries<LimitRange>(storages, () => registry.byResource('', 'v1', 'limitranges')!);
  /** Does it for each limit range of the namespace: most have none, which costs a look-up. */
  const forEach = (namespace: string, run: (found: readonly LimitRange[]) => void): void | Promise<void> => {
    const known = ranges.known(namespace);
    return known?.length === 0 ? undefined : ranges.fresh(namespace).then(run);
  };
  return {
    name: 'LimitRanger',
    handles,
    admit: ({ operation, kind, namespace, object }) => {
      if (operation !== 'CREATE' || kind.resource !== 'pods' || object === undefined) return undefined;
      return forEach(namespace, (found) => {
        for (const range of found) applyLimitRange(range, object);
      });
    },
    validate: ({ kind, namespace, object }) =>
      forEach(namespace, (found) => {
        const written = object as unknown as KubeObject;
        for (const range of found) {
          const texts =
            kind.resource === 'pods' ? podProblems(range, written as Pod) : claimProblems(range, written as PersistentVolumeClaim);
          // The same sentence about two containers is said once.
          const problems = [...new Set(texts)];
          if (problems.length === 0) continue;
          throw forbidden(kind, written.metadata.name ?? '', problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
        }
      }),
  };
}
