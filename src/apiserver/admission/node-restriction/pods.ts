// What a kubelet may do to pods: make the mirrors of its own static ones, say how its own are, delete and evict them.
import type { Node, Pod } from '../../../../openapi/types/core.v1.js';
import { ApiError, notFound } from '../../../apimachinery/errors/api-error.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { mirrorAnnotation, namedBy } from '../../authorization/node/references.js';
import type { AdmissionRequest } from '../chain.js';
import { refuse, type Stored } from './parts.js';

/** Throws 403, and 404 for an eviction of what is not there. */
export async function admitPod(request: AdmissionRequest, node: string, stored: Stored): Promise<void> {
  const { operation, subresource } = request;
  if (subresource === 'eviction') return admitEviction(request, node, stored);
  if (subresource === 'status' && operation === 'UPDATE') {
    admitStatus(request, node);
    return;
  }
  if (subresource !== '') return refuse(request, `unexpected pod subresource ${JSON.stringify(subresource)}`);
  if (operation === 'CREATE') return admitCreate(request, node, stored);
  if (operation !== 'DELETE') return refuse(request, `unexpected operation ${JSON.stringify(operation)}`);
  if (nodeNameOf(request.old) !== node)
    refuse(request, `node ${JSON.stringify(node)} can only delete pods with spec.nodeName set to itself`);
}

function nodeNameOf(pod: unknown): string {
  return (pod as Pod | undefined)?.spec?.nodeName ?? '';
}

async function admitCreate(request: AdmissionRequest, node: string, stored: Stored): Promise<void> {
  const quoted = JSON.stringify(node);
  const pod = request.object as unknown as Pod;
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    refuse(request, `pod does not have "${mirrorAnnotation}" annotation, node ${quoted} can only create mirror pods`);
  if (nodeNameOf(pod) !== node) refuse(request, `node ${quoted} can only create pods with spec.nodeName set to itself`);
  await checkOwner(request, pod, node, stored);
  // Whoever may make pods of its own must not come to read what they name.
  const { secrets, configMaps, claims, resourceClaims, serviceAccount } = namedBy(pod);
  const volumes = pod.spec?.volumes ?? [];
  const named: readonly [boolean, string][] = [
    [serviceAccount !== '', 'a service account'],
    [secrets.size > 0, 'secrets'],
    [configMaps.size > 0, 'configmaps'],
    [
      volumes.some((volume) => (volume.projected?.sources ?? []).some((source) => source.clusterTrustBundle != null)),
      'clustertrustbundles',
    ],
    [volumes.some(({ ephemeral }) => ephemeral != null), 'persistentvolumeclaims (via ephemeral volumes)'],
    [claims.size > 0, 'persistentvolumeclaims'],
    [resourceClaims.size > 0 || (pod.spec?.resourceClaims ?? []).length > 0, 'resourceclaims'],
  ];
  for (const [isNamed, what] of named) if (isNamed) refuse(request, `node ${quoted} can not create pods that reference ${what}`);
}

async function checkOwner(request: AdmissionRequest, pod: Pod, node: string, stored: Stored): Promise<void> {
  const quoted = JSON.stringify(node);
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length > 1) refuse(request, `node ${quoted} can only create pods with a single owner reference set to itself`);
  const [owner] = owners;
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    refuse(request, `node ${quoted} can only create pods with an owner reference set to itself`);
  if (owner.controller !== true) refuse(request, `node ${quoted} can only create pods with a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion === true) refuse(request, `node ${quoted} must not set blockOwnerDeletion on an owner reference`);
  const found = (await stored('nodes', '', node)) as Node | undefined;
  if (found === undefined) throw notFound({ group: '', resource: 'node' }, node);
  const uid = found.metadata.uid ?? '';
  if (uid !== owner.uid) refuse(request, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`);
}

function admitStatus(request: AdmissionRequest, node: string): void {
  const quoted = JSON.stringify(node);
  const pod = request.object as unknown as Pod;
  const old = request.old as Pod;
  if (nodeNameOf(old) !== node) refuse(request, `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`);
  if (!deepEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {}))
    refuse(request, `node ${quoted} cannot update labels through pod status`);
  if (!deepEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? []))
    refuse(request, `node ${quoted} cannot update resource claim statues`);
  if (!deepEqual(pod.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus))
    refuse(request, `node ${quoted} cannot update extended resource claim status`);
}

async function admitEviction(request: AdmissionRequest, node: string, stored: Stored): Promise<void> {
  const { namespace, name } = request;
  const pod = await stored('pods', namespace, name);
  if (pod === undefined) throw new ApiError(404, 'NotFound', `pod ${JSON.stringify(name)} not found`, { kind: 'pod', name });
  if (nodeNameOf(pod) !== node) refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
}
