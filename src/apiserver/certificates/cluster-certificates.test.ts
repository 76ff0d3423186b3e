import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../clock/manual-clock.js';
import { realRandom } from '../../clock/random.js';
import { CertificateError } from './certificate-error.js';
import { namesOf } from './check.js';
import { loadClusterCertificates, type CertificateOptions, type ClusterCertificates } from './cluster-certificates.js';

const start = Date.parse('2026-11-21T12:00:00Z');
const day = 24 * 60 * 60 * 1000;

let folder: string;
let started: Promise<unknown>[] = [];
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'certificates-')), 'certs');
});
afterEach(async () => {
  // A new token key is written when it is made, after the rest. All of several at once are waited for, also when one has failed.
  await Promise.all(started);
  started = [];
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function load(more: Partial<CertificateOptions> = {}, now = start): Promise<ClusterCertificates> {
  const options = { folder, bindAddress: '127.0.0.1', clock: manualClock(now), random: realRandom(), ...more };
  const loading = loadClusterCertificates(options);
  started.push(Promise.allSettled([loading.then(({ serviceAccount }) => serviceAccount)]));
  return loading;
}

/** The message of a CertificateError; fails for any other outcome. */
async function complaint(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CertificateError);
  const { message } = error as CertificateError;
  expect(message).not.toContain('\n');
  return message;
}

describe('in an empty folder', () => {
  it('makes an authority, a server and an admin certificate that fit together', async () => {
    const made = await load();
    await made.serviceAccount;
    const [ca, server, admin] = [made.ca, made.server, made.admin].map(({ certificate }) => new X509Certificate(certificate));
    expect(ca!.ca).toBe(true);
    for (const leaf of [server!, admin!]) {
      expect(leaf.checkIssued(ca!)).toBe(true);
      expect(leaf.verify(ca!.publicKey)).toBe(true);
      expect(leaf.ca).toBe(false);
    }
    expect(admin!.subject.split('\n').sort()).toEqual(['CN=kubernetes-admin', 'O=kubeadm:cluster-admins']);
    expect(admin!.checkPrivateKey(createPrivateKey(made.admin.key))).toBe(true);
    for (const host of ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'])
      expect(server!.checkHost(host)).toBe(host);
    for (const address of ['127.0.0.1', '::1', '10.96.0.1']) expect(server!.checkIP(address)).toBe(address);
    expect(server!.checkIP('192.0.2.9')).toBeUndefined();
    expect(server!.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('writes keys for their owner alone, and leaves no other files', async () => {
    const made = await load();
    const { publicKey } = await made.serviceAccount;
    expect((await readdir(folder)).sort()).toEqual(
      [...['admin', 'apiserver', 'ca', 'front-proxy-ca', 'front-proxy-client'].flatMap((name) => [`${name}.crt`, `${name}.key`])]
        .concat('sa.key', 'sa.pub')
        .sort(),
    );
    for (const name of ['ca', 'apiserver', 'admin', 'sa']) expect((await stat(join(folder, `${name}.key`))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'sa.pub'), 'utf8')).toBe(publicKey);
  });

  it('ends with one authority when several start at once', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => load()));
    const keys = await Promise.all(all.map(({ serviceAccount }) => serviceAccount));
    expect(new Set(all.map(({ ca }) => ca.certificate)).size).toBe(1);
    expect(new Set(all.map(({ ca }) => ca.key)).size).toBe(1);
    expect(new Set(keys.map(({ privateKey }) => privateKey)).size).toBe(1);
    const ca = new X509Certificate(all[0]!.ca.certificate);
    for (const { server, admin } of all)
      for (const { certificate, key } of [server, admin]) {
        const leaf = new X509Certificate(certificate);
        expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
        expect(leaf.verify(ca.publicKey)).toBe(true);
      }
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

/** An RSA key takes a while to make, and most tests are not about it. */
const tokenKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
async function putTokenKey(): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sa.key'), tokenKey);
}

describe('in a folder of an earlier start', () => {
  beforeEach(putTokenKey);

  it('changes nothing', async () => {
    const first = await load();
    const again = await load({}, start + 10 * day);
    expect({ ...again, serviceAccount: await again.serviceAccount }).toEqual({ ...first, serviceAccount: await first.serviceAccount });
  });

  it('remakes the server certificate for a new name, and keeps the old names and the key', async () => {
    const first = await load({ extraNames: ['one.example'] });
    const second = await load({ extraNames: ['192.0.2.7', 'two.example'], bindAddress: '192.0.2.8' });
    expect(second.server.certificate).not.toBe(first.server.certificate);
    expect(second.server.key).toBe(first.server.key);
    expect(second.admin).toEqual(first.admin);
    expect(namesOf(new X509Certificate(second.server.certificate))).toEqual(
      expect.arrayContaining(['one.example', 'two.example', '192.0.2.7', '192.0.2.8', '::1']),
    );
    expect((await load({ extraNames: ['one.example'] })).server).toEqual(second.server);
  });

  it('remakes certificates near their end, with the same authority', async () => {
    const first = await load();
    const later = await load({}, start + 340 * day);
    expect(later.ca).toEqual(first.ca);
    for (const pair of [later.server, later.admin]) {
      const leaf = new X509Certificate(pair.certificate);
      expect(Date.parse(leaf.validTo)).toBeGreaterThan(start + 700 * day);
    }
  });

  it('makes the authority certificate again from its key when a crash came between the two', async () => {
    const first = await load();
    for (const file of ['ca.crt', 'admin.crt', 'admin.key']) await rm(join(folder, file));
    const again = await load();
    expect(again.ca.key).toBe(first.ca.key);
    expect(again.server).toEqual(first.server);
  });
});

describe('a folder that cannot be used', () => {
  beforeEach(putTokenKey);

  const cases: readonly [what: string, spoil: () => Promise<unknown>, says: readonly string[]][] = [
    ['a half-written authority', () => cut('ca.crt'), ['ca.crt is not a whole certificate', 'remove it']],
    ['a half-written key', () => cut('ca.key'), ['ca.key is not a whole private key']],
    ['an empty certificate', () => writeFile(join(folder, 'admin.crt'), ''), ['admin.crt is not a whole certificate', 'remove it']],
    ['a half-written server certificate', () => cut('apiserver.crt'), ['apiserver.crt is not a whole certificate']],
    ['a half-written token key', () => cut('sa.key'), ['sa.key is not a whole private key']],
    ['a token key of another kind', async () => writeFile(join(folder, 'sa.key'), await text('ca.key')), ['sa.key is no RSA key']],
    ['a missing authority', () => remove('ca.crt', 'ca.key'), ['ca.key is missing', 'apiserver.crt is there', 'empty']],
    ['a missing authority key', () => remove('ca.key'), ['ca.key is missing', 'ca.crt is there']],
    ['a missing server key', () => remove('apiserver.key'), ['apiserver.key is missing', 'apiserver.crt is there']],
    ['another key', async () => writeFile(join(folder, 'ca.key'), await text('admin.key')), ['ca.key is not the key of', 'ca.crt']],
    [
      'another leaf key',
      async () => writeFile(join(folder, 'apiserver.key'), await text('admin.key')),
      ['apiserver.key is not the key of', 'remove both'],
    ],
    [
      'a leaf in place of the authority',
      async () => {
        await writeFile(join(folder, 'ca.crt'), await text('admin.crt'));
        await writeFile(join(folder, 'ca.key'), await text('admin.key'));
      },
      ['ca.crt is no certificate authority'],
    ],
    ['a folder in place of a file', () => remove('ca.crt').then(() => mkdir(join(folder, 'ca.crt'))), ['ca.crt', 'it is a folder']],
    ['a huge file', () => writeFile(join(folder, 'ca.crt'), 'x'.repeat(2_000_000)), ['ca.crt is too large']],
  ];

  const text = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const cut = async (file: string): Promise<void> => writeFile(join(folder, file), (await text(file)).slice(0, 120));
  const remove = (...files: string[]): Promise<unknown> => Promise.all(files.map((file) => rm(join(folder, file))));

  it.each(cases)('says what to do about %s', async (_what, spoil, says) => {
    await (
      await load()
    ).serviceAccount;
    await spoil();
    const message = await complaint(load());
    for (const part of says) expect(message).toContain(part);
  });

  it('says when certificates are of another authority', async () => {
    await load();
    const other = await loadClusterCertificates({ clock: manualClock(start), random: realRandom() });
    await writeFile(join(folder, 'ca.crt'), other.ca.certificate);
    await writeFile(join(folder, 'ca.key'), other.ca.key);
    expect(await complaint(load())).toMatch(
      /apiserver\.crt was signed by another authority than .*ca\.crt: remove it|admin\.crt was signed/,
    );
  });

  it('says when the authority has expired, or is of the future', async () => {
    await load();
    expect(await complaint(load({}, start + 3651 * day))).toMatch(/ca\.crt expired on .*: empty/);
    expect(await complaint(load({}, start - 2 * day))).toMatch(/ca\.crt is valid only from/);
  });

  it('says when the folder is a file, or below one', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, '');
    expect(await complaint(load())).toContain('it is a file, not a folder');
    expect(await complaint(load({ folder: join(folder, 'below') }))).toContain('is not a folder');
  });

  it('says when nothing can be written there', async () => {
    // /proc is read-only for everyone, root included.
    expect(await complaint(load({ folder: '/proc/certs' }))).toMatch(/^cannot use \/proc\/certs: /);
  });

  it('refuses an extra name that is none', async () => {
    expect(await complaint(load({ extraNames: ['not a name'] }))).toContain('neither a DNS name nor an IP address');
  });
});

describe('in memory', () => {
  it('makes everything anew each time', async () => {
    const [one, two] = await Promise.all([load({ folder: undefined as never }), load({ folder: undefined as never })]);
    expect(one.ca.certificate).not.toBe(two.ca.certificate);
    const { publicKey } = await one.serviceAccount;
    expect(createPublicKey(publicKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it('names all addresses of the machine for a server that listens on all', async () => {
    const { server } = await loadClusterCertificates({ bindAddress: '0.0.0.0', clock: manualClock(start), random: realRandom() });
    expect(namesOf(new X509Certificate(server.certificate))).not.toContain('0.0.0.0');
    expect(new X509Certificate(server.certificate).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });
});
