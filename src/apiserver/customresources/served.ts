// What a custom resource answers at paths and with methods that it does not have: other words than built-in resources.
import { methodNotSupported, notFound } from '../../apimachinery/errors/api-error.js';
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';
import type { ResourceRequestInfo } from '../request/request-info.js';

/** Whether a group is there only by custom resource definitions: what it does not have is no page at all. */
export function isCustomGroup(registry: Registry, group: string): boolean {
  const versions = registry.groups().find(({ name }) => name === group)?.versions ?? [];
  return (
    versions.length > 0 &&
    versions.every((version) => registry.kindsOf(group, version).every(({ customSchema }) => customSchema !== undefined))
  );
}

/** What a custom resource can always be asked, whatever discovery tells. */
export const customVerbs: readonly string[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** False for a path that is no page: without the namespace that it needs, or with one too many. Throws 404 and 405 for the rest. */
export function isServedPath(kind: Kind, { verb, subresource, namespace, name, method, hasVerb }: ResourceRequestInfo): boolean {
  const misplaced = kind.namespaced ? namespace === '' && (name !== '' || (verb !== 'list' && verb !== 'watch')) : namespace !== '';
  if (misplaced) return false;
  const served = subresource === '' ? customVerbs : kind.subresources.get(subresource)?.verbs;
  if (served === undefined) throw notFound(kind, name);
  if (!hasVerb || !served.includes(verb)) throw methodNotSupported(kind, hasVerb ? verb : method === 'HEAD' ? 'head' : '');
  return true;
}
