import { CONFIG_MAPS, SECRETS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createTokenCleanerController } from '../tokencleaner/index.js';
import { createBootstrapSignerController, signature } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const base64 = (fields: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
const token = (id: string, fields: Readonly<Record<string, string>> = {}, name = `bootstrap-token-${id}`): object => ({
  metadata: { name, namespace: 'kube-system' },
  type: 'bootstrap.kubernetes.io/token',
  data: base64({ 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...fields }),
});
const clusterInfo = async (): Promise<unknown> =>
  (await kit.client.get(CONFIG_MAPS, { namespace: 'kube-public', name: 'cluster-info' })).data;

test('signs as the real one does', () => {
  // Recorded from kube-controller-manager v1.36.3.
  expect(signature('abc: def\n', 'abcdef', '0123456789abcdef')).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..GZ6hwtpXKUDSCHrqlRLZXxURIMqAjJMHlrS8h4DmYMk',
  );
});

test('signs with every token that may, and takes signatures of others away', async () => {
  kit = createKit();
  kit.client.seed(CONFIG_MAPS, {
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: 'abc: def\n', 'jws-kubeconfig-gone00': 'x' },
  });
  kit.client.seed(SECRETS, token('abcdef'));
  kit.client.seed(SECRETS, token('nosign', { 'usage-bootstrap-signing': 'false' }));
  kit.client.seed(SECRETS, token('oldold', { expiration: '2020-01-01T00:00:00Z' }));
  kit.client.seed(SECRETS, token('named0', {}, 'bootstrap-token-other0'));
  kit.client.seed(SECRETS, token('shorts', { 'token-secret': 'short' }));
  await kit.start(createBootstrapSignerController);
  const signed = { 'jws-kubeconfig-abcdef': signature('abc: def\n', 'abcdef', '0123456789abcdef') };
  expect(await clusterInfo()).toEqual({ kubeconfig: 'abc: def\n', ...signed });
  await kit.client.delete(SECRETS, { namespace: 'kube-system', name: 'bootstrap-token-abcdef' });
  await kit.run();
  expect(await clusterInfo()).toEqual({ kubeconfig: 'abc: def\n' });
});

test('tokens go when their time is over, and so does one whose time cannot be read', async () => {
  kit = createKit();
  const names = async (): Promise<string[]> => (await kit.client.list(SECRETS)).items.map(({ metadata }) => metadata.name);
  kit.client.seed(SECRETS, token('aaaaaa', { expiration: '2026-01-01T00:01:00Z' }));
  kit.client.seed(SECRETS, token('bbbbbb', { expiration: '2025-12-31T23:59:00Z' }));
  kit.client.seed(SECRETS, token('cccccc', { expiration: 'garbage' }));
  kit.client.seed(SECRETS, token('dddddd'));
  await kit.start(createTokenCleanerController);
  expect(await names()).toEqual(['bootstrap-token-aaaaaa', 'bootstrap-token-dddddd']);
  await kit.run(61_000);
  expect(await names()).toEqual(['bootstrap-token-dddddd']);
});
