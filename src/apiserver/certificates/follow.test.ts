// Files of certificates that change under a server that runs. What is expected here was asked from a real kube-apiserver v1.36.3.
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { resources, startCluster, type Cluster } from '../../index.js';
import { sleep } from '../../clock/clock.js';
import { realRandom } from '../../clock/random.js';
import { realClock } from '../../clock/real-clock.js';
import { targetOf } from '../../../test/support/kubeconfig.js';
import type { KeyPair } from './cluster-certificates.js';
import { newKey, selfSign, signClientCertificate, signLeaf } from './signing.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-follow-'));
const file = (name: string): string => join(folder, name);
const context = { clock: realClock(), random: realRandom() };
let cluster: Cluster;
let admin: { readonly cert: string; readonly key: string };

async function authority(name: string): Promise<KeyPair> {
  const key = newKey();
  return { key, certificate: await selfSign(key, { name, days: 1 }, context) };
}

/** Who the server takes the holder of a certificate for, who says to be a proxy for pat. */
async function whoIs({ cert, key }: { readonly cert: string; readonly key: string }, agent?: Agent): Promise<string> {
  const body = '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}';
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'x-remote-user': 'pat' };
  const { port } = cluster;
  return new Promise((resolve, reject) => {
    request({ port, path, method: 'POST', cert, key, rejectUnauthorized: false, agent: agent ?? false, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const { status, message } = JSON.parse(text) as { message?: string; status: { userInfo?: { username: string } } };
        resolve(status.userInfo?.username ?? message ?? '');
      });
    })
      .on('error', reject)
      .end(body);
  });
}

const holder = async (ca: KeyPair, name: string): Promise<{ cert: string; key: string }> => {
  const { certificate, key } = await signClientCertificate(ca, { name }, context);
  return { cert: certificate, key };
};

function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: cluster.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw).subject);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const published = async (): Promise<Readonly<Record<string, string>>> => {
  const place = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  return (await cluster.client.get(resources.CONFIG_MAPS, place)).data ?? {};
};

const patience = 20_000;

/** Until nothing is thrown any more: the last that is thrown fails the test. */
async function eventually(expectation: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + patience; ;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(context.clock, 50);
    }
  }
}

let first: KeyPair;
beforeAll(async () => {
  first = await authority('first-proxies');
  writeFileSync(file('proxies.crt'), first.certificate);
  cluster = await startCluster({
    components: ['apiserver'],
    certDir: folder,
    requestheaderClientCaFile: file('proxies.crt'),
    requestheaderUsernameHeaders: ['X-Remote-User'],
  });
  const { cert, key } = targetOf(cluster.kubeconfig);
  admin = { cert, key };
}, 60_000);

afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

test('other authorities of proxies count at once, and are published beside those before', async () => {
  const second = await authority('second-proxies');
  const [one, two] = [await holder(first, 'proxy'), await holder(second, 'proxy')];
  expect([await whoIs(one), await whoIs(two)]).toEqual(['pat', 'Unauthorized']);
  const agent = new Agent({ keepAlive: true });
  expect(await whoIs(one, agent)).toBe('pat');
  writeFileSync(file('proxies.crt'), second.certificate);
  await eventually(async () => expect(await whoIs(two)).toBe('pat'));
  // Also on a connection from before.
  expect([await whoIs(one), await whoIs(one, agent)]).toEqual(['Unauthorized', 'Unauthorized']);
  agent.destroy();
  await eventually(async () =>
    expect((await published())['requestheader-client-ca-file']).toBe(`${first.certificate.trim()}\n${second.certificate.trim()}\n`),
  );
  writeFileSync(file('proxies.crt'), 'garbage');
  rmSync(file('proxies.crt'));
  writeFileSync(file('ca.crt'), `${readFileSync(file('ca.crt'), 'utf8')}${second.certificate}`);
  await eventually(async () => expect(((await published())['client-ca-file'] ?? '').match(/BEGIN/g)).toHaveLength(2));
  expect(await whoIs(two)).toBe('pat');
});

test('other authorities of users count at once, for connections that are there too', async () => {
  const other = await authority('others');
  const bob = await holder(other, 'bob');
  const agent = new Agent({ keepAlive: true });
  expect([await whoIs(admin, agent), await whoIs(bob)]).toEqual(['kubernetes-admin', 'Unauthorized']);
  const before = readFileSync(file('ca.crt'), 'utf8');
  writeFileSync(file('ca.crt'), other.certificate);
  await eventually(async () => expect(await whoIs(bob)).toBe('bob'));
  expect([await whoIs(admin), await whoIs(admin, agent)]).toEqual(['Unauthorized', 'Unauthorized']);
  writeFileSync(file('ca.crt'), before);
  await eventually(async () => expect(await whoIs(admin)).toBe('kubernetes-admin'));
  expect(await whoIs(bob)).toBe('Unauthorized');
  agent.destroy();
});

test('the server shows another certificate as soon as its key is there too', async () => {
  expect(await shown()).toBe('CN=kube-apiserver');
  const ca = { certificate: readFileSync(file('ca.crt'), 'utf8'), key: readFileSync(file('ca.key'), 'utf8') };
  const key = newKey();
  const names = ['127.0.0.1', 'localhost'];
  const certificate = await signLeaf(ca, key, { name: 'renewed', usages: ['digital signature', 'server auth'], names, days: 1 }, context);
  writeFileSync(file('apiserver.crt'), certificate);
  expect(await shown()).toBe('CN=kube-apiserver');
  writeFileSync(file('apiserver.key'), key);
  await eventually(async () => expect(await shown()).toBe('CN=renewed'));
  expect(await whoIs(admin)).toBe('kubernetes-admin');
});

test('the map is put back when it is deleted; what others wrote into it stays', async () => {
  const place = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  await cluster.client.patch(resources.CONFIG_MAPS, place, 'merge', { data: { more: 'x', 'requestheader-username-headers': '["y"]' } });
  const before = await published();
  expect(before).toMatchObject({ more: 'x', 'requestheader-username-headers': '["y"]' });
  await cluster.client.delete(resources.CONFIG_MAPS, place);
  await eventually(async () => {
    const after = await published();
    expect(after['requestheader-username-headers']).toBe('["X-Remote-User"]');
    expect(after).not.toHaveProperty('more');
  });
});
