// Forged, expired, misdirected and smuggled identities, against every way in which the server tells its users apart.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Secret } from '../../openapi/types/core.v1.js';
import type { KeyPair } from '../../src/apiserver/certificates/cluster-certificates.js';
import { newKey, selfSign, signClientCertificate, signLeaf, type SigningContext } from '../../src/apiserver/certificates/signing.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';
import { resources, startCluster } from '../../src/index.js';
import { answerOn, eventually, ignore, Victim, type Answer } from './attacker.js';

const { SECRETS, SERVICE_ACCOUNTS } = resources;
const victim = new Victim();
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-identity-'));
const context: SigningContext = { clock: realClock(), random: realRandom() };
const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });

let issuer: Server;
let webhook: Server;
let issuerUrl = '';
let proxyCa: KeyPair;
let issuerKeys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
let webhookAsked: string[] = [];
let keysServed = 0;

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
const authority = async (name: string): Promise<KeyPair> => {
  const key = newKey();
  return { certificate: await selfSign(key, { name, days: 1 }, context), key };
};

/** What the webhook answers to a token. */
function webhookAnswer(token: string): string {
  const status = (value: unknown): string =>
    JSON.stringify({ apiVersion: 'authentication.k8s.io/v1beta1', kind: 'TokenReview', status: value });
  const user = { username: 'outside', uid: '9', groups: ['guests'], extra: { 'Foo/Bar': ['x'], ['__proto__']: ['y'] } };
  if (token.startsWith('good')) return status({ authenticated: true, user });
  if (token === 'elsewhere') return status({ authenticated: true, user, audiences: ['other'] });
  if (token === 'garbage-answer') return 'garbage';
  if (token === 'huge-answer') return `"${'x'.repeat(2 * 1024 * 1024)}"`;
  if (token === 'odd-answer') return status({ authenticated: 'true', user: 'admin' });
  return status({ authenticated: false, error: 'unknown' });
}

beforeAll(async () => {
  proxyCa = await authority('proxies');
  const issuerCa = await authority('issuers');
  const issuerKey = newKey();
  const leaf = await signLeaf(
    issuerCa,
    issuerKey,
    { name: 'issuer', names: ['127.0.0.1'], usages: ['digital signature', 'server auth'], days: 1 },
    context,
  );
  issuerKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  issuer = createHttpsServer({ cert: leaf, key: issuerKey }, (request, response) => {
    if (request.url === '/keys') {
      keysServed++;
      response.end(JSON.stringify({ keys: [{ ...issuerKeys.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] }));
    } else response.end(JSON.stringify({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` }));
  });
  issuerUrl = `https://127.0.0.1:${await listening(issuer)}`;
  webhook = createHttpServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { token } = (JSON.parse(text) as { spec: { token: string } }).spec;
      webhookAsked.push(token);
      response.end(webhookAnswer(token));
    });
  });
  const webhookUrl = `http://127.0.0.1:${await listening(webhook)}/authenticate`;
  await victim.start({
    nodes: 0,
    components: ['apiserver', 'controllers'],
    tokenAuthFile: file('tokens.csv', 'tok-jane,jane,uid-jane,"devs,ops"\n'),
    authenticationTokenWebhookConfigFile: file(
      'webhook.yaml',
      `current-context: c\ncontexts: [{name: c, context: {cluster: w}}]\nclusters: [{name: w, cluster: {server: "${webhookUrl}"}}]\n`,
    ),
    authenticationConfig: file(
      'authentication.yaml',
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AuthenticationConfiguration',
        anonymous: { enabled: true, conditions: [{ path: '/livez' }] },
        jwt: [
          {
            issuer: {
              url: issuerUrl,
              audiences: ['kd', 'kd2'],
              audienceMatchPolicy: 'MatchAny',
              certificateAuthority: issuerCa.certificate,
            },
            claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
            claimMappings: {
              username: { claim: 'email', prefix: 'oidc:' },
              groups: { claim: 'groups', prefix: 'g:' },
              uid: { claim: 'oid' },
            },
          },
        ],
      }),
    ),
    requestheaderClientCaFile: file('proxies.crt', proxyCa.certificate),
    requestheaderAllowedNames: ['proxy'],
    requestheaderUsernameHeaders: ['X-Remote-User'],
    requestheaderGroupHeaders: ['X-Remote-Group'],
    requestheaderExtraHeadersPrefix: ['X-Remote-Extra-'],
  });
});
afterAll(async () => {
  await victim.stop();
  issuer?.close();
  webhook?.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => expect(victim.bugs).toEqual([]));

interface User {
  readonly username: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: unknown;
}

/** Who the server takes this token for; the code when it does not. */
async function whose(token: string): Promise<User | number> {
  return read(await victim.ask('POST', review, { certificate: false, body, headers: { Authorization: `Bearer ${token}` } }));
}

function read({ status, text }: Answer): User | number {
  return status === 201 ? (JSON.parse(text) as { status: { userInfo: User } }).status.userInfo : status;
}

/** The same with a certificate and headers as they are written. */
async function shown(pair: KeyPair, headers: string): Promise<User | number> {
  const socket = connect({
    port: victim.cluster.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    cert: pair.certificate,
    key: pair.key,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', ignore);
  const answer = answerOn(socket);
  socket.write(
    `POST ${review} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`,
  );
  return answer.then(read).finally(() => socket.destroy());
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('tokens of an issuer', () => {
  const now = Math.floor(Date.now() / 1000);
  const claims = (): Record<string, unknown> => ({
    iss: issuerUrl,
    aud: 'kd',
    exp: now + 600,
    sub: '1',
    email: 'alice@example.com',
    hd: 'example.com',
    groups: ['a', 'b'],
    oid: '77',
  });
  const signed = (more: object = {}, header: object = {}, key: KeyObject = issuerKeys.privateKey): string => {
    const text = `${encoded({ alg: 'RS256', kid: 'k1', ...header })}.${encoded({ ...claims(), ...more })}`;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };

  test('are taken as the issuer says', async () => {
    const groups = ['g:a', 'g:b', 'system:authenticated'];
    expect(await whose(signed())).toEqual({ username: 'oidc:alice@example.com', uid: '77', groups });
    expect(await whose(signed({ aud: ['x', 'kd2'], groups: 'one', jti: 'j' }))).toEqual({
      username: 'oidc:alice@example.com',
      uid: '77',
      groups: ['g:one', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j'] },
    });
    expect(await whose(signed({ email_verified: true }, { kid: undefined }))).toMatchObject({ username: 'oidc:alice@example.com' });
  });

  test('are refused when anything about them is wrong', async () => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const [head, payload, signature] = signed().split('.');
    const secret = `${encoded({ alg: 'HS256', kid: 'k1' })}.${payload}`;
    const pem = issuerKeys.publicKey.export({ type: 'spki', format: 'pem' });
    const wrong: Readonly<Record<string, string>> = {
      'alg none': `${encoded({ alg: 'none' })}.${payload}.`,
      'alg None': `${encoded({ alg: 'None' })}.${payload}.${signature}`,
      'signed with the public key as a secret': `${secret}.${createHmac('sha256', pem).update(secret).digest('base64url')}`,
      'signed by a stranger': signed({}, {}, stranger),
      'with a key of its own': signed(
        {},
        { jwk: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }) },
        stranger,
      ),
      'with an unknown key': signed({}, { kid: 'other' }, stranger),
      'without a signature': `${head}.${payload}.`,
      'with other claims': `${head}.${encoded({ ...claims(), email: 'root@example.com' })}.${signature}`,
      expired: signed({ exp: now - 10 }),
      'without an end': signed({ exp: undefined }),
      'with an end that is no number': signed({ exp: 'never' }),
      'not valid yet': signed({ nbf: now + 1000 }),
      'for another audience': signed({ aud: 'other' }),
      'for no audience': signed({ aud: undefined }),
      'of a look-alike issuer': signed({ iss: `${issuerUrl}/` }),
      'without the claim that is required': signed({ hd: undefined }),
      'with another value of it': signed({ hd: 'evil.com' }),
      'with an address that nobody checked': signed({ email_verified: false }),
      'with an address checked in words': signed({ email_verified: 'true' }),
      'of nobody': signed({ email: undefined }),
      'of a number': signed({ email: 5 }),
      'with groups that are none': signed({ groups: { 'system:masters': true } }),
      'with a uid that is none': signed({ oid: 5 }),
      'demanding what nobody knows': signed({}, { crit: ['x'], x: 1 }),
    };
    for (const [what, token] of Object.entries(wrong)) expect([what, await whose(token)]).toEqual([what, 401]);
    // Guessing does not make the server ask the issuer each time.
    expect(keysServed).toBeLessThan(10);
  });

  test('work again when the issuer has changed its keys', async () => {
    issuerKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await eventually('the new key is known', async () => (await whose(signed({ jti: String(performance.now()) }))) !== 401);
  });
});

test('tokens of a file, of a webhook, and of nobody', async () => {
  expect(await whose('tok-jane')).toEqual({ username: 'jane', uid: 'uid-jane', groups: ['devs', 'ops', 'system:authenticated'] });
  for (const token of ['tok-jane2', 'tok-jan', 'TOK-JANE', '__proto__', 'constructor'])
    expect([token, await whose(token)]).toEqual([token, 401]);
  webhookAsked = [];
  for (let round = 0; round < 3; round++) {
    const user = await whose('good1');
    expect(user).toMatchObject({ username: 'outside', uid: '9', groups: ['guests', 'system:authenticated'] });
    expect(await whose('bad1')).toBe(401);
  }
  expect(webhookAsked).toEqual(['good1', 'bad1']);
  for (const token of ['elsewhere', 'garbage-answer', 'huge-answer', 'odd-answer'])
    expect([token, await whose(token)]).toEqual([token, 401]);
  expect(webhookAsked).not.toContain('tok-jane');
});

test('headers of a proxy mean something from a proxy only', async () => {
  const { certificate, key } = victim.identity() as { certificate?: string; cert?: string; key: string };
  const admin: KeyPair = { certificate: certificate ?? (victim.identity().cert as string), key };
  const proxy = await signClientCertificate(proxyCa, { name: 'proxy' }, context);
  const named = 'X-Remote-User: fred\r\nX-Remote-Group: a\r\nX-Remote-Group: b\r\nX-Remote-Extra-Acme.com%2fproject: p\r\n';
  expect(await shown(proxy, named)).toEqual({
    username: 'fred',
    groups: ['a', 'b', 'system:authenticated'],
    extra: { 'acme.com/project': ['p'] },
  });
  const masters = 'X-Remote-User: root\r\nX-Remote-Group: system:masters\r\n';
  const others: readonly (readonly [string, KeyPair, string, unknown])[] = [
    ['an administrator stays who he is', admin, masters, expect.objectContaining({ username: 'kubernetes-admin' })],
    ['a proxy that names nobody', proxy, 'X-Remote-Group: system:masters\r\n', 401],
    ['a proxy without headers', proxy, '', 401],
    ['a proxy of another name', await signClientCertificate(proxyCa, { name: 'other', groups: ['system:masters'] }, context), masters, 401],
    ['a proxy of another authority', await signClientCertificate(await authority('proxies'), { name: 'proxy' }, context), masters, 401],
    ['a proxy with a token of its own', proxy, 'Authorization: Bearer tok-jane\r\n', expect.objectContaining({ username: 'jane' })],
    ['a proxy that does not know who asks', proxy, 'X-Remote-User: x\r\nX-Remote-Group: system:unauthenticated\r\n', 403],
    ['impersonation by who may not', proxy, `${named}Impersonate-User: kubernetes-admin\r\n`, 403],
    ['header names with underscores', proxy, 'X_Remote_User: root\r\nX_Remote_Group: system:masters\r\n', 401],
  ];
  for (const [what, pair, headers, expected] of others) expect([what, await shown(pair, headers)]).toEqual([what, expected]);
  for (const headers of [{ 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' }]) {
    expect((await victim.ask('POST', review, { certificate: false, body, headers })).status).toBe(401);
    const jane = await victim.ask('POST', review, { certificate: false, body, headers: { ...headers, Authorization: 'Bearer tok-jane' } });
    expect(read(jane)).toMatchObject({ username: 'jane' });
  }
});

test('nobody is taken for anonymous but where that is allowed', async () => {
  const codes = await Promise.all(
    ['/livez', '/readyz', '/version', '/livez/ping', '/livez/../version', '//livez', '/livez%2f..%2fversion', '/api'].map(
      async (path) => (await victim.ask('GET', path, { certificate: false })).status,
    ),
  );
  expect(codes).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  expect((await victim.ask('GET', '/livez', { certificate: false, headers: { Authorization: 'Bearer x' } })).status).toBe(401);
});

test('a token in a secret is good as long as its secret is what it was', async () => {
  const { client } = victim.cluster;
  const key = { namespace: 'attack', name: 'robot-token' };
  const make = (): Promise<unknown> =>
    client.create<Secret>(SECRETS, {
      metadata: { ...key, annotations: { 'kubernetes.io/service-account.name': 'robot' } },
      type: 'kubernetes.io/service-account-token',
    });
  const made = async (): Promise<string> => {
    let token = '';
    await eventually('the secret has its token', async () => {
      token = Buffer.from((await client.get(SECRETS, key)).data?.['token'] ?? '', 'base64').toString();
      return token !== '';
    });
    return token;
  };
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'attack' } });
  await make();
  const token = await made();
  expect(await whose(token)).toMatchObject({
    username: 'system:serviceaccount:attack:robot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:attack', 'system:authenticated'],
  });
  await eventually(
    'its use is noted',
    async () => (await client.get(SECRETS, key)).metadata.labels?.['kubernetes.io/legacy-token-last-used'] !== undefined,
  );
  const [head = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const other = { ...claims, sub: 'system:serviceaccount:kube-system:admin', 'kubernetes.io/serviceaccount/namespace': 'kube-system' };
  for (const forged of [`${head}.${encoded(other)}.${signature}`, `${encoded({ alg: 'none' })}.${payload}.`, `${head}.${payload}.`])
    expect(await whose(forged)).toBe(401);

  // Whoever uses one that was made for the account without being asked for is warned, whatever the answer is.
  const warning = async (): Promise<string | undefined> =>
    (await victim.ask('GET', '/api/v1/secrets', { certificate: false, headers: { Authorization: `Bearer ${token}` } })).headers['warning'];
  expect(await warning()).toBeUndefined();
  await client.patch(SERVICE_ACCOUNTS, { namespace: 'attack', name: 'robot' }, 'merge', { secrets: [{ name: key.name }] });
  expect(await warning()).toBe(
    '299 - "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens."',
  );

  await client.patch(SECRETS, key, 'merge', { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } });
  expect(await whose(token)).toBe(401);
  await client.patch(SECRETS, key, 'merge', { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': null } } });
  expect(await whose(token)).toMatchObject({ username: 'system:serviceaccount:attack:robot' });
  await client.delete(SECRETS, key);
  expect(await whose(token)).toBe(401);
  await make();
  await made();
  await client.delete(SERVICE_ACCOUNTS, { namespace: 'attack', name: 'robot' });
  expect(await whose(token)).toBe(401);
  await eventually(
    'the secret goes with its account',
    async () => (await client.list(SECRETS, { namespace: 'attack' })).items.length === 0,
  );
});

test('extension servers are told of the proxies, and mistakes in options are one line', async () => {
  const { data } = await victim.cluster.client.get(resources.CONFIG_MAPS, {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication',
  });
  expect(data).toMatchObject({
    'requestheader-allowed-names': '["proxy"]',
    'requestheader-client-ca-file': proxyCa.certificate,
    'requestheader-username-headers': '["X-Remote-User"]',
  });
  for (const [options, message] of [
    [{ tokenAuthFile: join(folder, 'nothing') }, '--token-auth-file'],
    [{ tokenAuthFile: file('short.csv', 'a,b\n') }, 'at least 3 columns'],
    [{ requestheaderClientCaFile: file('empty.crt', '') }, '--requestheader-client-ca-file'],
    [{ controllers: ['no-such-controller'] }, 'there is no controller "no-such-controller"'],
    [{ loadBalancerPool: ['everything'] }, '"everything" is no CIDR'],
  ] as const) {
    const failure: unknown = await startCluster({ nodes: 0, ...options }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'OptionError', message: expect.stringContaining(message) });
  }
});
