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

/** `dataSource` and `dataSourceRef` are kept equal: what is absent is taken from the other. Changes the claim. */
export function settleClaim(claim: unknown): void {
  const spec = isRecord(claim) ? claim['spec'] : undefined;
  if (!isRecord(spec)) return;
  const { dataSource, dataSourceRef } = spec;
  if (isRecord(dataSource) && dataSourceRef === undefined) spec['dataSourceRef'] = withGroup(dataSource);
  else if (isRecord(dataSourceRef) && dataSource === undefined && !dataSourceRef['namespace'])
    spec['dataSource'] = withGroup(dataSourceRef);
}
