// The variables `authorizer` and `authorizer.requestResource` of expressions, over the server's own authorizer.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
import { authorizerValue, resourceCheckValue, type AskAuthorizer } from '../../../apimachinery/cel/library/authorizer.js';
import { serviceAccountUser } from '../../authentication/groups.js';
import type { Authorizer } from '../../authorization/authorizer.js';
import type { AdmissionRequest } from '../chain.js';

export function authorizerVariables(
  { user, kind, subresource, namespace, name }: AdmissionRequest,
  authorizer: Authorizer,
): Readonly<Record<string, unknown>> {
  const ask: AskAuthorizer = ({ user: who, verb, path, ...about }) => {
    const asked = who === 'request' ? user : serviceAccountUser(who.namespace, who.serviceAccount);
    return authorizer.authorize(path === undefined ? { user: asked, verb, ...about } : { user: asked, verb, path });
  };
  const { group, version, resource } = kind;
  return {
    authorizer: () => authorizerValue(ask),
    'authorizer.requestResource': () => resourceCheckValue(ask, { group, version, resource, subresource, namespace, name }),
  };
}
