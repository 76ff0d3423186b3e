import type { ConfigMap } from '../../../openapi/types/core.v1.js';
import { CONFIG_MAPS, NAMESPACES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createRootCaController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'kube-root-ca.crt' };

test('publishes the CA, and restores it when it is changed or deleted', async () => {
  kit = createKit();
  await kit.start(createRootCaController);
  kit.client.seed(NAMESPACES, { metadata: { name: 'default' }, spec: {}, status: { phase: 'Active' } });
  await kit.run();
  const isRight = async (): Promise<void> => {
    const map: ConfigMap = await kit.client.get(CONFIG_MAPS, key);
    expect(map.data).toEqual({ 'ca.crt': 'the CA\n' });
    expect(map.metadata.annotations?.['kubernetes.io/description']).toMatch(
      /^Contains a CA bundle that can be used to verify the kube-apiserver/,
    );
  };
  await isRight();
  await kit.client.patch(CONFIG_MAPS, key, 'merge', { data: { 'ca.crt': 'forged', more: 'x' }, metadata: { annotations: null } });
  await kit.run();
  await kit.client.get(CONFIG_MAPS, key).then(({ data }) => expect(data).toEqual({ 'ca.crt': 'the CA\n' }));
  await isRight();
  await kit.client.delete(CONFIG_MAPS, key);
  await kit.run();
  await isRight();
});
