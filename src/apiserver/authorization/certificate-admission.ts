// CertificateApproval, CertificateSigning and CertificateSubjectRestriction: who may have certificates made for which signer.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { deepEqual } from '../../apimachinery/equality.js';
import type { Draft } from '../../apimachinery/object.js';
import { organizationsOf } from '../../registry/certificates/rules.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.js';
import { mastersGroup } from '../authentication/groups.js';
import type { Authorizer } from './authorizer.js';

const group = 'certificates.k8s.io';
const clientSigner = 'kubernetes.io/kube-apiserver-client';

type Request = Draft<CertificateSigningRequest>;

function isRequest({ kind }: AdmissionRequest): boolean {
  return kind.group === group && kind.resource === 'certificatesigningrequests';
}

/** Leave is given for one signer, or for all of a domain: `example.com/*`. */
async function mayUse(authorizer: Authorizer, verb: 'approve' | 'sign', { user }: AdmissionRequest, signerName: string): Promise<boolean> {
  const ask = async (name: string): Promise<boolean> =>
    (await authorizer.authorize({ user, verb, group, version: '*', resource: 'signers', subresource: '', namespace: '', name })).allowed;
  return (await ask(signerName)) || ask(`${signerName.split('/', 1)[0]!}/*`);
}

function refuse({ kind, name }: AdmissionRequest, verb: string, signerName: string): never {
  throw forbidden(kind, name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}

/** The plugins, in their order. Each throws 403. */
export function certificatePlugins(authorizer: Authorizer): readonly AdmissionPlugin[] {
  return [
    {
      name: 'CertificateApproval',
      handles: (request) => request.subresource === 'approval' && request.operation === 'UPDATE' && isRequest(request),
      validate: async (request) => {
        const { signerName = '' } = (request.old as Request | undefined)?.spec ?? {};
        if (!(await mayUse(authorizer, 'approve', request, signerName))) refuse(request, 'approve', signerName);
      },
    },
    {
      name: 'CertificateSigning',
      handles: (request) => request.subresource === 'status' && request.operation === 'UPDATE' && isRequest(request),
      validate: async (request) => {
        const old = request.old as Request | undefined;
        const now = (request.object as Request | undefined)?.status;
        // Labels are not the signer's.
        if (deepEqual(now?.certificate, old?.status?.certificate) && deepEqual(now?.conditions ?? [], old?.status?.conditions ?? []))
          return;
        const { signerName = '' } = old?.spec ?? {};
        if (!(await mayUse(authorizer, 'sign', request, signerName))) refuse(request, 'sign', signerName);
      },
    },
    {
      name: 'CertificateSubjectRestriction',
      handles: (request) => request.subresource === '' && request.operation === 'CREATE' && isRequest(request),
      validate: (request) => {
        const { signerName, request: asked } = (request.object as Request | undefined)?.spec ?? {};
        if (signerName !== clientSigner || !organizationsOf(asked ?? '').includes(mastersGroup)) return;
        throw forbidden(request.kind, request.name, `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`);
      },
    },
  ];
}
