// Which tokens a kubelet may ask for: bound to a pod on its node, for an audience that the pod asks for.
// https://kubernetes.io/docs/reference/access-authn-authz/node/#node-service-account-token-audience-restriction
import type { TokenRequest } from '../../../../openapi/types/authentication.v1.js';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../../openapi/types/core.v1.js';
import type { CSIDriver } from '../../../../openapi/types/storage.v1.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import type { Draft } from '../../../apimachinery/object.js';
import type { Authorizer } from '../../authorization/authorizer.js';
import type { AdmissionRequest } from '../chain.js';
import { refuse, type Stored } from './parts.js';

/** Throws 403, and 404 for a pod that is not there. */
export async function admitToken(request: AdmissionRequest, node: string, stored: Stored, authorizer: Authorizer): Promise<void> {
  const { spec } = request.object as unknown as Draft<TokenRequest>;
  const bound = spec?.boundObjectRef;
  const name = bound?.name ?? '';
  if (bound == null || bound.kind !== 'Pod' || name === '') refuse(request, 'node requested token not bound to a pod');
  const uid = bound.uid ?? '';
  if (uid === '') refuse(request, 'node requested token with a pod binding without a uid');
  const pod = (await stored('pods', request.namespace, name)) as Pod | undefined;
  if (pod === undefined) throw new ApiError(404, 'NotFound', `pod ${JSON.stringify(name)} not found`, { kind: 'pod', name });
  if (pod.metadata.uid !== uid) {
    refuse(
      request,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec?.nodeName !== node) refuse(request, 'node requested token bound to a pod scheduled on a different node');
  const audiences = spec?.audiences ?? [];
  if (audiences.length > 1) refuse(request, 'node may only request 0 or 1 audiences');
  const audience = audiences[0] ?? '';
  if (inVolumes(pod, audience) || (await ofDrivers(pod, audience, stored)) || (await mayAsk(request, audience, authorizer))) return;
  refuse(
    request,
    `audience ${JSON.stringify(audience)} not found in pod spec volume, ${request.user.name} is not authorized to request tokens for this audience`,
  );
}

function inVolumes({ spec }: Pod, audience: string): boolean {
  return (spec?.volumes ?? []).some((volume) =>
    (volume.projected?.sources ?? []).some(
      ({ serviceAccountToken }) => serviceAccountToken != null && (serviceAccountToken.audience ?? '') === audience,
    ),
  );
}

/** Drivers of the pod's volumes may ask for tokens of their own. */
async function ofDrivers({ metadata, spec }: Pod, audience: string, stored: Stored): Promise<boolean> {
  for (const volume of spec?.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral == null ? '' : `${metadata.name ?? ''}-${volume.name}`);
    const driver = volume.csi?.driver ?? (claim === '' ? undefined : await driverOf(metadata.namespace ?? '', claim, stored));
    if (driver === undefined) continue;
    const known = (await stored('csidrivers', '', driver)) as CSIDriver | undefined;
    if ((known?.spec.tokenRequests ?? []).some((asked) => asked.audience === audience)) return true;
  }
  return false;
}

async function driverOf(namespace: string, claimName: string, stored: Stored): Promise<string | undefined> {
  const claim = (await stored('persistentvolumeclaims', namespace, claimName)) as PersistentVolumeClaim | undefined;
  const name = claim?.spec?.volumeName ?? '';
  if (name === '') return undefined;
  const volume = (await stored('persistentvolumes', '', name)) as PersistentVolume | undefined;
  return volume?.spec?.csi?.driver;
}

async function mayAsk({ user, namespace, name }: AdmissionRequest, audience: string, authorizer: Authorizer): Promise<boolean> {
  const decision = await authorizer.authorize({
    user,
    verb: 'request-serviceaccounts-token-audience',
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace,
    name,
  });
  return decision.allowed;
}
