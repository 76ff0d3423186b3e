import type { SubjectAccessReview } from '../../../openapi/types/authorization.v1.js';
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import type { ControllerContext, RunningController } from '../definition.js';
import { approved, signingRequest, type Asked } from '../testing/certificate-requests.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createCsrApprovingController } from './index.js';

let kit: Kit;
/** Who may create which subresource: `alice nodeclient`. */
let allowed: Set<string>;
let reviews: SubjectAccessReview['spec'][];

/** Answers access reviews, and takes approvals as statuses; everything else goes to the memory client. */
function reviewing(client: Client): Client {
  return {
    ...client,
    update: (type, object, options) =>
      client.update(type, object, options?.subresource === 'approval' ? { ...options, subresource: 'status' } : options),
    create(type, draft, options) {
      if (type.resource !== 'subjectaccessreviews') return client.create(type, draft, options);
      const review: unknown = draft;
      const { spec } = review as SubjectAccessReview;
      reviews.push(spec);
      const answer: unknown = { spec, status: { allowed: allowed.has(`${spec.user} ${spec.resourceAttributes?.subresource}`) } };
      return Promise.resolve(answer as never);
    },
  };
}

beforeEach(async () => {
  allowed = new Set();
  reviews = [];
  kit = createKit();
  await kit.start((context: ControllerContext): RunningController =>
    createCsrApprovingController({ ...context, client: reviewing(context.client) }),
  );
});
afterEach(() => kit.stop());

type Spec = CertificateSigningRequest['spec'];
const kubelet: Partial<Spec> = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['client auth', 'digital signature'],
};
const node = 'O=system:nodes, CN=system:node:n1';

async function seed(name: string, asked: Asked, conditions: readonly object[] = []): Promise<void> {
  const object = await signingRequest(name, asked);
  kit.client.seed(CERTIFICATE_SIGNING_REQUESTS, { ...object, status: conditions.length === 0 ? {} : { conditions } });
  await kit.run();
}
const conditions = async (name: string): Promise<CertificateSigningRequest['status']['conditions']> =>
  (await kit.client.get(CERTIFICATE_SIGNING_REQUESTS, { name })).status.conditions;

test('approves a kubelet’s certificate for one who may have any', async () => {
  allowed.add('alice nodeclient');
  await seed('node', { subject: node, spec: { ...kubelet, uid: 'u', extra: { k: ['v'] } } });
  expect(await conditions('node')).toEqual([
    {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    },
  ]);
  expect(reviews).toEqual([
    {
      user: 'alice',
      uid: 'u',
      groups: ['system:authenticated'],
      extra: { k: ['v'] },
      resourceAttributes: {
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'certificatesigningrequests',
        verb: 'create',
        subresource: 'nodeclient',
      },
    },
  ]);
});

test('approves a node’s own certificate, and no other’s', async () => {
  allowed.add('system:node:n1 selfnodeclient');
  const spec = { ...kubelet, username: 'system:node:n1' };
  await seed('own', { subject: node, spec });
  expect((await conditions('own'))?.map(({ message }) => message)).toEqual([
    'Auto approving self kubelet client certificate after SubjectAccessReview.',
  ]);
  await seed('other', { subject: 'O=system:nodes, CN=system:node:n2', spec });
  expect(await conditions('other')).toBeUndefined();
});

test('waits longer and longer for a role that may be given later', async () => {
  await seed('node', { subject: node, spec: kubelet });
  await kit.run(3_600_000);
  expect(reviews.length).toBeGreaterThan(5);
  expect(reviews.length).toBeLessThan(20);
  allowed.add('alice nodeclient');
  await kit.run(1_000_000);
  expect((await conditions('node'))?.[0]?.type).toBe('Approved');
});

test('leaves alone what the signer would refuse, what is decided, and other signers’ requests', async () => {
  allowed.add('alice nodeclient');
  await seed('names', { subject: node, names: ['DNS:n1'], spec: kubelet });
  await seed('usages', { subject: node, spec: { ...kubelet, usages: ['client auth'] } });
  await seed('group', { subject: 'CN=system:node:n1', spec: kubelet });
  await seed('denied', { subject: node, spec: kubelet }, [{ ...approved, type: 'Denied' }]);
  await seed('client', { subject: node });
  await seed('serving', { subject: node, spec: { ...kubelet, signerName: 'kubernetes.io/kubelet-serving' } });
  await kit.run(3_600_000);
  expect(reviews).toEqual([]);
  expect(kit.client.requests.filter(({ verb }) => verb === 'update')).toEqual([]);
});
