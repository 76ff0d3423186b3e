import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inClusterConfig } from './in-cluster.js';

const folder = mkdtempSync(join(tmpdir(), 'in-cluster-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('reads what is mounted into a pod, and says what is missing outside of one', async () => {
  await expect(inClusterConfig('v1', {}, folder)).rejects.toThrow(
    'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
  );
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  await expect(inClusterConfig('v1', environment, folder)).rejects.toThrow('ENOENT');
  writeFileSync(join(folder, 'ca.crt'), 'a certificate');
  expect(await inClusterConfig('v1', environment, folder)).toEqual({
    server: 'https://[fd00::1]:443/apis/authorization.k8s.io/v1/subjectaccessreviews',
    certificateAuthority: 'a certificate',
    tokenFile: join(folder, 'token'),
  });
});
