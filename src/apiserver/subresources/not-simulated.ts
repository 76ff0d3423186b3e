// Streams into containers and proxies, which the simulated workers do not have yet: a clear word instead of a riddle.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError, badRequest, notFound } from '../../apimachinery/errors/api-error.js';
import type { ConnectHandler } from '../handler.js';
import { containerOf } from './log.js';

const resources = ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'];

/** A handler for each of these subresources, by `<resource>/<subresource>`. */
export function notSimulated(): ReadonlyMap<string, ConnectHandler> {
  return new Map(resources.map((resource) => [resource, refuse]));
}

const refuse: ConnectHandler = async ({ core, info, kind, parameters }) => {
  const { namespace, name, resource, subresource } = info;
  const entry = await core.storages.of(kind).get(namespace, name);
  if (entry === undefined) throw notFound(kind, name);
  if (resource === 'pods' && subresource !== 'proxy') checkReachable(entry.value as Pod, subresource, parameters);
  throw new ApiError(
    501,
    'NotImplemented',
    `${resource}/${subresource} is not simulated: kubedouble's containers do not run programs that could be reached`,
    {
      name,
      kind: resource,
    },
  );
};

/** What the real server finds out before it asks a kubelet. Throws 400. */
function checkReachable(pod: Pod, subresource: string, parameters: URLSearchParams): void {
  if (subresource !== 'portforward') containerOf(pod, parameters.get('container') ?? '');
  if ((pod.spec.nodeName ?? '') === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}
