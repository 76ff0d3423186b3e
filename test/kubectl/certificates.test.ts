// A user gets a certificate: requested, approved, signed, and good for talking to the cluster.
import { X509Certificate } from 'node:crypto';
import { describeKubectl, type Tool } from '../support/kit.js';
import { runCommand } from '../support/command.js';
import { resources } from '../../src/index.js';
import { until } from '../support/until.js';
import { encodedRequest } from '../../src/controllers/testing/certificate-requests.js';

describeKubectl('kubectl: certificates', (kit) => {
  let kubectl: Tool;
  beforeAll(() => {
    kubectl = kit.kubectl();
  });

  const manifest = (name: string, request: string, signer: string, usages: readonly string[]): string =>
    JSON.stringify({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: { request, signerName: `kubernetes.io/${signer}`, usages, expirationSeconds: 86_400 },
    });
  const column = (name: string): Promise<string> => kubectl.ok('get', 'csr', name, '-o', 'jsonpath={.status.conditions[*].type}');

  it('approve: the certificate appears, and its user can talk to the cluster', async () => {
    const key = kit.write('jane.key', '');
    const request = kit.write('jane.csr', '');
    const args = ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=devs/CN=jane', '-keyout', key, '-out', request];
    const made = await runCommand('openssl', args, { env: kit.env });
    expect(made).toMatchObject({ code: 0 });
    const encoded = (await runCommand('base64', ['-w0', request], { env: kit.env })).stdout;
    await kubectl.okWith(manifest('jane', encoded, 'kube-apiserver-client', ['client auth']), 'apply', '-f', '-');
    expect(await kubectl.ok('get', 'csr', 'jane')).toMatch(
      /jane +\S+ +kubernetes\.io\/kube-apiserver-client +kubernetes-admin +24h +Pending\n/,
    );
    expect(await kubectl.ok('certificate', 'approve', 'jane')).toBe('certificatesigningrequest.certificates.k8s.io/jane approved\n');
    const { status } = await until(
      kit.cluster.client,
      resources.CERTIFICATE_SIGNING_REQUESTS,
      { name: 'jane' },
      (seen) => seen.status.certificate !== undefined,
    );
    expect(await kubectl.ok('get', 'csr', 'jane')).toMatch(/Approved,Issued\n/);
    const pem = Buffer.from(status.certificate!, 'base64').toString();
    expect(new X509Certificate(pem).subject).toBe('O=devs\nCN=jane');

    const certificate = kit.write('jane.crt', pem);
    await kubectl.ok('config', 'set-credentials', 'jane', `--client-certificate=${certificate}`, `--client-key=${key}`);
    const whoami = await kubectl.ok(
      '--user=jane',
      'auth',
      'whoami',
      '-o',
      'jsonpath={.status.userInfo.username} {.status.userInfo.groups}',
    );
    expect(whoami).toBe('jane ["devs","system:authenticated"]');
    expect(await kubectl.fails('--user=jane', 'get', 'pods')).toContain('User "jane" cannot list resource "pods"');
    await kubectl.ok('create', 'rolebinding', 'devs', '--clusterrole=view', '--group=devs');
    expect(await kubectl.run(['--user=jane', 'get', 'pods'])).toMatchObject({ code: 0 });
  });

  it('deny: nothing is signed; a request against the signer’s rules fails', async () => {
    const usages = ['server auth', 'digital signature'];
    await kubectl.okWith(manifest('denied', await encodedRequest('CN=jane'), 'kube-apiserver-client', ['client auth']), 'apply', '-f', '-');
    await kubectl.ok('certificate', 'deny', 'denied');
    await kubectl.okWith(manifest('failing', await encodedRequest('CN=jane'), 'kubelet-serving', usages), 'apply', '-f', '-');
    await kubectl.ok('certificate', 'approve', 'failing');
    const { status } = await until(
      kit.cluster.client,
      resources.CERTIFICATE_SIGNING_REQUESTS,
      { name: 'failing' },
      (seen) => seen.status.conditions?.length === 2,
    );
    expect(status.conditions?.[1]).toMatchObject({
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: 'subject organization is not system:nodes',
      lastUpdateTime: expect.stringMatching(/Z$/) as string,
      lastTransitionTime: expect.stringMatching(/Z$/) as string,
    });
    expect(await kubectl.ok('get', 'csr', 'failing')).toMatch(/Approved,Failed\n/);
    expect(await column('denied')).toBe('Denied');
  });

  it('a kubelet’s client certificate is approved by itself', async () => {
    const request = await encodedRequest('O=system:nodes, CN=system:node:node-7');
    const usages = ['client auth', 'digital signature'];
    await kubectl.okWith(manifest('node', request, 'kube-apiserver-client-kubelet', usages), 'apply', '-f', '-');
    await until(
      kit.cluster.client,
      resources.CERTIFICATE_SIGNING_REQUESTS,
      { name: 'node' },
      (seen) => seen.status.certificate !== undefined,
    );
    expect(await kubectl.ok('get', 'csr', 'node', '-o', 'jsonpath={.status.conditions[*].reason}')).toBe('AutoApproved');
  });
});
