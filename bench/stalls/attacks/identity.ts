// Who somebody claims to be: tokens, certificates, headers of proxies, impersonation.
import { createPrivateKey, generateKeyPairSync, sign, createHmac, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKey, selfSign, signClientCertificate } from '../../../src/apiserver/certificates/signing.js';
import { realRandom } from '../../../src/clock/random.js';
import { realClock } from '../../../src/clock/real-clock.js';
import { senderOf, type Answer, type Ask } from '../sender.js';
import { core, expected, fields, flood, list, type Attack, type Group, type World } from '../world.js';

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Requests as large as are allowed come one after the other: to read the headers of sixteen at once is sixteen times the work. */
const widthOf = (count: number): number => (count > 20 ? 16 : 1);

type Signer = (data: Buffer) => Buffer;

/** A JWT with any header and payload. */
function jwt(header: unknown, payload: unknown, signer: Signer): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${signer(Buffer.from(signed)).toString('base64url')}`;
}

const rsa =
  (key: KeyObject): Signer =>
  (data) =>
    sign('sha256', data, key);
const ecdsa =
  (key: KeyObject): Signer =>
  (data) =>
    sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
const unsigned: Signer = () => Buffer.alloc(0);

interface Claims {
  readonly exp: number;
  readonly aud: readonly string[];
}

/** A token of the cluster's own, taken apart. */
async function ownToken(
  { ask }: World,
  audiences?: readonly string[],
): Promise<{ token: string; header: { kid: string }; claims: Claims }> {
  await ask('POST', `${core}/serviceaccounts`, { body: { metadata: { name: 'default' } } });
  const { text } = expected(
    await ask('POST', `${core}/serviceaccounts/default/token`, { body: { spec: audiences === undefined ? {} : { audiences } } }),
    201,
    'a token',
  );
  const { token } = (JSON.parse(text) as { status: { token: string } }).status;
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { token, header: JSON.parse(header!) as { kid: string }, claims: JSON.parse(claims!) as Claims };
}

export const tokens: Group = {
  name: 'tokens',
  attacks: async (world) => {
    const { header, claims } = await ownToken(world);
    const { token: elsewhere } = await ownToken(world, ['elsewhere']);
    const own = createPrivateKey(await readFile(join(world.folder, 'sa.key')));
    const key = await readFile(join(world.folder, 'sa.pub'));
    const foreign = { rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }; // prettier-ignore
    const hmac: Signer = (data) => createHmac('sha256', key).update(data).digest();
    const { ask } = senderOf(world.target, {});
    const asks = (title: string, token: (index: number) => string, count = 300): Attack => {
      const made = list(count, token);
      return {
        title,
        run: () =>
          flood(count, (index) => ask('GET', '/api/v1/pods', { headers: { authorization: `Bearer ${made[index]!}` } }), widthOf(count)),
      };
    };
    const reviews = (title: string, token: string, more: object = {}): Attack => {
      const body = Buffer.from(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, ...more } }));
      return { title, run: () => world.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body }) };
    };
    const past = { ...claims, iat: 1_000_000_000, nbf: 1_000_000_000, exp: 1_000_003_600 };
    const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    return [
      asks('300 of random text', (index) => `${index}`.repeat(200)),
      asks('300 signed RS256 by another key', (index) =>
        jwt({ alg: 'RS256', kid: header.kid }, { ...claims, jti: index }, rsa(foreign.rsa)),
      ),
      asks('300 signed ES256 by another key', (index) =>
        jwt({ alg: 'ES256', kid: header.kid }, { ...claims, jti: index }, ecdsa(foreign.ec)),
      ),
      asks('300 signed HS256 with the public key', (index) => jwt({ alg: 'HS256', kid: header.kid }, { ...claims, jti: index }, hmac)),
      asks('300 of alg none', (index) => jwt({ alg: 'none' }, { ...claims, jti: index }, unsigned)),
      asks('300 that are expired', (index) => jwt({ alg: 'RS256', kid: header.kid }, { ...past, jti: index }, rsa(own))),
      asks('300 for another audience, signed well', (index) => jwt({ alg: 'RS256', kid: header.kid }, { ...claims, aud: ['elsewhere'], jti: index }, rsa(own))), // prettier-ignore
      asks('one of the cluster for another audience, 300 times', () => elsewhere),
      asks('20 of 900 KB', (index) => `${index}${'x'.repeat(900_000)}`, 20),
      asks('20 of 900 KB of dots', () => '.'.repeat(900_000), 20),
      asks('20 JWTs of 900 KB, RS256', (index) => jwt({ alg: 'RS256', kid: header.kid }, { ...claims, jti: index, x: 'x'.repeat(650_000) }, rsa(foreign.rsa)), 20), // prettier-ignore
      asks('20 JWTs of 900 KB, 80,000 audiences, signed well', (index) => jwt({ alg: 'RS256', kid: header.kid }, { ...claims, jti: index, aud: list(55_000, (at) => `a${at}`) }, rsa(own)), 20), // prettier-ignore
      asks('20 JWTs nested 100,000 deep', () => jwt({ alg: 'RS256', kid: header.kid }, nested, unsigned), 20),
      asks('20 JWTs whose header is 900 KB', () => jwt({ alg: 'RS256', kid: 'k'.repeat(600_000) }, claims, unsigned), 20),
      reviews('a review of 2.9 MB of text', 'x'.repeat(2_900_000)),
      reviews(
        'a review of a JWT of 2.9 MB',
        jwt({ alg: 'RS256', kid: header.kid }, { ...claims, x: 'x'.repeat(2_100_000) }, rsa(foreign.rsa)),
      ),
      reviews('a review of a JWT of 2.9 MB of keys, signed well', jwt({ alg: 'RS256', kid: header.kid }, { ...claims, x: fields(160_000, (at) => [`k${at}`, 1]) }, rsa(own))), // prettier-ignore
      reviews('a review for 250,000 audiences', 'x', { audiences: list(250_000, (at) => `a${at}`) }),
    ];
  },
};

export const certificates: Group = {
  name: 'certificates',
  attacks: async ({ target }) => {
    const context = { clock: realClock(), random: realRandom() };
    const authority = async (name: string): Promise<{ key: string; certificate: string }> => {
      const key = newKey();
      return { key, certificate: await selfSign(key, { name, days: 1 }, context) };
    };
    const shown = async (title: string, name: string, groups: readonly string[]): Promise<Attack> => {
      const { certificate, key } = await signClientCertificate(await authority(name), { name: 'kubernetes-admin', groups }, context);
      const { ask } = senderOf(target, { cert: certificate, key }, true);
      return { title, run: () => flood(60, () => ask('GET', '/api/v1/pods'), 8) };
    };
    return [
      await shown('60 connections with one of another authority', 'elsewhere', ['system:masters']),
      await shown('… of an authority with the name of ours', 'kubernetes', ['system:masters']),
      await shown(
        '… with 300 groups',
        'kubernetes',
        list(300, (index) => `group-${index}`),
      ),
    ];
  },
};

/** Floods with the same headers, by somebody without a name and by the administrator. */
function headersSent(
  title: string,
  asks: { readonly stranger?: Ask; readonly admin?: Ask },
  headers: Readonly<Record<string, string | readonly string[]>>,
  count = 20,
): Attack[] {
  // prettier-ignore
  return Object.entries(asks).map(([who, ask]) => ({
    title: `${title}, by ${who === 'admin' ? 'the administrator' : 'a stranger'}`,
    run: (): Promise<readonly Answer[]> => flood(count, () => ask('GET', '/api/v1/pods?limit=1', { headers }), widthOf(count)),
  }));
}

export const proxyHeaders: Group = {
  name: 'headers of a proxy',
  attacks: async ({ target, ask: admin }) => {
    const { ask: stranger } = senderOf(target, {});
    const user = { 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters' };
    const all = { stranger, admin };
    return [
      ...headersSent('300 with a user and a group', all, user, 300),
      ...headersSent('20 with 30,000 groups', all, { ...user, 'x-remote-group': list(30_000, (index) => `g${index}`) }),
      ...headersSent('20 with 20,000 extra fields', all, { ...user, ...fields(20_000, (index) => [`x-remote-extra-f${index}`, 'v']) }),
      ...headersSent('20 with a user of 900 KB', all, { ...user, 'x-remote-user': 'u'.repeat(900_000) }),
      ...headersSent('20 with an extra field of 900 KB of escapes', all, { ...user, [`x-remote-extra-${'%41'.repeat(300_000)}`]: 'v' }),
    ];
  },
};

export const impersonation: Group = {
  name: 'impersonation',
  attacks: async (world) => {
    const { token } = await ownToken(world);
    const { ask } = senderOf(world.target, {});
    const stranger: Ask = (method, path, message = {}) => ask(method, path, { ...message, headers: { ...message.headers, authorization: `Bearer ${token}` } }); // prettier-ignore
    const user = { 'impersonate-user': 'somebody' };
    const all = { stranger, admin: world.ask };
    return [
      ...headersSent('300 of the administrator', { stranger }, { 'impersonate-user': 'kubernetes-admin', 'impersonate-group': 'system:masters' }, 300), // prettier-ignore
      ...headersSent('20 with 30,000 groups', all, { ...user, 'impersonate-group': list(30_000, (index) => `g${index}`) }),
      ...headersSent('20 with 20,000 extra fields', all, { ...user, ...fields(20_000, (index) => [`impersonate-extra-f${index}`, 'v']) }),
      ...headersSent('20 with one extra field of 30,000 values', all, {
        ...user,
        'impersonate-extra-f': list(30_000, (index) => `v${index}`),
      }),
      ...headersSent('20 with a user of 900 KB', all, { 'impersonate-user': 'u'.repeat(900_000) }),
      ...headersSent('20 with an extra field of 900 KB of escapes', all, { ...user, [`impersonate-extra-${'%41'.repeat(300_000)}`]: 'v' }),
    ];
  },
};
