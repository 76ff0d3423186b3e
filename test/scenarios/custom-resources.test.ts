// Custom resources among all others: collected with their owners, gone with their namespace and their definition, converted by a webhook.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resources, startCluster, type Cluster, type ResourceType } from '../../src/index.js';
import { newKey, selfSign, signLeaf } from '../../src/apiserver/certificates/signing.js';
import { realClock } from '../../src/clock/real-clock.js';
import { realRandom } from '../../src/clock/random.js';
import { until, untilGone, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } = resources;
const group = 'scenario.example.com';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
});

afterAll(() => cluster.stop());

const typeOf = (plural: string, kind: string, version = 'v1'): ResourceType => ({
  group,
  version,
  resource: plural,
  kind,
  namespaced: true,
});

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Resolves when the resource is served. */
async function define(plural: string, kind: string, more: Record<string, unknown> = {}): Promise<ResourceType> {
  const version = (name: string, storage: boolean): unknown => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: open } } },
  });
  const name = `${plural}.${group}`;
  const spec = { group, scope: 'Namespaced', names: { plural, kind }, versions: [version('v1', true), version('v2', false)], ...more };
  const draft = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec };
  await cluster.client.create(CUSTOM_RESOURCE_DEFINITIONS, draft as never);
  await until(cluster.client, CUSTOM_RESOURCE_DEFINITIONS, { name }, ({ status }) =>
    (status.conditions ?? []).some((condition) => condition.type === 'Established' && condition.status === 'True'),
  );
  return typeOf(plural, kind);
}

const draftOf = (type: ResourceType, namespace: string, name: string, more: Record<string, unknown> = {}): never =>
  ({ apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata: { namespace, name }, ...more }) as never;

it('what a custom resource owns goes after it', async () => {
  const { client } = cluster;
  await createNamespace(client, 'owners');
  const type = await define('owners', 'Owner');
  const owner = await client.create(type, draftOf(type, 'owners', 'one'));
  const ownerReferences = [{ apiVersion: `${group}/v1`, kind: 'Owner', name: 'one', uid: owner.metadata.uid }];
  await client.create(CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'owners', name: 'owned', ownerReferences },
  });
  await client.delete(type, { namespace: 'owners', name: 'one' }, { propagationPolicy: 'Background' });
  await untilGone(client, CONFIG_MAPS, { namespace: 'owners', name: 'owned' });
});

it('a namespace takes its custom resources with it', async () => {
  const { client } = cluster;
  await createNamespace(client, 'going');
  const type = await define('leavers', 'Leaver');
  for (const name of ['a', 'b']) await client.create(type, draftOf(type, 'going', name));
  await client.delete(NAMESPACES, { name: 'going' });
  await untilGone(client, NAMESPACES, { name: 'going' });
  expect((await client.list(type)).items).toEqual([]);
});

it('a definition takes its objects with it, once their finalizers let them', async () => {
  const { client } = cluster;
  await createNamespace(client, 'ends');
  const type = await define('enders', 'Ender');
  await client.create(type, draftOf(type, 'ends', 'free'));
  await client.create(
    type,
    draftOf(type, 'ends', 'held', { metadata: { namespace: 'ends', name: 'held', finalizers: ['example.com/hold'] } }),
  );
  await client.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: `enders.${group}` });
  await untilList(client, type, { namespace: 'ends' }, (left) => left.length === 1 && left[0]!.metadata.deletionTimestamp !== undefined);
  await until(client, CUSTOM_RESOURCE_DEFINITIONS, { name: `enders.${group}` }, ({ status }) =>
    (status.conditions ?? []).some(({ type: condition, reason }) => condition === 'Terminating' && reason === 'InstanceDeletionInProgress'),
  );
  await client.patch(type, { namespace: 'ends', name: 'held' }, 'merge', { metadata: { finalizers: null } });
  await untilGone(client, CUSTOM_RESOURCE_DEFINITIONS, { name: `enders.${group}` });
  await expect(client.list(type)).rejects.toMatchObject({ code: 404 });
});

describe('a webhook for conversion', () => {
  let server: Server;
  let asked = 0;
  let authority = '';

  beforeAll(async () => {
    const context = { clock: realClock(), random: realRandom() };
    const ca = { key: newKey(), certificate: '' };
    ca.certificate = authority = await selfSign(ca.key, { name: 'webhooks', days: 1 }, context);
    const key = newKey();
    const usages = ['digital signature', 'key encipherment', 'server auth'];
    const cert = await signLeaf(ca, key, { name: 'webhook', names: ['127.0.0.1'], usages, days: 1 }, context);
    server = createServer({ cert, key }, (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { request: review } = JSON.parse(text);
        asked += review.objects.length;
        const convertedObjects = review.objects.map((object: { spec: Record<string, unknown> }) => ({
          ...object,
          apiVersion: review.desiredAPIVersion,
          spec: review.desiredAPIVersion.endsWith('v2') ? { name: object.spec.title } : { title: object.spec.name },
        }));
        response.end(
          JSON.stringify({
            apiVersion: 'apiextensions.k8s.io/v1',
            kind: 'ConversionReview',
            response: { uid: review.uid, result: { status: 'Success' }, convertedObjects },
          }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('both versions are read, listed and watched; an object is asked about once', async () => {
    const { client } = cluster;
    await createNamespace(client, 'versions');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/convert`;
    const clientConfig = { url, caBundle: Buffer.from(authority).toString('base64') };
    const first = await define('books', 'Book', {
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } },
    });
    const second = typeOf('books', 'Book', 'v2');
    await client.create(first, draftOf(first, 'versions', 'a', { spec: { title: 'Middlemarch' } }));
    const key = { namespace: 'versions', name: 'a' };
    expect(await client.get(second, key)).toMatchObject({ apiVersion: `${group}/v2`, spec: { name: 'Middlemarch' } });
    const before = asked;
    expect((await client.list(second, { namespace: 'versions' })).items).toMatchObject([{ spec: { name: 'Middlemarch' } }]);
    expect(asked).toBe(before);
    await client.create(second, draftOf(second, 'versions', 'b', { spec: { name: 'Emma' } }));
    expect(await client.get(first, { ...key, name: 'b' })).toMatchObject({ apiVersion: `${group}/v1`, spec: { title: 'Emma' } });
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const watching = client.watch(
        second,
        { namespace: 'versions' },
        {
          event: ({ object }) => {
            seen.push((object as unknown as { spec: { name: unknown } }).spec.name);
            if (seen.length === 2) void client.patch(first, key, 'merge', { spec: { title: 'Persuasion' } });
            if (seen.length < 3) return;
            watching.stop();
            resolve();
          },
          end: (error) => reject(error ?? new Error('the watch ended')),
        },
      );
    });
    expect(seen).toEqual(['Middlemarch', 'Emma', 'Persuasion']);
  });
});
