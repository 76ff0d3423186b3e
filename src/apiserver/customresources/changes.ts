// What of a definition's change concerns those who serve it.
import type { CustomResourceDefinition } from '../../../openapi/types/apiextensions.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { hasCondition } from './conditions.js';
import { sameNames } from './names.js';

/** Whether what is served of a definition is another than before. */
export function isServedOtherwise(before: CustomResourceDefinition, now: CustomResourceDefinition): boolean {
  if (hasCondition(before, 'Established') !== hasCondition(now, 'Established')) return true;
  if (hasCondition(before, 'Terminating') !== hasCondition(now, 'Terminating')) return true;
  return !isSame(before, now);
}

/** Whether names and spec are the same, and so the kinds that are made of them. */
export function isSame(before: CustomResourceDefinition, now: CustomResourceDefinition): boolean {
  const names = { plural: '', kind: '' };
  return (
    sameNames(before.status.acceptedNames ?? names, now.status.acceptedNames ?? names) &&
    (before.spec === now.spec || deepEqual(before.spec, now.spec))
  );
}
