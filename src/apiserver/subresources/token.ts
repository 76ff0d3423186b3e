// The `token` subresource of service accounts: from the request's body to what src/apiserver/serviceaccounts/token-request.ts answers.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { notFound } from '../../apimachinery/errors/api-error.js';
import { updateManagedFields } from '../../apimachinery/managedfields/update.js';
import { isRecord } from '../../apimachinery/object.js';
import type { ObjectResult } from '../core/api-request.js';
import type { ResourceHandler } from '../core/core.js';
import { decodeRequestBody, metadataOf } from '../core/decode.js';
import { writerOf } from '../core/managers.js';
import { settleNamespace } from '../core/metadata.js';
import { requestToken } from '../serviceaccounts/token-request.js';
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
    const draft = decodeRequestBody(core, request, type, node);
    const metadata = metadataOf(draft);
    settleNamespace(kind, metadata, namespace);
    const entry = await core.storages.of(kind).get(namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    const spec = isRecord(draft['spec']) ? draft['spec'] : (draft['spec'] = {});
    if (isRecord(spec)) spec['expirationSeconds'] ??= usualExpiration;
    const managedFields = updateManagedFields({ ...writerOf(core, request), apiVersion, node, old: undefined, new: draft });
    if (managedFields === undefined) delete metadata['managedFields'];
    else metadata['managedFields'] = managedFields;
    const pods = core.registry.byResource('', 'v1', 'pods')!;
    const object = await requestToken(entry.value, draft, {
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
    return { type: 'object', code: 201, kind, object };
  };
}
