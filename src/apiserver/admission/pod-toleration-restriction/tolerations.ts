// Which of two tolerations takes in the other, and lists of them in one. Pure.
import type { Toleration } from '../../../../openapi/types/core.v1.js';
import { deepEqual } from '../../../apimachinery/equality.js';

/** Whether all taints that `toleration` tolerates, and for as long, are tolerated by `wide` as well. */
export function includes(wide: Toleration, toleration: Toleration): boolean {
  if (deepEqual(wide, toleration)) return true;
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = wide;
  if ((toleration.key ?? '') !== key && (key !== '' || operator !== 'Exists')) return false;
  if (effect !== '' && toleration.effect !== effect) return false;
  if (effect === 'NoExecute' && tolerationSeconds !== undefined) {
    if (toleration.tolerationSeconds === undefined || toleration.tolerationSeconds > tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  // The real server wants the operator to be written out here.
  return toleration.operator === 'Equal' && (toleration.value ?? '') === value;
}

/** Both lists in one, without what another of them takes in; of two that are alike, the first stays. */
export function mergeTolerations(own: readonly Toleration[], more: readonly Toleration[]): readonly Toleration[] {
  const all = [...own, ...more];
  return all.filter(
    (one, index) => !all.some((other, at) => at !== index && includes(other, one) && (at < index || !includes(one, other))),
  );
}
