// How long a pod may stay on a node with these taints.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { Taint, Toleration } from '../../../openapi/types/core.v1.js';

/** Whether a toleration is about a taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = '', effect, operator = 'Equal', value = '' } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === '') return operator === 'Exists';
  if (key !== taint.key) return false;
  switch (operator) {
    case 'Exists':
      return true;
    case 'Equal':
      return value === (taint.value ?? '');
    case 'Gt':
      return isNumber(value) && isNumber(taint.value) && Number(taint.value) > Number(value);
    case 'Lt':
      return isNumber(value) && isNumber(taint.value) && Number(taint.value) < Number(value);
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && text !== '' && Number.isInteger(Number(text));
}

/** Milliseconds: 0 when a taint is not tolerated, undefined when the pod may stay for ever. */
export function toleratedFor(tolerations: readonly Toleration[], taints: readonly Taint[]): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds === undefined) continue;
      const milliseconds = Math.max(tolerationSeconds, 0) * 1000;
      if (shortest === undefined || milliseconds < shortest) shortest = milliseconds;
    }
  }
  return shortest;
}
