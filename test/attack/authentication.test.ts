// Who is not who they say, and who says nothing: the real server's answers on every path.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { KeyPair } from '../../src/apiserver/certificates/cluster-certificates.js';
import { newKey, selfSign, signClientCertificate, signLeaf, type SigningContext } from '../../src/apiserver/certificates/signing.js';
import { realClock } from '../../src/clock/real-clock.js';
import { realRandom } from '../../src/clock/random.js';
import { resources } from '../../src/index.js';
import { answerOn, askOn, expectNoTrace, ignore, Victim, type Answer, type Ask } from './attacker.js';

const victim = new Victim();
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-attack-'));
const maps = '/api/v1/namespaces/attack/configmaps';
const context: SigningContext = { clock: realClock(), random: realRandom() };
/** Ten days ago: what lived for a day then is over. */
const past: SigningContext = { ...context, clock: { ...context.clock, now: () => context.clock.now() - 10 * 24 * 3600 * 1000 } };
let ca: KeyPair;
let before = '';

beforeAll(async () => {
  await victim.start({ nodes: 0, components: ['apiserver'], certDir: folder });
  ca = { certificate: readFileSync(join(folder, 'ca.crt'), 'utf8'), key: readFileSync(join(folder, 'ca.key'), 'utf8') };
  before = await victim.revision();
});
afterAll(async () => {
  await victim.stop();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  expect(await victim.revision()).toBe(before);
  expect(victim.bugs).toEqual([]);
});

function anonymously(method: string, path: string, ask: Ask = {}): Promise<Answer> {
  return victim.ask(method, path, { certificate: false, ...ask });
}

/** One question with another certificate than the admin's. */
async function as({ certificate, key }: KeyPair, path: string, headers = ''): Promise<Answer> {
  const socket = tlsConnect({
    port: victim.cluster.port,
    host: '127.0.0.1',
    ca: ca.certificate,
    cert: certificate,
    key,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', ignore);
  const answer = answerOn(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  return answer.finally(() => socket.destroy());
}

/** Method, path, and the codes of the real server for: nobody, a wrong token, the admin. */
const places: readonly (readonly [string, string, number, number])[] = [
  ['GET', '/version', 200, 401],
  ['GET', '/healthz', 200, 401],
  ['GET', '/livez', 200, 401],
  ['GET', '/readyz', 200, 401],
  ['GET', '/', 403, 401],
  ['GET', '/api', 403, 401],
  ['GET', '/apis', 403, 401],
  ['GET', '/openapi/v2', 403, 401],
  ['GET', '/openapi/v3', 403, 401],
  ['GET', '/.well-known/openid-configuration', 403, 401],
  ['GET', '/openid/v1/jwks', 403, 401],
  ['GET', '/metrics', 403, 401],
  ['GET', '/nothing', 403, 401],
  ['GET', '/version/../api', 403, 401],
  ['GET', '/healthz/../../api', 403, 401],
  ['GET', '//version', 403, 401],
  ['GET', `${maps}/x`, 403, 401],
  ['GET', maps, 403, 401],
  ['GET', `${maps}?watch=1`, 403, 401],
  ['GET', '/api/v1/nothing', 403, 401],
  ['GET', '/apis/nothing/v1/x', 403, 401],
  ['POST', maps, 403, 401],
  ['PUT', `${maps}/x`, 403, 401],
  ['PATCH', `${maps}/x`, 403, 401],
  ['DELETE', maps, 403, 401],
  ['GET', '/api/v1/namespaces/attack/pods/x/log', 403, 401],
  ['POST', '/api/v1/namespaces/attack/pods/x/exec', 403, 401],
  ['POST', '/api/v1/namespaces/attack/pods/x/eviction', 403, 401],
  ['POST', '/api/v1/namespaces/attack/serviceaccounts/default/token', 403, 401],
  ['GET', '/api/v1/nodes/x/proxy/', 403, 401],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 403, 401],
];
const proxyHeaders = {
  'X-Remote-User': 'kubernetes-admin',
  'X-Remote-Group': 'system:masters',
  'X-Remote-Extra-Scopes': 'all',
  'X-Forwarded-User': 'admin',
};
test.each(places)('%s %s', async (method, path, nobody, wrongToken) => {
  for (const headers of [{}, proxyHeaders]) {
    const answer = await anonymously(method, path, { headers });
    expect([Object.keys(headers).length, answer.status]).toEqual([Object.keys(headers).length, nobody]);
    expectNoTrace(path, answer.text);
  }
  expect((await anonymously(method, path, { headers: { Authorization: 'Bearer garbage' } })).status).toBe(wrongToken);
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'https://kubernetes.default.svc.cluster.local',
  aud: ['https://kubernetes.default.svc.cluster.local'],
  sub: 'system:serviceaccount:kube-system:default',
  exp: 9_999_999_999,
};

test('tokens that nobody gave out', async () => {
  for (const token of [
    `${part({ alg: 'none' })}.${part(claims)}.`,
    `${part({ alg: 'None', typ: 'JWT' })}.${part(claims)}.`,
    `${part({ alg: 'HS256' })}.${part(claims)}.${part('signature')}`,
    `${part({ alg: 'RS256', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } })}.${part(claims)}.${part('signature')}`,
    `${part({ alg: 'RS256', kid: '../../etc/passwd', jku: 'https://127.0.0.1:1/' })}.${part(claims)}.AAAA`,
    `${part({ __proto__: null, alg: 'constructor' })}.${part({})}.AAAA`,
    'a.b.c',
    '..',
    'a'.repeat(500_000),
    '\xff\xfe',
  ]) {
    const { status, text } = await anonymously('GET', `${maps}/x`, { headers: { Authorization: `Bearer ${token}` } });
    expect([token.slice(0, 40), status, JSON.parse(text)]).toMatchObject([
      token.slice(0, 40),
      401,
      { reason: 'Unauthorized', message: 'Unauthorized' },
    ]);
  }
});

test('what is no bearer token at all is nobody', async () => {
  for (const authorization of ['Bearer', 'Bearer ', 'Basic YTpi', 'Negotiate x', '\xff']) {
    expect((await anonymously('GET', `${maps}/x`, { headers: { Authorization: authorization } })).status).toBe(403);
  }
});

test("a wrong token beside the admin's certificate changes nothing", async () => {
  expect((await victim.ask('GET', `${maps}/x`, { headers: { Authorization: 'Bearer garbage' } })).status).toBe(404);
});

test('certificates of another authority, out of date, for servers, and of no name', async () => {
  const key = newKey();
  const otherCa = { certificate: await selfSign(key, { name: 'kubernetes', days: 1 }, context), key };
  const admin = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:masters'] };
  const serverKey = newKey();
  const wrong: Readonly<Record<string, KeyPair>> = {
    'another authority of the same name': await signClientCertificate(otherCa, admin, context),
    'signed by itself': { certificate: await selfSign(key, { name: 'kubernetes-admin', days: 1 }, context), key },
    'out of date': await signClientCertificate(ca, { ...admin, days: 1 }, past),
    'for servers': {
      certificate: await signLeaf(ca, serverKey, { ...admin, usages: ['digital signature', 'server auth'], days: 1 }, context),
      key: serverKey,
    },
  };
  for (const [what, pair] of Object.entries(wrong)) {
    for (const path of [`${maps}/x`, '/version', '/healthz']) {
      expect([what, path, (await as(pair, path)).status]).toEqual([what, path, 401]);
    }
  }
  const ordinary = await signClientCertificate(ca, { name: 'bob', groups: ['people'] }, context);
  expect((await as(ordinary, `${maps}/x`)).status).toBe(403);
  expect((await as(ordinary, '/version')).status).toBe(200);
});

test('an ordinary user acts as nobody else, and smuggles no headers', async () => {
  const bob = await signClientCertificate(ca, { name: 'bob', groups: ['people'] }, context);
  for (const headers of [
    'Impersonate-User: kubernetes-admin\r\n',
    'Impersonate-User: bob\r\nImpersonate-Group: system:masters\r\n',
    'impersonate-user: kubernetes-admin\r\nIMPERSONATE-GROUP: system:masters\r\n',
    'Impersonate-User: system:serviceaccount:kube-system:default\r\n',
    'Impersonate-User: system:anonymous\r\nImpersonate-Extra-__proto__: x\r\n',
    'Impersonate_User: kubernetes-admin\r\nX-Remote-User: kubernetes-admin\r\nX-Remote-Group: system:masters\r\n',
    'X-Original-Method: GET\r\nX-HTTP-Method-Override: GET\r\nX-Forwarded-For: 127.0.0.1\r\n',
  ]) {
    const { status, text } = await as(bob, `${maps}/x`, headers);
    expect([headers, status]).toEqual([headers, 403]);
    expectNoTrace(headers, text);
  }
  for (const headers of ['Impersonate-Group: system:masters\r\n', 'Impersonate-Uid: x\r\n', 'Impersonate-Extra-x: y\r\n']) {
    expect([headers, (await as(bob, `${maps}/x`, headers)).status]).toEqual([headers, 400]);
  }
  for (const smuggled of [
    `GET /version HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET ${maps}/x HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `GET /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    `GET /version HTTP/1.1\r\nHost: x\r\nX: a\nX-Remote-User: admin\r\n\r\n`,
  ]) {
    const { status } = await victim.send(smuggled, false);
    expect([smuggled.slice(0, 80), status >= 400 && status < 500]).toEqual([smuggled.slice(0, 80), true]);
  }
});

test('a resumed TLS session is whoever began it', async () => {
  const begin = (pair: KeyPair | undefined, session?: Buffer): Promise<{ session: Buffer; status: number; socket: TLSSocket }> =>
    new Promise((resolve, reject) => {
      const socket = tlsConnect({
        port: victim.cluster.port,
        host: '127.0.0.1',
        ca: ca.certificate,
        ALPNProtocols: ['http/1.1'],
        ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
        ...(session === undefined ? {} : { session }),
      });
      socket.once('error', reject);
      let kept: Buffer | undefined;
      socket.once('session', (ticket: Buffer) => (kept = ticket));
      socket.write(`GET ${maps}/x HTTP/1.1\r\nHost: x\r\n\r\n`);
      answerOn(socket).then(({ status }) => resolve({ session: kept!, status, socket }), reject);
    });
  const stranger = await signClientCertificate(
    { certificate: await selfSign(ca.key, { name: 'x', days: 1 }, context), key: newKey() },
    { name: 'kubernetes-admin', groups: ['system:masters'] },
    context,
  );
  for (const [pair, status] of [
    [undefined, 403],
    [stranger, 401],
  ] as const) {
    const first = await begin(pair);
    const again = await begin(pair, first.session);
    expect([first.status, again.status]).toEqual([status, status]);
    first.socket.destroy();
    again.socket.destroy();
  }
});

test('pseudo-headers of HTTP/2 are no way around', async () => {
  const session = await victim.session();
  const bob = { 'impersonate-user': 'bob' };
  for (const headers of [
    { ':path': `${maps}/x`, ':authority': 'kubernetes-admin@x', ...bob },
    { ':path': `${maps}/x`, 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters', ...bob },
    { ':path': `/version?/../${maps}/x`, ...bob },
  ]) {
    expect((await askOn(session, headers)).status).toBe(headers[':path'].startsWith('/version') ? 200 : 403);
  }
  session.destroy();
  expect((await victim.cluster.client.list(resources.CONFIG_MAPS, { namespace: 'attack' })).items).toEqual([]);
});
