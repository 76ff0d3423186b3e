// What the API fills into a PersistentVolumeClaim, also where one stands in a StatefulSet.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/
import { isRecord } from '../../apimachinery/object.js';
import type { DefaultRow } from '../rules/defaults.js';

export const claimRows: readonly DefaultRow[] = [
  ['spec.volumeMode', 'Filesystem'],
  ['status.phase', 'Pending'],
];

function withGroup(source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { apiGroup: null, ...source };
}

/** Whether `dataSource` may name this; anything else goes into `dataSourceRef` alone. */
function isPlainSource({ apiGroup, kind }: Readonly<Record<string, unknown>>): boolean {
  if (apiGroup === undefined || apiGroup === null || apiGroup === '') return kind === 'PersistentVolumeClaim';
  return apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';
}

/**
 * `dataSource` and `dataSourceRef` are kept equal: what is absent is taken from the other. Changes the claim, which is a new one or one
 * that takes the place of another. References into other namespaces are off by default, and forgotten.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#volume-populators-and-data-sources
 */
export function settleClaim(claim: unknown): void {
  const spec = isRecord(claim) ? claim['spec'] : undefined;
  if (!isRecord(spec)) return;
  if (isRecord(spec['dataSourceRef']) && spec['dataSourceRef']['namespace']) delete spec['dataSourceRef'];
  const { dataSource, dataSourceRef } = spec;
  if (dataSourceRef === undefined) {
    if (!isRecord(dataSource)) return;
    if (isPlainSource(dataSource)) spec['dataSourceRef'] = withGroup(dataSource);
    else delete spec['dataSource'];
  } else if (isRecord(dataSourceRef) && dataSource === undefined) spec['dataSource'] = withGroup(dataSourceRef);
}
