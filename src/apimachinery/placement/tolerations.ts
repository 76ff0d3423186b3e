// Taints and the tolerations that meet them.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { Taint, Toleration } from '../../../openapi/types/core.v1.js';

/** Whether a toleration is about a taint; one without an effect is about every effect, one without a key about every taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  const exists = toleration.operator === 'Exists';
  if (toleration.key === undefined || toleration.key === '') return exists;
  if (toleration.key !== taint.key) return false;
  if (exists) return true;
  const equal = !toleration.operator || toleration.operator === 'Equal';
  return equal && (toleration.value ?? '') === (taint.value ?? '');
}

/** Whether one of them is. */
export function toleratedByAny(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}
