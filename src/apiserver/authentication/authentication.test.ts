import { once } from 'node:events';
import { createSecureServer, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { realRandom } from '../../clock/random.js';
import { realClock } from '../../clock/real-clock.js';
import type { UserInfo } from '../../registry/kind.js';
import { loadClusterCertificates, type ClusterCertificates, type KeyPair } from '../certificates/cluster-certificates.js';
import { signClientCertificate } from '../certificates/signing.js';
import { createAuthenticator, type AuthenticationRequest } from './authenticator.js';
import { bearerToken, staticTokens } from './bearer-token.js';
import { clientCertificateOf, type ClientCertificate } from './client-certificate.js';

const robot: UserInfo = { name: 'robot', groups: ['machines'] };
const authenticator = createAuthenticator({ tokens: [staticTokens(new Map([['secret', robot]]), ['api'])] });
const certificate = (name: string, verified: boolean): ClientCertificate => ({
  verified,
  commonName: name,
  organizations: ['crew'],
  fingerprint: '00',
  user: name === '' ? undefined : { name, groups: ['crew', 'system:authenticated'] },
});
const who = async (request: Partial<AuthenticationRequest>): Promise<string | undefined> =>
  (await authenticator.authenticate({ headers: {}, ...request }))?.name;
const bearer = (token: string): AuthenticationRequest['headers'] => ({ authorization: `Bearer ${token}` });

describe('who asks', () => {
  it('is the certificate, then the token, then nobody', async () => {
    expect(await who({ clientCertificate: certificate('jane', true), headers: bearer('secret') })).toBe('jane');
    expect(await who({ headers: bearer('secret') })).toBe('robot');
    expect(await who({})).toBe('system:anonymous');
    expect(await authenticator.authenticate({ headers: {} })).toEqual({ name: 'system:anonymous', groups: ['system:unauthenticated'] });
    expect((await authenticator.authenticate({ headers: bearer('secret') }))?.groups).toEqual(['machines', 'system:authenticated']);
  });

  it('is not told by a certificate without a name', async () => {
    expect(await who({ clientCertificate: certificate('', true) })).toBe('system:anonymous');
  });

  it('is refused for what is wrong, unless something else is right', async () => {
    await expect(who({ headers: bearer('wrong') })).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
    await expect(who({ clientCertificate: certificate('jane', false) })).rejects.toMatchObject({ code: 401 });
    expect(await who({ clientCertificate: certificate('jane', false), headers: bearer('secret') })).toBe('robot');
    expect(await who({ clientCertificate: certificate('jane', true), headers: bearer('wrong') })).toBe('jane');
  });

  it('is undefined with anonymous off', async () => {
    expect(await createAuthenticator({ anonymous: false }).authenticate({ headers: {} })).toBeUndefined();
  });
});

it('reads the token where the real server does', () => {
  const protocol = (value: string): string | undefined => bearerToken({ upgrade: 'websocket', 'sec-websocket-protocol': value });
  const table: readonly [string | undefined, string | undefined][] = [
    [bearerToken({ authorization: 'Bearer abc' }), 'abc'],
    [bearerToken({ authorization: 'bearer abc' }), 'abc'],
    [bearerToken({ authorization: 'Bearer abc def' }), 'abc'],
    [bearerToken({ authorization: 'Bearer  abc' }), undefined],
    [bearerToken({ authorization: 'Bearer ' }), undefined],
    [bearerToken({ authorization: 'Basic YTpi' }), undefined],
    [bearerToken({}), undefined],
    [protocol(`v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('abc').toString('base64url')}`), 'abc'],
    [protocol('v5.channel.k8s.io'), undefined],
    [
      bearerToken({ 'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${Buffer.from('abc').toString('base64url')}` }),
      undefined,
    ],
  ];
  for (const [found, expected] of table) expect(found).toBe(expected);
});

it('takes a static token only for the audiences of the server', async () => {
  const tokens = staticTokens(new Map([['secret', robot]]), ['api']);
  expect(await tokens.authenticateToken('secret', ['other', 'api'])).toMatchObject({ audiences: ['api'] });
  expect(await tokens.authenticateToken('secret', ['other'])).toEqual({ user: undefined });
});

describe('over TLS', () => {
  const context = { clock: realClock(), random: realRandom() };
  let ours: ClusterCertificates;
  let theirs: ClusterCertificates;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([loadClusterCertificates(context), loadClusterCertificates(context)]);
  });

  /** What the server makes of two requests on one HTTP/2 connection. */
  async function seen(client: KeyPair | undefined): Promise<readonly (ClientCertificate | undefined)[]> {
    const { server, ca } = ours;
    const listener = createSecureServer({
      cert: server.certificate,
      key: server.key,
      ca: ca.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    });
    const found: (ClientCertificate | undefined)[] = [];
    listener.on('stream', (stream) => {
      const session = stream.session!;
      found.push(clientCertificateOf(session, session.socket as TLSSocket));
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const session = connect(url, { ca: ca.certificate, ...(client === undefined ? {} : { cert: client.certificate, key: client.key }) });
    for (let i = 0; i < 2; i++) {
      const stream = session.request({ ':path': '/' });
      stream.resume();
      await once(stream, 'close');
    }
    session.close();
    listener.close();
    await once(listener, 'close');
    return found;
  }

  it('reads a certificate of ours once a connection', async () => {
    const client = await signClientCertificate(ours.ca, { name: 'jane', groups: ['one', 'two'] }, context);
    const [first, second] = await seen(client);
    expect(first).toMatchObject({ verified: true, commonName: 'jane', organizations: ['one', 'two'] });
    expect(second).toBe(first);
    expect(await who({ clientCertificate: first })).toBe('jane');
    expect(first?.user).toEqual({
      name: 'jane',
      groups: ['one', 'two', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${first?.fingerprint}`] },
    });
    expect(first?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not believe one of another authority, nor one for servers', async () => {
    const stranger = await signClientCertificate(theirs.ca, { name: 'jane' }, context);
    for (const client of [stranger, ours.server]) {
      const [first] = await seen(client);
      expect(first?.verified).toBe(false);
      await expect(who({ clientCertificate: first })).rejects.toMatchObject({ code: 401 });
    }
  });

  it('finds none where none is shown', async () => {
    expect(await seen(undefined)).toEqual([undefined, undefined]);
  });
});
