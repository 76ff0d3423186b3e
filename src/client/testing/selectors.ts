// The selectors of the memory client: equalities only.
import { isRecord, type KubeObject } from '../../apimachinery/object.js';

/** Whether the object's labels fit `a=b,c!=d,e,!f`. Throws on set-based requirements. */
export function matchesLabels(object: KubeObject, selector: string): boolean {
  const labels = object.metadata.labels ?? {};
  return everyRequirement(selector, (key) => labels[key]);
}

/** Whether the object's fields (dotted paths) fit `a.b=c,d!=e`. */
export function matchesFields(object: KubeObject, selector: string): boolean {
  return everyRequirement(selector, (path) => {
    let value: unknown = object;
    for (const key of path.split('.')) value = isRecord(value) ? value[key] : undefined;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  });
}

function everyRequirement(selector: string, read: (key: string) => string | undefined): boolean {
  if (selector.includes('(')) throw new Error(`the memory client knows only equalities, not ${selector}`);
  return selector.split(',').every((requirement) => {
    if (requirement === '') return true;
    const unequal = requirement.indexOf('!=');
    if (unequal > 0) return read(requirement.slice(0, unequal)) !== requirement.slice(unequal + 2);
    const equal = requirement.indexOf('=');
    if (equal > 0) return read(requirement.slice(0, equal)) === requirement.slice(equal + (requirement[equal + 1] === '=' ? 2 : 1));
    return requirement.startsWith('!') ? read(requirement.slice(1)) === undefined : read(requirement) !== undefined;
  });
}
