import { createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { createAuthenticator } from '../authentication/authenticator.js';
import { reviewToken } from '../authentication/reviews.js';
import { jsonWebKeySet, openidConfiguration } from './discovery.js';
import { requestToken, type TokenRequestContext } from './token-request.js';
import { createServiceAccountTokens, defaultIssuer, type BoundObject, type ServiceAccountTokens } from './tokens.js';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = {
  privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const start = Date.parse('2026-11-21T12:00:00Z');
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'team', uid: 'account-uid' } } as never;

let clock: ManualClock;
let objects: Map<string, BoundObject>;
let tokens: ServiceAccountTokens;
let context: TokenRequestContext;
beforeEach(() => {
  clock = manualClock(start);
  objects = new Map([
    ['ServiceAccount/team/default', { uid: 'account-uid' }],
    ['Pod/team/web', { uid: 'pod-uid' }],
    ['Secret/team/s', { uid: 'secret-uid' }],
    ['Node//node-0', { uid: 'node-uid' }],
  ]);
  const lookup = (...parts: string[]): BoundObject | undefined => objects.get(parts.join('/'));
  tokens = createServiceAccountTokens({ clock, random: seededRandom(1), keys, lookup });
  const pods = new Map([
    ['web', { uid: 'pod-uid', serviceAccountName: 'default', nodeName: 'node-0' }],
    ['waiting', { uid: 'w', serviceAccountName: 'default', nodeName: '' }],
    ['stranger', { uid: 'x', serviceAccountName: 'other', nodeName: '' }],
  ]);
  context = { tokens, clock, lookup, pod: (_namespace, name) => pods.get(name) };
});

const claimsOf = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as never;
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const issue = async (spec: object = {}): Promise<string> => (await requestToken(account, { spec }, context)).status.token!;
/** Undefined when the token is good. */
const errorOf = async (token: string, audiences?: string[]): Promise<string | undefined> => {
  const answer = await tokens.authenticateToken(token, audiences);
  return answer.user === undefined ? (answer.error ?? 'not ours') : undefined;
};

/** A token with other claims or header, signed with the right key unless told otherwise. */
function forge(token: string, claims: object, header: object = {}, key = pair.privateKey): string {
  const [head] = token.split('.');
  const old = JSON.parse(Buffer.from(head!, 'base64url').toString()) as object;
  const signed = `${encoded({ ...old, ...header })}.${encoded({ ...claimsOf(token), ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

describe('a token', () => {
  it('has the claims of a real one, in its order', async () => {
    const claims = claimsOf(await issue());
    expect(Object.keys(claims)).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'kubernetes.io', 'nbf', 'sub']);
    expect(claims).toMatchObject({
      aud: [defaultIssuer],
      exp: start / 1000 + 3600,
      iat: start / 1000,
      iss: 'https://kubernetes.default.svc.cluster.local',
      nbf: start / 1000,
      sub: 'system:serviceaccount:team:default',
      'kubernetes.io': { namespace: 'team', serviceaccount: { name: 'default', uid: 'account-uid' } },
    });
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('stands for the account, with groups and extra', async () => {
    const token = await issue({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web' } });
    const user = await createAuthenticator({ tokens: [tokens] }).authenticate({ headers: { authorization: `Bearer ${token}` } });
    expect(user).toEqual({
      name: 'system:serviceaccount:team:default',
      uid: 'account-uid',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:team', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${String(claimsOf(token).jti)}`],
        'authentication.kubernetes.io/node-name': ['node-0'],
        'authentication.kubernetes.io/node-uid': ['node-uid'],
        'authentication.kubernetes.io/pod-name': ['web'],
        'authentication.kubernetes.io/pod-uid': ['pod-uid'],
      },
    });
    const again = await tokens.authenticateToken(token);
    expect(again.user).toBe((await tokens.authenticateToken(token)).user);
  });

  it('is checked by others with the published keys', async () => {
    const token = await issue();
    const documents = jsonWebKeySet(await tokens.publicKey()) as { keys: (Record<string, string> & { kty: string })[] };
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK(documents.keys[0]!, 'RS256'), {
      issuer: defaultIssuer,
      audience: defaultIssuer,
      currentDate: new Date(start),
    });
    expect(payload.sub).toBe('system:serviceaccount:team:default');
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: documents.keys[0]!.kid });
    expect(openidConfiguration(defaultIssuer, 'https://127.0.0.1:6443')).toMatchObject({
      issuer: defaultIssuer,
      jwks_uri: 'https://127.0.0.1:6443/openid/v1/jwks',
    });
    expect(
      verify(
        'sha256',
        Buffer.from(token.split('.').slice(0, 2).join('.')),
        createPublicKey(keys.publicKey),
        Buffer.from(token.split('.')[2]!, 'base64url'),
      ),
    ).toBe(true);
  });
});

describe('a wrong token', () => {
  it('is refused when forged', async () => {
    const token = await issue();
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [head, body] = token.split('.');
    const none = `${encoded({ alg: 'none' })}.${body}.`;
    const signedWithPublicKey = `${encoded({ alg: 'HS256' })}.${body}`;
    const wrong = [
      none,
      `${signedWithPublicKey}.${createHmac('sha256', keys.publicKey).update(signedWithPublicKey).digest('base64url')}`,
      `${head}.${body}.`,
      `${head}.${encoded({ ...claimsOf(token), sub: 'x' })}.${token.split('.')[2]}`,
      forge(token, {}, {}, stranger.privateKey),
      forge(token, {}, { kid: 'another' }),
      forge(token, {}, { alg: 'RS512' }),
      forge(token, {}, { crit: ['x'] }),
      forge(token, { iss: 'https://elsewhere' }),
      'abc',
      '',
      '..',
      'a.b.c.d',
      `${encoded([])}.${encoded([])}.x`,
      `${token}${'x'.repeat(20_000)}`,
    ];
    expect(await errorOf(token)).toBeUndefined();
    for (const one of wrong) expect(await errorOf(one)).toBeDefined();
    const authenticator = createAuthenticator({ tokens: [tokens] });
    for (const one of wrong.filter((text) => text !== ''))
      await expect(authenticator.authenticate({ headers: { authorization: `Bearer ${one}` } })).rejects.toMatchObject({ code: 401 });
  });

  it('is refused before, and after its time, give or take a minute', async () => {
    const token = await issue({ expirationSeconds: 600 });
    await clock.advance(655_000);
    expect(await errorOf(token)).toBeUndefined();
    await clock.advance(10_000);
    expect(await errorOf(token)).toBe('service account token has expired');
    const fresh = await issue();
    expect(await errorOf(forge(fresh, { nbf: clock.now() / 1000 + 1000 }))).toBe('service account token is not valid yet');
    expect(await errorOf(forge(fresh, { iat: clock.now() / 1000 + 1000 }))).toBe('service account token is issued in the future');
    expect(await errorOf(forge(fresh, { exp: 'soon' }))).toBeDefined();
    expect(await errorOf(forge(fresh, { exp: undefined }))).toBeUndefined();
  });

  it('is refused for another audience', async () => {
    const token = await issue({ audiences: ['a', 'b'] });
    expect(await errorOf(token)).toBe(`token audiences ["a" "b"] is invalid for the target audiences ["${defaultIssuer}"]`);
    expect(await tokens.authenticateToken(token, ['b', 'c', 'a'])).toMatchObject({ audiences: ['b', 'a'] });
    expect(await errorOf(token, ['c'])).toBe('token audiences ["a" "b"] is invalid for the target audiences ["c"]');
    expect(await errorOf(forge(token, { aud: undefined }))).toBeUndefined();
    expect(await errorOf(forge(token, { aud: defaultIssuer }))).toBeUndefined();
    expect(await errorOf(forge(token, { aud: {} }))).toBeDefined();
  });

  it.each([
    [
      'ServiceAccount/team/default',
      {},
      'serviceaccounts "default" not found',
      'service account UID (other) does not match claim (account-uid)',
    ],
    [
      'Pod/team/web',
      { kind: 'Pod', apiVersion: 'v1', name: 'web' },
      'service account token has been invalidated',
      'pod UID (other) does not match service account pod ref claim (pod-uid)',
    ],
    [
      'Secret/team/s',
      { kind: 'Secret', apiVersion: 'v1', name: 's' },
      'service account token has been invalidated',
      'secret UID (other) does not match service account secret ref claim (secret-uid)',
    ],
    [
      'Node//node-0',
      { kind: 'Node', apiVersion: 'v1', name: 'node-0' },
      'service account token has been invalidated',
      'node UID (other) does not match service account node ref claim (node-uid)',
    ],
  ])('ends with %s', async (key, boundObjectRef, gone, replaced) => {
    const token = await issue('kind' in boundObjectRef ? { boundObjectRef } : {});
    const before = objects.get(key)!;
    expect(await errorOf(token)).toBeUndefined();
    objects.delete(key);
    expect(await errorOf(token)).toBe(gone);
    objects.set(key, { uid: 'other' });
    expect(await errorOf(token)).toBe(replaced);
    objects.set(key, { ...before, deletionTimestamp: new Date(start).toISOString() });
    expect(await errorOf(token)).toBeUndefined();
    await clock.advance(61_000);
    expect(await errorOf(token)).toBeDefined();
  });
});

describe('a token request', () => {
  const failure = (spec: object, metadata: object = {}): Promise<unknown> =>
    requestToken(account, { metadata, spec }, context).catch((error: unknown) => error);

  it('answers with the token, its end and all of the spec', async () => {
    const answer = await requestToken(account, { metadata: { labels: { a: 'b' } }, spec: { expirationSeconds: 700 } }, context);
    expect(answer).toMatchObject({
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: 'default', namespace: 'team', uid: 'account-uid', creationTimestamp: '2026-11-21T12:00:00Z', labels: { a: 'b' } },
      spec: { audiences: [defaultIssuer], expirationSeconds: 700, boundObjectRef: null },
      status: { expirationTimestamp: '2026-11-21T12:11:40Z' },
    });
    expect(claimsOf(answer.status.token!).exp).toBe(start / 1000 + 700);
  });

  it("gives a pod's volume a year, and says the usual hour", async () => {
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'web' };
    const answer = await requestToken(account, { spec: { expirationSeconds: 3607, boundObjectRef } }, context);
    expect(answer.status.expirationTimestamp).toBe('2026-11-21T13:00:07Z');
    const claims = claimsOf(answer.status.token!);
    expect(claims.exp).toBe(start / 1000 + 31_536_000);
    expect(claims['kubernetes.io']).toMatchObject({ warnafter: start / 1000 + 3607, node: { name: 'node-0', uid: 'node-uid' } });
    for (const spec of [{ expirationSeconds: 3607 }, { expirationSeconds: 3607, boundObjectRef, audiences: [defaultIssuer, 'x'] }])
      expect(claimsOf(await issue(spec)).exp).toBe(start / 1000 + 3607);
    expect(claimsOf(await issue({ boundObjectRef: { ...boundObjectRef, name: 'waiting' } }))['kubernetes.io']).not.toHaveProperty('node');
  });

  it.each([
    [
      { expirationSeconds: 599 },
      {},
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
    [
      { expirationSeconds: 4294967297 },
      {},
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    [
      {},
      { name: 'other' },
      422,
      'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    ],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'nope' } }, {}, 404, 'pods "nope" not found'],
    [{ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'nope' } }, {}, 404, 'secrets "nope" not found'],
    [{ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'nope' } }, {}, 404, 'nodes "nope" not found'],
    [
      { boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' } },
      {},
      400,
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ],
    [{ boundObjectRef: { name: 'x' } }, {}, 400, 'cannot bind token to object of type /, Kind='],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1' } }, {}, 400, 'Name parameter required.'],
    [
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'stranger' } },
      {},
      400,
      'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
    ],
    [
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: '123' } },
      {},
      409,
      'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (123) does not match the UID in record. The object might have been deleted and then recreated',
    ],
  ])('refuses %j %j', async (spec, metadata, code, message) => {
    expect(await failure(spec, metadata)).toMatchObject({ code, message });
  });
});

describe('a token review', () => {
  it('tells the user and audiences', async () => {
    const token = await issue({ audiences: ['a', 'b'] });
    expect((await reviewToken({ spec: { token, audiences: ['b', 'c'] } }, [tokens])).status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:team:default', uid: 'account-uid' },
      audiences: ['b'],
    });
  });

  it('tells why not', async () => {
    const token = await issue({ audiences: ['a'] });
    expect((await reviewToken({ spec: { token: 'abc' } }, [tokens])).status).toEqual({ user: {}, error: 'invalid bearer token' });
    expect((await reviewToken({ spec: { token } }, [tokens])).status.error).toBe(
      `[invalid bearer token, token audiences ["a"] is invalid for the target audiences ["${defaultIssuer}"]]`,
    );
    await expect(reviewToken({ spec: {} }, [tokens])).rejects.toMatchObject({
      code: 400,
      message: 'token is required for TokenReview in authentication',
    });
  });
});

it('keeps a key that cannot be made for whoever asks for a token', async () => {
  const broken = createServiceAccountTokens({
    clock,
    random: seededRandom(1),
    keys: Promise.reject(new Error('no key')),
    lookup: () => undefined,
  });
  await expect(broken.publicKey()).rejects.toThrow('no key');
});
