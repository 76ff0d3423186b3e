// Streams into containers and proxies, which the simulated workers do not have yet: a clear word instead of a riddle.
import { ApiError, notFound } from '../../apimachinery/errors/api-error.js';
import type { ConnectHandler } from '../handler.js';

const resources = ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'];

/** A handler for each of these subresources, by `<resource>/<subresource>`. */
export function notSimulated(): ReadonlyMap<string, ConnectHandler> {
  return new Map(resources.map((resource) => [resource, refuse]));
}

const refuse: ConnectHandler = async ({ core, info, kind }) => {
  const { namespace, name, resource, subresource } = info;
  if ((await core.storages.of(kind).get(namespace, name)) === undefined) throw notFound(kind, name);
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
