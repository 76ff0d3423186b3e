import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import { loadClusterCertificates, type ClusterCertificates } from '../../apiserver/certificates/cluster-certificates.js';
import { signCertificateRequest } from '../../apiserver/certificates/signing.js';
import { internalError } from '../../apimachinery/errors/api-error.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { manualClock } from '../../clock/manual-clock.js';
import { realRandom } from '../../clock/random.js';
import type { CertificateTerms, RunningController, ControllerContext } from '../definition.js';
import { approved, signingRequest, type Asked } from '../testing/certificate-requests.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createCsrSigningController } from './index.js';

let kit: Kit;
let asked: CertificateTerms[];
afterEach(() => kit?.stop());

/** The authority is as old as the world of a manual clock. */
let certificates: ClusterCertificates;
beforeAll(async () => {
  certificates = await loadClusterCertificates({ clock: manualClock(), random: realRandom() });
});

const create = (context: ControllerContext): RunningController =>
  createCsrSigningController({
    ...context,
    signer: {
      sign: (request, terms) => {
        asked.push(terms);
        return signCertificateRequest(certificates.ca, request, terms, context);
      },
    },
  });

beforeEach(() => {
  asked = [];
  kit = createKit();
});

const get = (name: string): Promise<CertificateSigningRequest> => kit.client.get(CERTIFICATE_SIGNING_REQUESTS, { name });
/** Signing takes turns of the event loop that no clock moves. */
async function settled(name: string): Promise<CertificateSigningRequest> {
  for (;;) {
    await kit.run();
    await new Promise((resolve) => setImmediate(resolve));
    const now = await get(name);
    if (now.status.certificate !== undefined || now.status.conditions?.some(({ type }) => type === 'Failed')) return now;
  }
}
async function seed(name: string, request: Asked, conditions: readonly object[] = [approved]): Promise<void> {
  const object = await signingRequest(name, request);
  kit.client.seed(CERTIFICATE_SIGNING_REQUESTS, { ...object, status: { conditions } });
}

const client = 'kubernetes.io/kube-apiserver-client';
const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet';
const serving = 'kubernetes.io/kubelet-serving';
const node = 'O=system:nodes, CN=system:node:n1';
type Usage = NonNullable<CertificateSigningRequest['spec']['usages']>[number];

test('signs what is approved: subject, names, usages, five minutes back-dated', async () => {
  await kit.start(create);
  const usages: Usage[] = ['client auth', 'digital signature'];
  await seed('jane', { subject: 'O=devs, CN=jane', names: ['DNS:foo', 'email:a@b.c'], spec: { usages, expirationSeconds: 600 } });
  const { status } = await settled('jane');
  const certificate = new X509Certificate(Buffer.from(status.certificate!, 'base64'));
  expect(certificate.subject).toBe('O=devs\nCN=jane');
  expect(certificate.subjectAltName).toBe('DNS:foo, email:a@b.c');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(new X509Certificate(certificates.ca.certificate))).toBe(true);
  expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(900_000);
  expect(status.conditions).toEqual([approved]);
});

test.each([
  [undefined, 365 * 86_400 - 300],
  [27 * 365 * 86_400, 365 * 86_400 - 300],
  [86_400, 86_400 - 300],
  [28_800, 28_800 - 300],
  [28_799, 28_799],
  [600, 600],
])('expirationSeconds %p: valid for %p more seconds, and never over a year', async (expirationSeconds, seconds) => {
  await kit.start(create);
  await seed('jane', { subject: 'CN=jane', spec: expirationSeconds === undefined ? {} : { expirationSeconds } });
  await settled('jane');
  expect(asked).toEqual([{ usages: ['client auth'], seconds, backdateSeconds: 300 }]);
});

const noMatchClient = 'usages did not match [client auth digital signature key encipherment]';
const noMatchServing = 'usages did not match [digital signature key encipherment server auth]';
const notNodes = 'subject organization is not system:nodes';
const noPrefix = 'subject common name does not begin with system:node:';
/** As a real signer answered each. */
const refused: readonly [signer: string, subject: string, names: string, usages: string, message: string][] = [
  [client, 'CN=jane', '', 'server auth', 'invalid usage for client certificate: server auth'],
  [client, 'CN=jane', '', 'client auth,any', 'invalid usage for client certificate: any'],
  [client, 'CN=jane', '', 'client auth,cert sign', 'invalid usage for client certificate: cert sign'],
  [client, 'CN=jane', '', 'digital signature,key agreement,server auth', 'invalid usage for client certificate: key agreement'],
  [client, 'CN=jane', '', 'digital signature', 'missing required usage for client certificate: client auth'],
  [kubelet, node, '', 'digital signature', noMatchClient],
  [kubelet, node, '', 'client auth', noMatchClient],
  [kubelet, node, '', 'client auth,digital signature,key agreement', noMatchClient],
  [kubelet, node, 'DNS:n1,IP:10.0.0.1', 'client auth,digital signature', 'DNS subjectAltNames are not allowed'],
  [kubelet, node, 'IP:10.0.0.1,email:a@b.c', 'client auth,digital signature', 'Email subjectAltNames are not allowed'],
  [kubelet, node, 'IP:10.0.0.1', 'client auth,digital signature', 'IP subjectAltNames are not allowed'],
  [kubelet, node, 'URI:http://x', 'client auth,digital signature', 'URI subjectAltNames are not allowed'],
  [kubelet, 'O=devs, CN=jane', '', 'client auth,digital signature', notNodes],
  [kubelet, `O=system:nodes, ${node}`, '', 'client auth,digital signature', notNodes],
  [kubelet, 'CN=system:node:n1', '', 'client auth,digital signature', notNodes],
  [kubelet, 'O=system:nodes, CN=n1', '', 'client auth', noPrefix],
  [kubelet, 'O=system:nodes', '', 'client auth,digital signature', noPrefix],
  [serving, node, '', 'server auth', 'DNS or IP subjectAltName is required'],
  [serving, node, 'email:a@b.c', 'server auth', 'DNS or IP subjectAltName is required'],
  [serving, node, 'DNS:n1,email:a@b.c', 'server auth', 'Email subjectAltNames are not allowed'],
  [serving, node, 'DNS:n1,URI:http://x', 'server auth,digital signature', 'URI subjectAltNames are not allowed'],
  [serving, node, 'DNS:n1', 'client auth,server auth,digital signature', noMatchServing],
  [serving, 'O=system:nodes, CN=n1', 'DNS:n1', 'server auth', noMatchServing],
  [serving, 'O=system:nodes, CN=n1', 'DNS:n1', 'server auth,digital signature', noPrefix],
  [serving, 'O=devs, CN=jane', 'DNS:n1', 'server auth,digital signature', notNodes],
];

test.each(refused)('%s: %s [%s] for %s fails: %s', async (signerName, subject, names, usages, message) => {
  await kit.start(create);
  const list = names === '' ? [] : names.split(',');
  await seed('wrong', { subject, names: list, spec: { signerName, usages: usages.split(',') as Usage[] } });
  const { status } = await settled('wrong');
  expect(status.conditions).toEqual([approved, { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message }]);
  expect(status.certificate).toBeUndefined();
  const writes = kit.client.requests.length;
  await kit.run(60_000);
  expect(kit.client.requests.length).toBe(writes);
});

test.each([
  [kubelet, [], 'client auth,digital signature'],
  [kubelet, [], 'key encipherment,digital signature,client auth'],
  [serving, ['DNS:n1'], 'server auth,digital signature'],
  [serving, ['IP:10.0.0.1'], 'server auth,digital signature,key encipherment'],
  ['kubernetes.io/legacy-unknown', ['DNS:n1'], 'server auth,code signing'],
])('%s signs for a node with names %p: %s', async (signerName, names, usages) => {
  await kit.start(create);
  await seed('node', { subject: node, names, spec: { signerName, usages: usages.split(',') as Usage[] } });
  expect((await settled('node')).status.certificate).toBeDefined();
});

test('leaves alone what is pending, denied or failed, and other signers’ requests', async () => {
  await kit.start(create);
  await seed('pending', { subject: 'CN=jane' }, []);
  await seed('denied', { subject: 'CN=jane' }, [{ ...approved, type: 'Denied' }]);
  await seed('failed', { subject: 'CN=jane' }, [approved, { ...approved, type: 'Failed' }]);
  await seed('other', { subject: 'CN=jane', spec: { signerName: 'example.com/x' } });
  await kit.run(60_000);
  expect(asked).toEqual([]);
  expect(kit.client.requests.filter(({ verb }) => verb === 'update')).toEqual([]);
});

test('tries again when the API refuses, and signs once', async () => {
  let refusals = 2;
  kit = createKit(({ verb }) => {
    if (verb === 'update' && refusals-- > 0) throw internalError('not now');
  });
  await kit.start(create);
  await seed('jane', { subject: 'CN=jane' });
  const { status } = await settled('jane');
  await kit.run(60_000);
  expect(refusals).toBeLessThanOrEqual(0);
  expect((await get('jane')).status.certificate).toBe(status.certificate);
});

test('a request that is no certificate request fails', async () => {
  await kit.start(create);
  await seed('broken', { subject: 'CN=jane', spec: { request: Buffer.from('nothing').toString('base64') } });
  expect((await settled('broken')).status.conditions?.[1]).toMatchObject({ type: 'Failed', reason: 'SignerValidationFailure' });
});
