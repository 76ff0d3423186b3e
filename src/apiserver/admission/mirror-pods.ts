// What a mirror of a kubelet's static pod may not have: nothing of the API is given to a pod that the API does not run.
// https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
import type { Pod } from '../../../openapi/types/core.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { mirrorAnnotation, namedBy } from '../authorization/node/references.js';
import type { AdmissionRequest } from './chain.js';

export function isMirror({ object }: AdmissionRequest): boolean {
  return (object as unknown as Pod | undefined)?.metadata.annotations?.[mirrorAnnotation] !== undefined;
}

/** Throws 403. */
export function checkMirror({ kind, name, object }: AdmissionRequest): void {
  const pod = object as unknown as Pod;
  const { serviceAccount, secrets } = namedBy(pod);
  if (serviceAccount !== '') throw forbidden(kind, name, 'a mirror pod may not reference service accounts');
  if (secrets.size > 0) throw forbidden(kind, name, 'a mirror pod may not reference secrets');
  const projected = (pod.spec?.volumes ?? []).some(({ projected: volume }) =>
    (volume?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken != null),
  );
  if (projected) throw forbidden(kind, name, 'a mirror pod may not use ServiceAccountToken volume projections');
}
