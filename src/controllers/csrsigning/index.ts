// Signs the approved requests for Kubernetes' own signers with the cluster's authority.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import { createController } from '../../client/controller/controller.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { decisionOf, withDecision, writeDecision } from './conditions.js';
import { requestedIdentity } from './request.js';
import { signerRules } from './signer-rules.js';

export const csrSigningController: ControllerDefinition = {
  name: 'certificatesigningrequest-signing-controller',
  account: 'certificate-controller',
  create: createCsrSigningController,
};

const minute = 60;
const hour = 60 * minute;
/** What `--cluster-signing-duration` is when nobody sets it: the longest that a certificate is valid. */
const longest = 365 * 24 * hour;
/** Certificates are valid from a little before, for those whose clocks are behind. */
const backdateSeconds = 5 * minute;
/** Shorter ones are not made shorter still by what they are back-dated. */
const short = 8 * hour;

/** Seconds from now until the certificate's end. */
function validSeconds({ spec }: CertificateSigningRequest): number {
  const seconds = Math.min(spec.expirationSeconds ?? longest, longest);
  return seconds < short ? seconds : seconds - backdateSeconds;
}

/** Approved, for one of our signers, and neither denied, failed nor signed yet. */
function isToSign(request: CertificateSigningRequest): boolean {
  return (
    signerRules.has(request.spec.signerName) &&
    decisionOf(request, 'Approved') !== undefined &&
    decisionOf(request, 'Denied') === undefined &&
    decisionOf(request, 'Failed') === undefined &&
    (request.status.certificate ?? '') === ''
  );
}

export function createCsrSigningController({ client, clock, logger, informers, signer }: ControllerContext): RunningController {
  const requests = informers.informer(CERTIFICATE_SIGNING_REQUESTS);
  const controller = createController({
    name: 'certificatesigningrequest-signing-controller',
    clock,
    logger,
    workers: 5,
    informers: [requests],
    async reconcile(key) {
      const request = requests.store.get(key);
      if (request === undefined || !isToSign(request)) return;
      const { spec } = request;
      const usages = spec.usages ?? [];
      const identity = requestedIdentity(request);
      const problem =
        identity === undefined ? 'unable to parse the certificate request' : signerRules.get(spec.signerName)?.(identity, usages);
      if (problem !== undefined)
        return writeDecision(client, withDecision(request, 'Failed', 'SignerValidationFailure', problem), 'status');
      const text = Buffer.from(spec.request, 'base64').toString('latin1');
      const certificate = await signer.sign(text, { usages, seconds: validSeconds(request), backdateSeconds });
      const status = { ...request.status, certificate: Buffer.from(certificate).toString('base64') };
      await writeDecision(client, { ...request, status }, 'status');
    },
  });
  const consider = (request: CertificateSigningRequest): void => {
    if (isToSign(request)) controller.enqueueObject(request);
  };
  requests.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}
