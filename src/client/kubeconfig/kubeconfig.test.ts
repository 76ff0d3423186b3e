import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig, parseKubeconfig } from './kubeconfig.js';

const minimal = (user: string, cluster = 'server: "https://127.0.0.1:6443/"') => `
apiVersion: v1
kind: Config
current-context: main
contexts: [{name: main, context: {cluster: c, user: u, namespace: work}}, {name: other, context: {cluster: c}}]
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
`;

test('reads server, token, namespace, and leaves out what is not there', async () => {
  expect(await parseKubeconfig(minimal('token: abc'), '.')).toEqual({ server: 'https://127.0.0.1:6443', token: 'abc', namespace: 'work' });
  expect(await parseKubeconfig(minimal('token: abc'), '.', 'other')).toEqual({ server: 'https://127.0.0.1:6443' });
});

test('certificates come as data or from files beside the kubeconfig', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  try {
    await writeFile(join(folder, 'ca.crt'), 'the authority');
    const data = Buffer.from('the key').toString('base64');
    await writeFile(
      join(folder, 'config'),
      minimal(`client-key-data: ${data}, client-certificate: missing.crt`, 'server: "https://x", certificate-authority: ca.crt'),
    );
    await expect(loadKubeconfig(join(folder, 'config'))).rejects.toThrow(/kubeconfig .*client-certificate: ENOENT/);
    await writeFile(
      join(folder, 'config'),
      minimal(`client-key-data: ${data}`, 'server: "https://x", certificate-authority: ca.crt, insecure-skip-tls-verify: true'),
    );
    expect(await loadKubeconfig(join(folder, 'config'))).toEqual({
      server: 'https://x',
      certificateAuthority: 'the authority',
      clientKey: 'the key',
      insecureSkipTLSVerify: true,
      namespace: 'work',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ['a: [', 'it is no YAML'],
  ['', 'it is empty'],
  ['{}', 'it has no current-context'],
  ['{current-context: x}', 'there is no entry "x" in contexts'],
  [minimal('exec: {command: aws}'), 'the user "u" has exec, which is not supported'],
  [minimal('token: a', 'server: nonsense'), 'the server "nonsense" is no URL'],
  [minimal('token: a', 'proxy-url: x'), 'has no server'],
])('refuses %j with a clear message', async (text, message) => {
  await expect(parseKubeconfig(text, '.')).rejects.toThrow(message);
});

test('a file that is not there is named', async () => {
  await expect(loadKubeconfig('/nowhere/config')).rejects.toThrow('kubeconfig /nowhere/config: ENOENT');
});
