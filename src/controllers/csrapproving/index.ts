// Approves the client certificates that kubelets ask for, when those who ask may have them.
// https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval
import type { SubjectAccessReview } from '../../../openapi/types/authorization.v1.js';
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import type { Client } from '../../client/client.js';
import { createController } from '../../client/controller/controller.js';
import { CERTIFICATE_SIGNING_REQUESTS, defineResource } from '../../client/resources.js';
import { decisionOf, withDecision, writeDecision } from '../csrsigning/conditions.js';
import { requestedIdentity } from '../csrsigning/request.js';
import { apiServerClientKubelet, kubeletClientProblem } from '../csrsigning/signer-rules.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';

export const csrApprovingController: ControllerDefinition = {
  name: 'certificatesigningrequest-approving-controller',
  account: 'certificate-controller',
  create: createCsrApprovingController,
};

const SUBJECT_ACCESS_REVIEWS = defineResource<SubjectAccessReview>(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  false,
);

/** What is approved: the subresource that whoever asks must be allowed to create, and what the condition says. */
interface Approval {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

const ownCertificate: Approval = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};
const anyCertificate: Approval = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

/** Nobody has decided yet, and it is for the one signer whose requests are approved without a person. */
function isToDecide(request: CertificateSigningRequest): boolean {
  return (
    request.spec.signerName === apiServerClientKubelet &&
    decisionOf(request, 'Approved') === undefined &&
    decisionOf(request, 'Denied') === undefined &&
    (request.status.certificate ?? '') === ''
  );
}

/** The approvals that may be asked for, the narrower first; none for what the signer would refuse. */
function approvalsFor(request: CertificateSigningRequest): readonly Approval[] {
  const identity = requestedIdentity(request);
  if (identity === undefined || kubeletClientProblem(identity, request.spec.usages ?? []) !== undefined) return [];
  return identity.commonName === request.spec.username ? [ownCertificate, anyCertificate] : [anyCertificate];
}

const shortestWait = 1000;
const longestWait = 1_000_000;

export function createCsrApprovingController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const requests = informers.informer(CERTIFICATE_SIGNING_REQUESTS);
  const controller = createController({
    name: 'certificatesigningrequest-approving-controller',
    clock,
    logger,
    informers: [requests],
    async reconcile(key) {
      const request = requests.store.get(key);
      if (request === undefined || !isToDecide(request)) return undefined;
      const approvals = approvalsFor(request);
      if (approvals.length === 0) return undefined;
      for (const { subresource, message } of approvals) {
        if (!(await isAllowed(client, request, subresource))) continue;
        await writeDecision(client, withDecision(request, 'Approved', 'AutoApproved', message), 'approval');
        return undefined;
      }
      // A role may be given to them later. Waiting as long as has been waited already doubles the time from try to try.
      const age = clock.now() - Date.parse(request.metadata.creationTimestamp);
      return { requeueAfter: Math.min(Math.max(age, shortestWait), longestWait) };
    },
  });
  const consider = (request: CertificateSigningRequest): void => {
    if (isToDecide(request)) controller.enqueueObject(request);
  };
  requests.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}

async function isAllowed(client: Client, { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { username, uid, groups, extra } = spec;
  const review = await client.create(SUBJECT_ACCESS_REVIEWS, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      ...(username === undefined ? {} : { user: username }),
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        group: CERTIFICATE_SIGNING_REQUESTS.group,
        version: '*',
        resource: CERTIFICATE_SIGNING_REQUESTS.resource,
        verb: 'create',
        subresource,
      },
    },
  });
  return review.status.allowed;
}
