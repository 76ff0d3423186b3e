import { NAMESPACES, SERVICE_ACCOUNTS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createServiceAccountController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

test('keeps the default service account in living namespaces', async () => {
  kit = createKit();
  kit.client.seed(NAMESPACES, { metadata: { name: 'early' }, spec: {}, status: { phase: 'Active' } });
  kit.client.seed(NAMESPACES, { metadata: { name: 'dying' }, spec: {}, status: { phase: 'Terminating' } });
  await kit.start(createServiceAccountController);
  kit.client.seed(NAMESPACES, { metadata: { name: 'late' }, spec: {}, status: { phase: 'Active' } });
  await kit.run();
  const namespaces = async (): Promise<unknown> =>
    (await kit.client.list(SERVICE_ACCOUNTS)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  expect(await namespaces()).toEqual(['early/default', 'late/default']);
  await kit.client.delete(SERVICE_ACCOUNTS, { namespace: 'late', name: 'default' });
  await kit.run();
  expect(await namespaces()).toEqual(['early/default', 'late/default']);
});
