// The environment of containers, and the volumes of pods.
import type { Pod } from '../../openapi/types/core.v1.js';
import { CONFIG_MAPS, SECRETS } from '../client/resources.js';
import { createMemoryClient } from '../client/testing/memory-client.js';
import { manualClock } from '../clock/manual-clock.js';
import { expandReferences, resolveEnvironment } from './environment.js';
import type { ContainerSpec } from './pod-record.js';
import { mountVolumes } from './volumes.js';

const pod = {
  metadata: { name: 'web-1', namespace: 'default', uid: 'u', labels: { app: 'web' } },
  spec: { nodeName: 'node-0', serviceAccountName: 'default', containers: [] },
  status: {},
} as unknown as Pod;

async function resolve(spec: object): Promise<Record<string, string>> {
  const client = createMemoryClient({ clock: manualClock() });
  client.seed(CONFIG_MAPS, { metadata: { name: 'settings', namespace: 'default' }, data: { a: '1', __proto__x: '2' } });
  client.seed(SECRETS, { metadata: { name: 'keys', namespace: 'default' }, data: { password: Buffer.from('geheim').toString('base64') } });
  const envs = await resolveEnvironment(pod, spec as ContainerSpec, { client, hostIP: '172.18.0.2', podIPs: ['10.244.0.2', 'fd00::2'] });
  return Object.fromEntries([...envs].filter(([name]) => name !== 'PATH'));
}

test('values, references and fields, in order', async () => {
  const field = (fieldPath: string): object => ({ valueFrom: { fieldRef: { fieldPath } } });
  expect(
    await resolve({
      envFrom: [{ prefix: 'S_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'absent', optional: true } }],
      env: [
        { name: 'PLAIN', value: 'x' },
        { name: 'TWICE', value: '$(PLAIN)-$(PLAIN)-$(NOBODY)-$$(PLAIN)' },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
        { name: 'OPTIONAL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none', optional: true } } },
        { name: 'NAME', ...field('metadata.name') },
        { name: 'APP', ...field("metadata.labels['app']") },
        { name: 'NODE', ...field('spec.nodeName') },
        { name: 'IPS', ...field('status.podIPs') },
      ],
    }),
  ).toEqual({
    HOSTNAME: 'web-1',
    S_a: '1',
    S___proto__x: '2',
    PLAIN: 'x',
    TWICE: 'x-x-$(NOBODY)-$(PLAIN)',
    PASSWORD: 'geheim',
    NAME: 'web-1',
    APP: 'web',
    NODE: 'node-0',
    IPS: '10.244.0.2,fd00::2',
  });
});

test.each([
  [{ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'a' } } }] }, 'secret "none" not found'],
  [
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none' } } }] },
    "couldn't find key none in ConfigMap default/settings",
  ],
  [{ envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found'],
])('%j is refused', async (spec, message) => {
  await expect(resolve(spec)).rejects.toThrow(message);
});

test('references in commands', () => {
  expect(expandReferences('--name=$(NAME) $(MISSING) $', new Map([['NAME', 'web']]))).toBe('--name=web $(MISSING) $');
});

test.each([
  [{ name: 'v', secret: { secretName: 'none' } }, 'MountVolume.SetUp failed for volume "v" : secret "none" not found'],
  [
    { name: 'v', configMap: { name: 'settings', items: [{ key: 'b', path: 'b' }] } },
    'MountVolume.SetUp failed for volume "v" : references non-existent config key: b',
  ],
  [
    { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    'MountVolume.SetUp failed for volume "v" : failed to fetch token: serviceaccounts "default" not found',
  ],
])('the volume %j cannot be mounted', async (volume, message) => {
  const client = createMemoryClient({ clock: manualClock() });
  client.seed(CONFIG_MAPS, { metadata: { name: 'settings', namespace: 'default' }, data: { a: '1' } });
  await expect(mountVolumes(client, { ...pod, spec: { ...pod.spec, volumes: [volume] } })).rejects.toThrow(message);
  const optional = { name: 'v', configMap: { name: 'none', optional: true } };
  await expect(mountVolumes(client, { ...pod, spec: { ...pod.spec, volumes: [optional, { name: 'e', emptyDir: {} }] } })).resolves.toEqual(
    [],
  );
});
