// The `token` subresource of service accounts: from the request's body to what src/apiserver/serviceaccounts/token-request.ts answers.
import type { Pod, ServiceAccount } from '../../../openapi/types/core.v1.js';
import { notFound } from '../../apimachinery/errors/api-error.js';
import { updateManagedFields } from '../../apimachinery/managedfields/update.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { AuditContext } from '../audit/context.js';
import type { ObjectResult } from '../core/api-request.js';
import type { ResourceHandler } from '../core/core.js';
import { decodeRequestBody, metadataOf } from '../core/decode.js';
import { writerOf } from '../core/managers.js';
import { settleNamespace } from '../core/metadata.js';
import { admissionOf, formOfType } from './admission.js';
import { checkAccountName, requestToken } from '../serviceaccounts/token-request.js';
import type { BoundObjectLookup, ServiceAccountTokens } from '../serviceaccounts/tokens.js';

const type = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const apiVersion = 'authentication.k8s.io/v1';
/** In seconds, when the request names none. */
const usualExpiration = 3600;

/** Answers `POST serviceaccounts/<name>/token`: nothing is stored, a dry run gets a token as well. */
export function tokenHandler(tokens: ServiceAccountTokens, lookup: BoundObjectLookup): ResourceHandler {
  return async (core, request): Promise<ObjectResult> => {
    const { kind, namespace, name } = request;
    const node = core.schemaFor('io.k8s.api.authentication.v1.TokenRequest');
    const draft = decodeRequestBody(core, request, type, node, complete);
    const metadata = metadataOf(draft);
    settleNamespace(kind, metadata, namespace);
    const spec = isRecord(draft['spec']) ? draft['spec'] : (draft['spec'] = {});
    if (isRecord(spec)) spec['expirationSeconds'] ??= usualExpiration;
    const managedFields = updateManagedFields({ ...writerOf(core, request), apiVersion, node, old: undefined, new: draft });
    if (managedFields === undefined) delete metadata['managedFields'];
    else metadata['managedFields'] = managedFields;
    // Admission sees what the account and the server fill in.
    const unnamed = metadata['name'] === undefined;
    if (unnamed) metadata['name'] = name;
    let account: ServiceAccount | undefined;
    const admission = admissionOf(request, draft, request.options.dryRun === true, formOfType(type, node));
    await core.admission.admitSubresource(admission, async () => {
      checkAccountName(name, String(metadata['name']));
      account = (await core.storages.of(kind).get(namespace, name))?.value;
      if (account === undefined) throw notFound(kind, name);
      if (isRecord(spec) && !(Array.isArray(spec['audiences']) && spec['audiences'].length > 0)) spec['audiences'] = [...tokens.audiences];
    });
    // What is wrong with the request is told of what was sent.
    if (unnamed) delete metadata['name'];
    const pods = core.registry.byResource('', 'v1', 'pods')!;
    const object = await requestToken(account!, draft, {
      tokens,
      lookup,
      clock: core.clock,
      pod: async (podNamespace, podName) => {
        const found = await core.storages.of(pods).get(podNamespace, podName);
        if (found === undefined) return undefined;
        const { metadata: meta, spec: podSpec } = found.value as Pod;
        return { uid: meta.uid, serviceAccountName: podSpec.serviceAccountName ?? '', nodeName: podSpec.nodeName ?? '' };
      },
    });
    if (request.audit !== undefined) tellToken(request.audit, object);
    return { type: 'object', code: 201, kind, object };
  };
}

/** With what a TokenRequest has even when nobody says it. */
function complete(draft: Mutable): Mutable {
  const of = (field: string): object => (isRecord(draft[field]) ? draft[field] : {});
  return {
    ...draft,
    spec: { audiences: null, boundObjectRef: null, ...of('spec') },
    status: { token: '', expirationTimestamp: null, ...of('status') },
  };
}

/** Which token it was, so that its use can be followed: https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/ */
function tellToken(audit: AuditContext, object: KubeObject): void {
  const { status } = object as KubeObject & { readonly status?: { readonly token?: string } };
  const claims = Buffer.from(status?.token?.split('.')[1] ?? '', 'base64url').toString();
  const { jti } = JSON.parse(claims) as { readonly jti?: string };
  if (jti !== undefined) audit.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${jti}`);
}
