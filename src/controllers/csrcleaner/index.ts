// Deletes requests for certificates when they have served: decided ones after an hour, undecided ones after a day.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#request-signing-process
import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf } from '../../client/keys.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { decisionOf } from '../csrsigning/conditions.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';

export const csrCleanerController: ControllerDefinition = {
  name: 'certificatesigningrequest-cleaner-controller',
  account: 'certificate-controller',
  create: createCsrCleanerController,
};

const hour = 60 * 60 * 1000;
const decidedFor = hour;
const pendingFor = 24 * hour;

/** Milliseconds since the epoch when the request goes: an hour after its first decision, or when its certificate ends before. */
function expiryOf(request: CertificateSigningRequest): number {
  const created = Date.parse(request.metadata.creationTimestamp);
  const decisions = (['Approved', 'Denied', 'Failed'] as const).flatMap((type) => decisionOf(request, type) ?? []);
  if (decisions.length === 0) return created + pendingFor;
  const decided = Math.min(...decisions.map(({ lastUpdateTime }) => (lastUpdateTime === undefined ? created : Date.parse(lastUpdateTime))));
  return decided + Math.min(decidedFor, lifetimeOf(request.status.certificate));
}

/**
 * For how many milliseconds the issued certificate is valid. Its dates are the real world's, because clients judge it by their own clocks,
 * whatever time the cluster has: so its length is what counts here.
 */
function lifetimeOf(certificate: string | undefined): number {
  if (certificate === undefined || certificate === '') return Infinity;
  try {
    const { validFrom, validTo } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return Math.max(0, Date.parse(validTo) - Date.parse(validFrom));
  } catch {
    // Another signer's certificates may be of a form that only its clients know.
    return Infinity;
  }
}

export function createCsrCleanerController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const requests = informers.informer(CERTIFICATE_SIGNING_REQUESTS);
  const waitFor = (request: CertificateSigningRequest): number => Math.max(0, expiryOf(request) - clock.now());
  const controller = createController({
    name: 'certificatesigningrequest-cleaner-controller',
    clock,
    logger,
    informers: [requests],
    async reconcile(key) {
      const request = requests.store.get(key);
      if (request === undefined || request.metadata.deletionTimestamp !== undefined) return undefined;
      const requeueAfter = waitFor(request);
      if (requeueAfter > 0) return { requeueAfter };
      const { uid, resourceVersion } = request.metadata;
      try {
        const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
        await client.delete(CERTIFICATE_SIGNING_REQUESTS, request.metadata, { preconditions });
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  });
  const consider = (request: CertificateSigningRequest): void => controller.enqueueAfter(keyOf(request), waitFor(request));
  requests.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}
