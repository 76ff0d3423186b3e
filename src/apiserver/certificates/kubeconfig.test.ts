import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { realRandom } from '../../clock/random.js';
import { CertificateError } from './certificate-error.js';
import { kubeconfigFor, writeKubeconfig } from './kubeconfig.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

it('embeds the authority and the client certificate', () => {
  const text = kubeconfigFor({ server: 'https://127.0.0.1:6443', ca: 'CA', clientCertificate: 'CERT', clientKey: 'KEY' });
  expect(parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('CA') } }],
    contexts: [{ name: 'kubernetes-admin@kubernetes', context: { cluster: 'kubernetes', user: 'kubernetes-admin' } }],
    'current-context': 'kubernetes-admin@kubernetes',
    users: [{ name: 'kubernetes-admin', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } }],
  });
});

it('takes a token, names and a namespace, whatever characters they have', () => {
  const odd = 'a: "b"\n#c';
  const text = kubeconfigFor({ server: 'https://[::1]:1', ca: 'CA', token: odd, name: odd, user: 'me', namespace: 'team' });
  expect(parse(text)).toMatchObject({
    contexts: [{ name: `me@${odd}`, context: { cluster: odd, user: 'me', namespace: 'team' } }],
    users: [{ name: 'me', user: { token: odd } }],
  });
});

it('is written whole, for its owner alone, over an older one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  try {
    const path = join(folder, 'new', 'config');
    await writeKubeconfig(path, 'one', realRandom());
    await writeKubeconfig(path, 'two', realRandom());
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'new'))).toEqual(['config']);
    await writeFile(join(folder, 'file'), '');
    await expect(writeKubeconfig(join(folder, 'file', 'config'), '', realRandom())).rejects.toThrow(CertificateError);
  } finally {
    await rm(folder, { recursive: true });
  }
});
