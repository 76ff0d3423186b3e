// Files of the configuration that are read again while the server runs, and the certificate that API servers behind API services are shown.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { loadClusterCertificates, type ClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock, startCluster, type Cluster } from '../../src/index.js';
import { send, type Answer, type Target } from '../parity/exchange.js';
import { targetOf } from '../support/kubeconfig.js';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const header = (kind: string): string => `apiVersion: apiserver.config.k8s.io/v1\nkind: ${kind}\n`;
const issuer = (url: string): string =>
  `{issuer: {url: "${url}", audiences: [a]}, claimMappings: {username: {claim: sub, prefix: ""}}, claimValidationRules: []}`;
const authentication = (anonymousPath: string, ...issuers: readonly string[]): string =>
  `${header('AuthenticationConfiguration')}anonymous: {enabled: true, conditions: [{path: ${anonymousPath}}]}\njwt: [${issuers.map(issuer).join(', ')}]\n`;
const authorization = (...types: readonly string[]): string =>
  `${header('AuthorizationConfiguration')}authorizers:\n${types.map((type) => `- {type: ${type}, name: ${type.toLowerCase()}}\n`).join('')}`;

let certificates: ClusterCertificates;
let cluster: Cluster;
let target: Target;
let backend: Server;
const shown: (string | undefined)[] = [];

beforeAll(async () => {
  certificates = await loadClusterCertificates({ clock: realClock(), random: realRandom(), bindAddress: '127.0.0.1' });
  const { ca, server } = certificates;
  backend = createServer(
    { key: server.key, cert: server.certificate, ca: ca.certificate, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      shown.push(typeof subject?.CN === 'string' ? subject.CN : undefined);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Status","apiVersion":"v1"}');
    },
  );
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  cluster = await startCluster({
    components: ['apiserver'],
    nodes: 0,
    authenticationConfig: file('authentication.yaml', authentication('/livez')),
    authorizationConfig: file('authorization.yaml', authorization('Node', 'RBAC')),
    proxyClientCertFile: file('proxy.crt', certificates.admin.certificate),
    proxyClientKeyFile: file('proxy.key', certificates.admin.key),
  });
  target = targetOf(cluster.kubeconfig);
});

afterAll(async () => {
  await cluster.stop();
  backend.closeAllConnections();
  backend.close();
  rmSync(folder, { recursive: true });
});

const ask = (request: string, more: object = {}): Promise<Answer> => send(target, { request, ...more }, (text) => text);
const as = (user: string): object => ({ headers: { 'impersonate-user': user } });

/** How often a file was read again, of the metrics. */
async function reloads(what: string, status: string): Promise<number> {
  const { body } = await ask('GET /metrics');
  const line = new RegExp(
    `^apiserver_${what}_config_controller_automatic_reloads_total\\{apiserver_id_hash="[^"]+",status="${status}"\\} (\\d+)$`,
    'm',
  );
  return Number(line.exec(String(body))?.[1] ?? 0);
}

/** Writes a file and waits until it has been looked at. */
async function change(what: 'authentication' | 'authorization', text: string, status: 'success' | 'failure'): Promise<void> {
  const before = await reloads(what, status);
  file(`${what}.yaml`, text);
  while ((await reloads(what, status)) === before) await pause(50);
}

test('authorizers follow their file; one that cannot be used changes nothing', async () => {
  const secrets = (): Promise<Answer> => ask('GET /api/v1/namespaces/default/secrets', as('jane'));
  expect((await secrets()).status).toBe(403);
  await change('authorization', authorization('RBAC', 'Node', 'AlwaysAllow'), 'success');
  expect((await secrets()).status).toBe(200);
  // What is no webhook and was there at the start has to stay.
  await change('authorization', authorization('AlwaysDeny'), 'failure');
  expect((await secrets()).status).toBe(200);
  await change('authorization', authorization('Node', 'RBAC'), 'success');
  expect((await secrets()).status).toBe(403);
});

test('issuers follow their file; where strangers are let in stays as it was', async () => {
  const review = async (): Promise<unknown> => {
    const claims = { iss: 'https://127.0.0.1:1', aud: 'a', sub: 'x', exp: 99_999_999_999 };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.c2lnbmF0dXJl`;
    const { body } = await ask('POST /apis/authentication.k8s.io/v1/tokenreviews', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    });
    return (body as { readonly status?: { readonly error?: string } }).status?.error;
  };
  const unknown = await review();
  await change('authentication', authentication('/livez', 'https://127.0.0.1:1'), 'success');
  expect(await review()).not.toBe(unknown);
  await change('authentication', authentication('/readyz'), 'failure');
  const { cert: _cert, key: _key, ...stranger } = target;
  const anonymous = (path: string): Promise<Answer> => send(stranger as Target, { request: `GET ${path}` }, (text) => text);
  expect([(await anonymous('/livez')).status, (await anonymous('/readyz')).status]).toEqual([200, 401]);
});

test('an API server behind an API service is shown the certificate of --proxy-client-cert-file', async () => {
  const { port } = backend.address() as AddressInfo;
  const service = { kind: 'Service', apiVersion: 'v1', metadata: { name: 'b' }, spec: { type: 'ExternalName', externalName: '127.0.0.1' } };
  expect((await ask('POST /api/v1/namespaces/default/services', { body: service })).status).toBe(201);
  await ask('POST /apis/apiregistration.k8s.io/v1/apiservices', {
    body: {
      kind: 'APIService',
      apiVersion: 'apiregistration.k8s.io/v1',
      metadata: { name: 'v1.b.example.com' },
      spec: {
        group: 'b.example.com',
        version: 'v1',
        groupPriorityMinimum: 1000,
        versionPriority: 10,
        service: { name: 'b', namespace: 'default', port },
        insecureSkipTLSVerify: true,
      },
    },
  });
  while (shown.length === 0) await pause(50);
  expect(new Set(shown)).toEqual(new Set(['kubernetes-admin']));
});

test.each([
  [{ proxyClientCertFile: '/x' }, '--proxy-client-cert-file and --proxy-client-key-file are of use together only'],
  [{ proxyClientCertFile: '/x', proxyClientKeyFile: '/y' }, '--proxy-client-cert-file /x: ENOENT'],
])('%j is refused in one line', async (options, message) => {
  await expect(startCluster({ components: ['apiserver'], ...options })).rejects.toThrow(message);
});
