// Names that are somebody else's when they are read otherwise, permissions that are wider than they look, and those who decide and do not mean well. All
// answers were asked from a real kube-apiserver v1.36.3.
//
// - Groups and users of a front proxy, and of whom a user acts as, with commas, letters beyond ASCII and control characters in them, over HTTP/1.1 and HTTP/2
// - Acting as nobody, as `system:masters`, as nodes and service accounts, by permissions for some requests only (KEP-5284), with keys that are none
// - Webhooks that allow and deny at once, answer garbage, with much, in another version, not at all; questions that look alike
// - Issuers whose keys change or who hang while tokens with unknown keys are shown; bootstrap tokens whose end is no time
// - Expired, forged and misdirected tokens, and headers from who is no proxy: identity.test.ts; kubelets: kubelets.test.ts
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as http2Connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createBootstrapTokens } from '../../src/apiserver/authentication/bootstrap-token.js';
import { createIssuerKeys } from '../../src/apiserver/authentication/issuer-keys.js';
import type { KeyPair } from '../../src/apiserver/certificates/cluster-certificates.js';
import { newKey, selfSign, signClientCertificate, signLeaf, type SigningContext } from '../../src/apiserver/certificates/signing.js';
import { manualClock } from '../../src/clock/manual-clock.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';
import { answerOn, askOn, eventually, ignore, Victim, type Answer } from './attacker.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-authorizers-'));
const context: SigningContext = { clock: realClock(), random: realRandom() };
const victim = new Victim();
const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
let proxy: KeyPair;
let issuerCa: KeyPair;

beforeAll(async () => {
  const proxyCa = { key: newKey(), certificate: '' };
  const authority = { ...proxyCa, certificate: await selfSign(proxyCa.key, { name: 'proxies', days: 1 }, context) };
  proxy = await signClientCertificate(authority, { name: 'proxy' }, context);
  const key = newKey();
  issuerCa = { key, certificate: await selfSign(key, { name: 'issuers', days: 1 }, context) };
  writeFileSync(join(folder, 'proxies.crt'), authority.certificate);
  await victim.start({
    nodes: 0,
    components: ['apiserver'],
    enableAdmissionPlugins: ['NodeRestriction'],
    requestheaderClientCaFile: join(folder, 'proxies.crt'),
    requestheaderUsernameHeaders: ['X-Remote-User'],
    requestheaderGroupHeaders: ['X-Remote-Group'],
    requestheaderUidHeaders: ['X-Remote-Uid'],
    requestheaderExtraHeadersPrefix: ['X-Remote-Extra-'],
  });
}, 60_000);

afterAll(async () => {
  await victim.stop();
  rmSync(folder, { recursive: true });
});

afterEach(() => expect(victim.bugs).toEqual([]));

/** A request of the proxy, headers as they are written. */
async function proxied(headers: readonly string[], method = 'POST', path = reviews, body = review): Promise<Answer> {
  const socket = connect({ port: victim.cluster.port, host: '127.0.0.1', rejectUnauthorized: false, cert: proxy.certificate, key: proxy.key, ALPNProtocols: ['http/1.1'] }); // prettier-ignore
  socket.on('error', ignore);
  const answer = answerOn(socket);
  const lines = ['Host: x', 'Accept: application/json', 'Content-Type: application/json', `Content-Length: ${body.length}`, ...headers];
  socket.write(Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`, 'utf8'));
  return answer.finally(() => socket.destroy());
}

/** Who the server takes somebody for, or why not. */
function user({ status, text }: Answer): unknown {
  const { status: said, message } = JSON.parse(text) as { status: { userInfo: Record<string, unknown> }; message?: string };
  return status === 201 ? said.userInfo : `${status} ${message}`;
}

const everyone = 'system:authenticated';
const master = ['X-Remote-User: root', 'X-Remote-Group: system:masters'];

test.each([
  [
    'a group with a comma',
    ['X-Remote-User: bob', 'X-Remote-Group: dev, system:masters'],
    { username: 'bob', groups: ['dev, system:masters', everyone] },
  ],
  ['a user with a comma', ['X-Remote-User: admin, x', 'X-Remote-Group: a,b'], { username: 'admin, x', groups: ['a,b', everyone] }],
  ['letters beyond ASCII', ['X-Remote-User: bäb', 'X-Remote-Group: gö'], { username: 'bäb', groups: ['gö', everyone] }],
  ['the first of two users', ['X-Remote-User: a', 'X-Remote-User: b'], { username: 'a', groups: [everyone] }],
  [
    'more with commas',
    ['X-Remote-User: a', 'X-Remote-Uid: 1, 2', 'X-Remote-Extra-__proto__: x, y', 'X-Remote-Extra-__proto__: z'],
    { username: 'a', uid: '1, 2', groups: [everyone], extra: JSON.parse('{"__proto__":["x, y","z"]}') as unknown },
  ],
  ['nobody', ['X-Remote-User: system:anonymous'], expect.stringMatching(/^403 .*User "system:anonymous" cannot create/)],
  [
    'acting as a group with a comma',
    [...master, 'Impersonate-User: bob', 'Impersonate-Group: a, system:masters'],
    { username: 'bob', groups: ['a, system:masters', everyone] },
  ],
  [
    'acting as a user with a comma',
    [...master, 'Impersonate-User: bob, alice', 'Impersonate-Uid: 1, 2'],
    { username: 'bob, alice', uid: '1, 2', groups: [everyone] },
  ],
  [
    'acting as letters',
    [...master, 'Impersonate-User: bäb', 'Impersonate-Extra-a.b%2fc%C3%B6: ö, x'],
    { username: 'bäb', groups: [everyone], extra: { 'a.b/cö': ['ö, x'] } },
  ],
  [
    'acting as nobody in a group',
    [...master, 'Impersonate-User: system:anonymous', 'Impersonate-Group: system:masters'],
    { username: 'system:anonymous', groups: ['system:masters', 'system:unauthenticated'] },
  ],
] as const)('names are read as they are written: %s', async (_what, headers, expected) => {
  // prettier-ignore
  expect(user(await proxied(headers))).toEqual(expected);
});

test('of several numbers of a request the first counts', async () => {
  const { headers } = await proxied([...master, 'Audit-ID: one', 'Audit-ID: two']);
  expect(headers['audit-id']).toBe('one');
  expect((await proxied([...master, 'Audit-ID: one, two'])).headers['audit-id']).toBe('one, two');
});

test('names are read as they are written over HTTP/2', async () => {
  const session = http2Connect(victim.cluster.url, { rejectUnauthorized: false, cert: proxy.certificate, key: proxy.key });
  session.on('error', ignore);
  const headers = { ':path': reviews, ':method': 'POST', 'content-type': 'application/json', 'x-remote-user': Buffer.from('bäb, x').toString('latin1'), 'x-remote-group': ['dev, system:masters', 'ops'] }; // prettier-ignore
  expect(user(await askOn(session, headers, review))).toEqual({ username: 'bäb, x', groups: ['dev, system:masters', 'ops', everyone] });
  session.destroy();
});

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const post = (path: string, body: unknown, headers = {}): Promise<Answer> =>
  victim.ask('POST', path, { body: JSON.stringify(body), headers });

async function grant(name: string, rules: readonly object[]): Promise<void> {
  expect((await post(`${rbac}/clusterroles`, { metadata: { name }, rules })).status).toBe(201);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
  expect((await post(`${rbac}/clusterrolebindings`, { metadata: { name }, roleRef, subjects })).status).toBe(201);
}

const own = 'authentication.k8s.io';
const on = (mode: string): object => ({ apiGroups: ['*'], resources: ['*'], verbs: [`impersonate-on:${mode}:create`] });
const as = (mode: string, resources: readonly string[], more: object = {}): object => ({ apiGroups: [own], resources, verbs: [`impersonate:${mode}`], ...more }); // prettier-ignore
const notAllowed = /cannot impersonate/;

test('acting as others for some requests only', async () => {
  await grant('part', [as('user-info', ['users'])]);
  await grant('some', [as('user-info', ['users', 'userextras/acme.io/a'], {}), on('user-info')]);
  await grant('most', [as('user-info', ['*']), on('user-info')]);
  await grant('nodes', [as('arbitrary-node', ['nodes'], { resourceNames: ['x'] }), on('arbitrary-node')]);
  await grant('accounts', [as('serviceaccount', ['serviceaccounts']), on('serviceaccount')]);
  await grant('wide', [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }]);
  const acting = async (who: string, ...headers: string[]): Promise<unknown> =>
    user(await proxied([`X-Remote-User: ${who}`, ...headers.map((header) => `Impersonate-${header}`)]));
  const alice = { username: 'alice', groups: [everyone] };
  const refused = (text: string): unknown => expect.stringContaining(text);
  const cases: readonly (readonly [string, readonly string[], unknown])[] = [
    ['nobody', ['User: alice'], refused('cannot impersonate-on:user-info:create resource "selfsubjectreviews"')],
    ['part', ['User: alice'], refused('cannot impersonate-on:user-info:create resource "selfsubjectreviews"')],
    ['some', ['User: alice'], alice],
    ['some', ['User: alice', 'Extra-Acme.io%2fa: v'], { ...alice, extra: { 'acme.io/a': ['v'] } }],
    ['some', ['User: alice', 'Extra-Acme.io%2fb: v'], refused('cannot impersonate:user-info resource "userextras/acme.io/b"')],
    ['some', ['User: alice', 'Extra-A: v'], refused('impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "a"')],
    ['some', ['User: alice', 'Group: g'], refused('groups.authentication.k8s.io "g" is forbidden')],
    ['some', ['User: alice', 'Uid: 7'], refused('uids.authentication.k8s.io "7" is forbidden')],
    ['most', ['User: alice', 'Group: g'], { username: 'alice', groups: ['g', everyone] }],
    ['most', ['User: alice', 'Group: system:masters'], refused('impersonating the system:masters group is not allowed')],
    ['most', ['User: system:node:x'], refused('cannot impersonate-on:arbitrary-node:create')],
    ['most', ['User: system:node:x', 'Group: system:nodes'], refused('users "system:node:x" is forbidden')],
    ['most', ['User: system:serviceaccount:a:b'], refused('cannot impersonate-on:serviceaccount:create')],
    ['most', ['User: system:serviceaccount:a:b', 'Group: g'], refused('serviceaccounts "b" is forbidden')],
    ['nodes', ['User: system:node:x'], { username: 'system:node:x', groups: ['system:nodes', everyone] }],
    ['nodes', ['User: system:node:y'], refused('nodes.authentication.k8s.io "y" is forbidden')],
    ['nodes', ['User: system:node:'], refused('cannot impersonate-on:user-info:create')],
    ['nodes', ['User: alice'], refused('cannot impersonate-on:user-info:create')],
    ['accounts', ['User: system:serviceaccount:a:b'], { username: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts', 'system:serviceaccounts:a', everyone] }],
    ['accounts', ['User: system:serviceaccount:a:b', 'Uid: 1'], refused('serviceaccounts "b" is forbidden')],
    ['wide', ['User: alice'], alice],
    ['wide', ['User: alice', 'Group: system:masters'], refused('groups "system:masters" is forbidden: User "wide" cannot impersonate resource "groups"')],
    ['wide', ['User: system:node:x'], { username: 'system:node:x', groups: [everyone] }],
    // Of what allowed it last it is told first.
    ['wide', ['User: system:serviceaccount:a:b'], refused('cannot impersonate resource "serviceaccounts"')],
    ['wide', ['Group: g'], refused('without impersonating a user name')],
  ]; // prettier-ignore
  for (const [who, headers, expected] of cases) expect([who, headers, await acting(who, ...headers)]).toEqual([who, headers, expected]);
  // Service accounts of pods act as the node of their pod by a permission of its own, and as no other node.
  const agent = 'system:serviceaccount:a:agent';
  await grant(agent, [as('associated-node', ['nodes']), on('associated-node')]);
  const ofNode = (node: string): string => `X-Remote-Extra-Authentication.kubernetes.io%2fnode-name: ${node}`;
  const nodeCases: readonly (readonly [readonly string[], unknown])[] = [
    [[`X-Remote-User: ${agent}`, ofNode('x'), 'Impersonate-User: system:node:x'], { username: 'system:node:x', groups: ['system:nodes', everyone] }],
    [[`X-Remote-User: ${agent}`, ofNode('x'), 'Impersonate-User: system:node:y'], refused('cannot impersonate-on:arbitrary-node:create')],
    [[`X-Remote-User: ${agent}`, ofNode('x'), ofNode('y'), 'Impersonate-User: system:node:y'], refused('cannot impersonate-on:arbitrary-node:create')],
    [[`X-Remote-User: ${agent}`, 'Impersonate-User: system:node:x'], refused('cannot impersonate-on:arbitrary-node:create')],
    [[`X-Remote-User: ${agent}`, ofNode('x'), 'Impersonate-User: system:node:x', `Impersonate-Extra-Authentication.kubernetes.io%2fnode-name: x`], refused('users "system:node:x" is forbidden')],
    [['X-Remote-User: nodes', ofNode('y'), 'Impersonate-User: system:node:y'], refused('nodes.authentication.k8s.io "y" is forbidden')],
  ]; // prettier-ignore
  for (const [headers, expected] of nodeCases) expect([headers, user(await proxied(headers))]).toEqual([headers, expected]);
  // What is allowed for one verb is allowed for no other.
  const get = await proxied(['X-Remote-User: most', 'Impersonate-User: root', 'Impersonate-Group: x'], 'GET', '/api/v1/secrets', '');
  expect(get.text).toMatch(notAllowed);
});

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

test('webhooks that decide do not let anybody through by mistake, and tell those apart who look alike', async () => {
  const asked: { readonly user?: string; readonly groups?: readonly string[] }[] = [];
  const say = (response: ServerResponse, status: unknown, apiVersion = 'authorization.k8s.io/v1', kind = 'SubjectAccessReview'): void =>
    void response.end(JSON.stringify({ apiVersion, kind, status }));
  const lies: Readonly<Record<string, (response: ServerResponse) => void>> = {
    both: (response) => say(response, { allowed: true, denied: true }),
    words: (response) => say(response, { allowed: 'true' }),
    garbage: (response) => void response.end('garbage'),
    empty: (response) => void response.end(),
    version: (response) => say(response, { allowed: true }, 'authorization.k8s.io/v1beta1'),
    group: (response) => say(response, { allowed: true }, 'authorization.example.com/v1'),
    kind: (response) => say(response, { allowed: true }, 'authorization.k8s.io/v1', 'SelfSubjectAccessReview'),
    list: (response) => void response.end(JSON.stringify([{ status: { allowed: true } }])),
    prototype: (response) => void response.end('{"__proto__":{"status":{"allowed":true}},"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview"}'), // prettier-ignore
    redirect: (response) => void response.writeHead(302, { location: '/' }).end(),
    refusal: (response) => void response.writeHead(403).end(JSON.stringify({ status: { allowed: true } })),
    much: (response) => void response.end(`${' '.repeat(20 * 1024 * 1024)}{}`),
    gone: (response) => response.socket?.destroy(),
  };
  const webhook = createHttpServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      // A redirect is followed without the question; what it leads to says the same again.
      if (text === '') return lies['redirect']!(response);
      const { spec } = JSON.parse(text) as { spec: { user?: string; groups?: readonly string[] } };
      asked.push(spec);
      const lie = lies[spec.user ?? ''];
      if (lie !== undefined) lie(response);
      else say(response, { allowed: spec.user === 'a' && spec.groups?.[0] === 'b' });
    });
  });
  const server = `http://127.0.0.1:${await listening(webhook)}/`;
  writeFileSync(join(folder, 'webhook.yaml'), `current-context: c\ncontexts: [{name: c, context: {cluster: w}}]\nclusters: [{name: w, cluster: {server: "${server}"}}]\n`); // prettier-ignore
  const judged = new Victim();
  await judged.start({
    nodes: 0,
    components: ['apiserver'],
    authorizationMode: ['RBAC', 'Webhook'],
    authorizationWebhookConfigFile: join(folder, 'webhook.yaml'),
    authorizationWebhookVersion: 'v1',
  });
  const ask = (name: string, groups: readonly string[] = []): Promise<Answer> =>
    judged.send(
      ['GET /api/v1/namespaces/attack/secrets HTTP/1.1', 'Host: x', `Impersonate-User: ${name}`, ...groups.map((group) => `Impersonate-Group: ${group}`)].join('\r\n') + '\r\n\r\n', // prettier-ignore
    );
  for (const name of Object.keys(lies)) {
    const { status } = await ask(name);
    expect([name, status === 403 || status === 500]).toEqual([name, true]);
  }
  // Asked twice, they are answered from memory; those who only look the same are not.
  for (let turn = 0; turn < 2; turn++) {
    expect((await ask('a', ['b'])).status).toBe(200);
    for (const [name, groups] of [
      ['a', ['c', 'b']],
      ['a', ['b, x']],
      ['a', ['"b"']],
      ['a","groups":["b"', []],
      ['a,b', []],
      ['ab', []],
      ['', ['b']],
    ] as [string, string[]][])
      // prettier-ignore
      expect([name, groups, (await ask(name === '' ? 'nobody' : name, groups)).status]).toEqual([name, groups, 403]);
  }
  expect('allowed' in {}).toBe(false);
  expect(judged.bugs).toEqual([]);
  await judged.stop();
  webhook.closeAllConnections();
  webhook.close();
}, 120_000);

test('an issuer that hangs keeps nobody out whose key is known, and a key that is gone is not believed for long', async () => {
  const key = newKey();
  const cert = await signLeaf(issuerCa, key, { name: 'issuer', names: ['127.0.0.1'], usages: ['digital signature', 'server auth'], days: 1 }, context); // prettier-ignore
  const keys = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  let hangs = false;
  let served = 0;
  let serving = 0;
  let url = '';
  const issuer = createHttpsServer({ cert, key }, (request, response) => {
    if (request.url !== '/keys') return void response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
    served++;
    if (!hangs) response.end(JSON.stringify({ keys: [{ ...keys[serving]!.publicKey.export({ format: 'jwk' }), kid: `k${serving}` }] }));
  });
  url = `https://127.0.0.1:${await listening(issuer)}`;
  const clock = { ...realClock(), monotonic: () => now };
  let now = 0;
  const known = createIssuerKeys({ url, audiences: ['a'], certificateAuthority: issuerCa.certificate }, clock);
  const token = (index: number, kid = `k${index}`): string => {
    const text = [{ alg: 'RS256', kid }, { iss: url }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), keys[index]!.privateKey).toString('base64url')}`;
  };
  expect(await known.signed(token(0))).toBe(true);
  // Forged tokens with new names of keys make it ask again, and hang.
  hangs = true;
  now += 5000;
  const waiting = known.signed(token(1, 'forged')).catch(() => false);
  await eventually('it is asked', () => served === 2);
  expect(await Promise.all([token(0), token(0), token(0)].map((one) => known.signed(one)))).toEqual([true, true, true]);
  issuer.closeAllConnections();
  expect(await waiting).toBe(false);
  expect(await known.signed(token(0))).toBe(true);
  // Nobody makes it ask more than once a second.
  hangs = false;
  for (let index = 0; index < 50; index++) await known.signed(token(1, `forged${index}`)).catch(() => false);
  expect(served).toBeLessThanOrEqual(3);
  serving = 1;
  now += 5000;
  expect(await known.signed(token(1))).toBe(true);
  expect(await known.signed(token(0))).toBe(false);
  issuer.closeAllConnections();
  issuer.close();
}, 60_000);

test.each([
  ['', true],
  ['2026-01-01T00:00:01Z', true],
  ['2026-01-01T02:00:01+02:00', true],
  ['2026-01-01T00:00:00Z', false],
  ['2030-01-01', false],
  ['2030-01-01T00:00', false],
  ['2030-01-01T00:00:00', false],
  ['2030-13-01T00:00:00Z', false],
  ['never', false],
  ['99999999999999999999', false],
])('a bootstrap token whose end is %j', async (expiration, good) => {
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', expiration };
  const encoded = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString('base64')]));
  const tokens = createBootstrapTokens({
    clock: manualClock(Date.parse('2026-01-01T00:00:00Z')),
    audiences: ['api'],
    secret: async () => ({ metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', data: encoded }) as never,
  });
  expect((await tokens.authenticateToken('abcdef.0123456789abcdef')).user?.name).toBe(good ? 'system:bootstrap:abcdef' : undefined);
});
