import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod } from '../testing/objects.js';
import { createLegacyTokenCleanerController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const day = 24 * 3600 * 1000;
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

test('marks old automatic tokens that nobody uses, and removes those marked a year ago', async () => {
  kit = createKit();
  kit.client.seed(CONFIG_MAPS, {
    metadata: { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' },
    data: { since: '2024-12-01' },
  });
  const names = ['unused', 'used', 'mounted', 'young'];
  kit.client.seed(SERVICE_ACCOUNTS, {
    metadata: { name: 'robot', namespace: 'default', uid: 'u' },
    secrets: names.map((name) => ({ name })),
  });
  const secret = (name: string, more: object = {}): void =>
    void kit.client.seed(SECRETS, {
      metadata: {
        name,
        namespace: 'default',
        creationTimestamp: '2024-01-01T00:00:00Z',
        annotations: { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': 'u' },
        ...more,
      },
      type: 'kubernetes.io/service-account-token',
    });
  secret('unused', { labels: { 'kubernetes.io/legacy-token-last-used': '2024-12-02' } });
  secret('used', { labels: { 'kubernetes.io/legacy-token-last-used': '2025-06-01' } });
  secret('mounted');
  secret('young', { creationTimestamp: '2025-12-01T00:00:00Z' });
  secret('manual');
  kit.client.seed(PODS, pod('p', { spec: { volumes: [{ name: 'v', secret: { secretName: 'mounted' } }] } }));
  await kit.start(createLegacyTokenCleanerController);
  const marked = async (): Promise<unknown> =>
    (await kit.client.list(SECRETS)).items
      .map(({ metadata }) => [metadata.name, metadata.labels?.[invalidSince]])
      .filter(([, since]) => since);
  expect(await marked()).toEqual([['unused', '2026-01-01']]);
  // Marked more than a year ago: its time is over at the next look.
  secret('unused', { labels: { [invalidSince]: '2024-12-01' } });
  await kit.run(day);
  const left = (await kit.client.list(SECRETS)).items.map(({ metadata }) => metadata.name);
  expect(left).toEqual(['used', 'mounted', 'young', 'manual']);
});

test('does nothing while the use of tokens has been noted for less than a year', async () => {
  kit = createKit();
  await kit.start(createLegacyTokenCleanerController);
  await kit.run(day);
  expect(kit.client.requests.filter(({ verb }) => ['patch', 'delete', 'update'].includes(verb))).toEqual([]);
});
