// The patches of the memory client: merge patches, and enough of strategic ones.
import { isRecord } from '../../apimachinery/object.js';

/** The keys by which strategic patches merge the lists that components patch; every other list is replaced. */
const mergeKeys: ReadonlyMap<string, string> = new Map([
  ['conditions', 'type'],
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['env', 'name'],
  ['volumes', 'name'],
  ['ownerReferences', 'uid'],
  ['addresses', 'type'],
  ['podIPs', 'ip'],
  ['hostIPs', 'ip'],
  ['taints', 'key'],
  ['secrets', 'name'],
  ['imagePullSecrets', 'name'],
]);

/** A JSON merge patch (RFC 7386), or, with `strategic`, one that merges known lists and obeys `$patch: delete`. Changes neither argument. */
export function mergePatch(target: unknown, patch: unknown, strategic: boolean, field = ''): unknown {
  if (Array.isArray(patch) && strategic && mergeKeys.has(field))
    return mergeLists(Array.isArray(target) ? target : [], patch, mergeKeys.get(field)!);
  if (strategic && Array.isArray(patch) && field === 'finalizers' && Array.isArray(target))
    return [...new Set([...(target as unknown[]), ...(patch as unknown[])])];
  if (!isRecord(patch)) return patch;
  const merged = new Map<string, unknown>(isRecord(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key.startsWith('$setElementOrder/')) continue;
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const list = key.slice('$deleteFromPrimitiveList/'.length);
      const current = merged.get(list);
      if (Array.isArray(current) && Array.isArray(value))
        merged.set(
          list,
          current.filter((one) => !value.includes(one)),
        );
    } else if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value, strategic, key));
  }
  return Object.fromEntries(merged);
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[], mergeKey: string): unknown[] {
  const idOf = (one: unknown): unknown => (isRecord(one) ? one[mergeKey] : undefined);
  let merged = [...target];
  const added: unknown[] = [];
  for (const element of patch) {
    const id = idOf(element);
    if (isRecord(element) && element['$patch'] === 'delete') merged = merged.filter((one) => idOf(one) !== id);
    else if (merged.some((one) => idOf(one) === id))
      merged = merged.map((one) => (idOf(one) === id ? mergePatch(one, element, true) : one));
    else added.push(element);
  }
  // The real server puts new elements first.
  return [...added, ...merged];
}
