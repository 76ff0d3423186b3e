// Reading where to measure from a kubeconfig.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTarget } from './kubeconfig.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'bench-kubeconfig-'))));
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<unknown> {
  await writeFile(join(folder, 'config'), text);
  return readTarget(join(folder, 'config'));
}

const contexts =
  'contexts: [{name: other, context: {cluster: x, user: y}}, {name: here, context: {cluster: c, user: u}}]\ncurrent-context: here\n';

test('takes the current context, with embedded data', async () => {
  const target = await read(
    `${contexts}clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: ${Buffer.from('CA').toString('base64')}}}]\nusers: [{name: u, user: {token: secret}}]\n`,
  );
  expect(target).toEqual({ url: 'https://127.0.0.1:1', insecure: false, ca: 'CA', token: 'secret' });
});

test('reads certificates from files, relative to its own folder', async () => {
  await writeFile(join(folder, 'admin.crt'), 'CERTIFICATE');
  await writeFile(join(folder, 'admin.key'), 'KEY');
  const target = await read(
    `${contexts}clusters: [{name: c, cluster: {server: "https://a", insecure-skip-tls-verify: true}}]\nusers: [{name: u, user: {client-certificate: admin.crt, client-key: ${join(folder, 'admin.key')}}}]\n`,
  );
  expect(target).toEqual({ url: 'https://a', insecure: true, cert: 'CERTIFICATE', key: 'KEY' });
});

test('a file without a server is refused in one line', async () => {
  await expect(read('current-context: here\n')).rejects.toThrow(/names no https server in its current context$/);
});
