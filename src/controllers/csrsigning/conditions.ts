// The conditions by which approvers and signers say what they decided.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#certificate-signing-request-types
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../../openapi/types/certificates.v1.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { unlessGone } from '../shared/gone.js';

export type Decision = 'Approved' | 'Denied' | 'Failed';

export function decisionOf({ status }: CertificateSigningRequest, type: Decision): CertificateSigningRequestCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** The request with one condition more. The server says since when it holds. */
export function withDecision(
  request: CertificateSigningRequest,
  type: Decision,
  reason: string,
  message: string,
): CertificateSigningRequest {
  const condition = { type, status: 'True', reason, message };
  return { ...request, status: { ...request.status, conditions: [...(request.status.conditions ?? []), condition] } };
}

/** Writes the request's status through this subresource. Rejects as the client does, but not when the request is gone. */
export async function writeDecision(client: Client, request: CertificateSigningRequest, subresource: 'status' | 'approval'): Promise<void> {
  // Whoever asked may have taken it back.
  await unlessGone(client.update(CERTIFICATE_SIGNING_REQUESTS, request, { subresource }));
}
