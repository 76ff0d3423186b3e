// OwnerReferencesPermissionEnforcement: who may say what keeps an owner from going, and who may change by what an object goes.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#ownerreferencespermissionenforcement
import type { OwnerReference } from '../../../openapi/types/meta.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { isRecord, parseApiVersion } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { Authorizer, Decision } from '../authorization/authorizer.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

type References = readonly OwnerReference[];

function referencesOf({ object }: AdmissionRequest): References {
  const metadata = object?.['metadata'];
  return ((isRecord(metadata) ? metadata['ownerReferences'] : undefined) ?? []) as References;
}

/** References that block their owner's deletion and did not before. */
function newlyBlocking(now: References, before: References): References {
  const known = new Set(before.filter(({ blockOwnerDeletion }) => blockOwnerDeletion === true).map(({ uid }) => uid));
  return now.filter(({ blockOwnerDeletion, uid }) => blockOwnerDeletion === true && !known.has(uid));
}

function told({ reason, error }: Decision): string {
  return `${reason}, ${error ?? '<nil>'}`;
}

/** Refuses with 403 changes of owner references by users who may not delete the object, and blocking ones by users who may not set their owner's finalizers. */
export function ownerReferencesPermissionEnforcement(registry: Registry, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    handles: ({ operation, kind, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      // Kubelets write the status of pods and may delete few of them.
      !(kind.group === '' && kind.resource === 'pods' && subresource === 'status'),
    validate: async (request) => {
      const { kind, name, namespace, user, old, operation } = request;
      const now = referencesOf(request);
      const before = old?.metadata.ownerReferences ?? [];
      if (now.length === 0 && before.length === 0) return;
      if (operation === 'UPDATE' && !deepEqual(now, before)) {
        const { group, version, resource } = kind;
        const decision = await authorizer.authorize({ user, verb: 'delete', group, version, resource, subresource: '', namespace, name });
        if (!decision.allowed) throw forbidden(kind, name, `cannot set an ownerRef on a resource you can't delete: ${told(decision)}`);
      }
      for (const owner of newlyBlocking(now, before)) {
        const { group, version } = parseApiVersion(owner.apiVersion);
        const ownerKind = registry.byKind(group, version, owner.kind);
        if (ownerKind === undefined) {
          const why = `cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}: no matches for kind ${JSON.stringify(owner.kind)} in version ${JSON.stringify(owner.apiVersion)}`;
          throw forbidden(kind, name, `cannot set blockOwnerDeletion in this case because ${why}`);
        }
        const decision = await authorizer.authorize({
          user,
          verb: 'update',
          group,
          version,
          resource: ownerKind.resource,
          subresource: 'finalizers',
          namespace: ownerKind.namespaced ? namespace : '',
          name: owner.name,
        });
        if (decision.allowed) continue;
        const why = `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${told(decision)}`;
        throw forbidden(kind, name, why);
      }
    },
  };
}
