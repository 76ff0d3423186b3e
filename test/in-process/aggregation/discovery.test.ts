// Groups and versions that other servers have: in discovery, and whether they are there. The words are those of a real kube-apiserver v1.36.3.
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import type { ResourceType } from '../../../src/client/client.js';
import { API_SERVICES, CONFIG_MAPS, SERVICES } from '../../../src/client/resources.js';
import type { KubeObject } from '../../../src/index.js';
import { json } from '../../support/extension-server.js';
import { until, untilGone } from '../../support/until.js';
import { Aggregated, conditionOf, documents, FLUNDERS, group, root, verbs, version } from './aggregated.js';

const here = new Aggregated();

beforeAll(() => here.start());
afterAll(() => here.stop());
beforeEach(() => here.reset());

describe('discovery', () => {
  test('names the group among the others, by its priority', async () => {
    const { groups } = (await here.documentOf('/apis')) as { groups: { name: string }[] };
    expect(groups.at(-1)).toEqual({
      name: group,
      versions: [{ groupVersion: `${group}/${version}`, version }],
      preferredVersion: { groupVersion: `${group}/${version}`, version },
    });
    expect(await here.documentOf(`/apis/${group}`)).toMatchObject({ kind: 'APIGroup', name: group });
    expect(await here.documentOf(root)).toEqual(documents);
    expect(await here.ask(`/apis/${group}/v2`)).toMatchObject({ status: 404, text: '404 page not found\n' });
    const { items } = (await here.documentOf('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')) as {
      items: unknown[];
    };
    expect(items.at(-1)).toEqual({
      metadata: { name: group },
      versions: [
        {
          version,
          resources: [
            { resource: 'flunders', responseKind: { group, version, kind: 'Flunder' }, scope: 'Namespaced', singularResource: '', verbs },
          ],
          freshness: 'Current',
        },
      ],
    });
  });

  test('parts of the cluster see it, and reach it as themselves', async () => {
    expect((await here.cluster.client.discover()).find((one) => one.group === group)).toEqual({ ...FLUNDERS, verbs });
    here.answer = (_request, response) =>
      json(response, { kind: 'FlunderList', apiVersion: `${group}/${version}`, metadata: {}, items: [{ metadata: { name: 'a' } }] });
    const { items } = await here.cluster.client.list<KubeObject>(FLUNDERS, { namespace: 'default' });
    expect(items).toEqual([{ apiVersion: `${group}/${version}`, kind: 'Flunder', metadata: { name: 'a' } }]);
    expect(here.backend.requests.at(-1)).toMatchObject({
      url: `${root}/namespaces/default/flunders`,
      headers: { 'x-remote-user': 'kubernetes-admin' },
    });
    here.answer = (_request, response) =>
      json(response, { kind: 'Status', code: 404, reason: 'NotFound', message: 'no such flunder' }, 404);
    await expect(here.cluster.client.get(FLUNDERS, { namespace: 'default', name: 'b' })).rejects.toThrow('no such flunder');
  });
});

describe('availability', () => {
  const service = { namespace: 'default', name: 'other' };
  const other = 'v1.other.example.com';
  const apiService = (more: object = {}) =>
    ({
      metadata: { name: other },
      spec: {
        group: 'other.example.com',
        version: 'v1',
        groupPriorityMinimum: 10,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { ...service, port: 443 },
        ...more,
      },
    }) as never;
  const said = (reason: string): Promise<APIService> =>
    until(here.cluster.client, API_SERVICES, { name: other }, (one) => conditionOf(one)?.reason === reason);

  test('says why nobody answers, and notices at once when the service comes', async () => {
    await here.cluster.client.create(API_SERVICES, apiService());
    expect(conditionOf(await said('ServiceNotFound'))).toMatchObject({
      status: 'False',
      message: 'service/other in "default" is not present',
    });
    expect(await here.ask('/apis/other.example.com/v1/things')).toMatchObject({
      status: 503,
      text: 'service unavailable\n',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const list = (await here.documentOf('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')) as {
      items: unknown[];
    };
    expect(list.items.at(-1)).toMatchObject({
      metadata: { name: 'other.example.com' },
      versions: [{ version: 'v1', resources: [], freshness: 'Stale' }],
    });

    await here.cluster.client.create(SERVICES, { metadata: service, spec: { ports: [{ port: 444, name: 'https' }] } });
    expect(conditionOf(await said('ServicePortError'))?.message).toBe('service/other in "default" is not listening on port 443');
    await here.cluster.client.patch(SERVICES, service, 'merge', { spec: { ports: [{ port: 443, name: 'https' }] } });
    expect(conditionOf(await said('EndpointsNotFound'))?.message).toBe('cannot find endpointslices for service/other in "default"');
    const slice: ResourceType = {
      group: 'discovery.k8s.io',
      version: 'v1',
      resource: 'endpointslices',
      kind: 'EndpointSlice',
      namespaced: true,
    };
    await here.cluster.client.create(slice, {
      metadata: { name: 'other-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'other' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 9 }],
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: false } }],
    } as never);
    expect(conditionOf(await said('MissingEndpoints'))?.message).toBe(
      'endpointslices for service/other in "default" have no addresses with port name "https"',
    );
    await here.cluster.client.delete(SERVICES, service);
    await here.cluster.client.create(SERVICES, { metadata: service, spec: { type: 'ExternalName', externalName: 'localhost' } } as never);
    await here.cluster.client.patch(API_SERVICES, { name: other }, 'merge', { spec: { service: { port: here.backend.port } } });
    const url = `https://localhost:${here.backend.port}/apis/other.example.com/v1`;
    here.answer = (_request, response) => json(response, {}, 404);
    const failed = await said('FailedDiscoveryCheck');
    expect(conditionOf(failed)?.message).toBe(`failing or missing response from ${url}: bad status from ${url}: 404`);
    here.answer = (_request, response) => json(response, {});
    await here.cluster.client.patch(SERVICES, service, 'merge', { metadata: { labels: { touched: 'yes' } } });
    expect(conditionOf(await said('Passed'))).toMatchObject({ status: 'True', message: 'all checks passed' });
  });

  test('a certificate of another service is not believed', async () => {
    await here.cluster.client.patch(API_SERVICES, { name: other }, 'merge', {
      spec: { insecureSkipTLSVerify: false, caBundle: here.backend.caBundle },
    });
    const url = `https://localhost:${here.backend.port}/apis/other.example.com/v1`;
    const { message = '' } = conditionOf(await said('FailedDiscoveryCheck')) ?? {};
    expect(message).toContain(
      `failing or missing response from ${url}: Get "${url}": tls: failed to verify certificate: x509: certificate is valid for `,
    );
    expect(message).toContain(', not other.default.svc');
    await here.cluster.client.patch(API_SERVICES, { name: other }, 'merge', {
      spec: { caBundle: Buffer.from('nonsense').toString('base64') },
    });
    await until(here.cluster.client, API_SERVICES, { name: other }, (one) => conditionOf(one)?.message?.includes('is valid for') === false);
    await here.cluster.client.patch(API_SERVICES, { name: other }, 'merge', { spec: { caBundle: null, service: null } });
    expect(conditionOf(await said('Local'))).toMatchObject({ status: 'True', message: 'Local APIServices are always available' });
    await here.cluster.client.delete(API_SERVICES, { name: other });
  });

  test('who claims a built-in group gets its requests; who lets go of it gives them back', async () => {
    const apps = await here.cluster.client.get(API_SERVICES, { name: 'v1.apps' });
    const service = { namespace: 'default', name: 'extension', port: here.backend.port };
    await here.cluster.client.patch(API_SERVICES, { name: 'v1.apps' }, 'merge', { spec: { service, caBundle: here.backend.caBundle } });
    await until(here.cluster.client, API_SERVICES, { name: 'v1.apps' }, (one) => conditionOf(one)?.reason === 'Passed');
    expect(JSON.parse((await here.ask('/apis/apps/v1/deployments')).text)).toMatchObject({ url: '/apis/apps/v1/deployments' });
    await here.cluster.client
      .update(API_SERVICES, { ...apps, metadata: { ...apps.metadata, resourceVersion: undefined as never } })
      .catch(async () => {
        await here.cluster.client.patch(API_SERVICES, { name: 'v1.apps' }, 'merge', { spec: { service: null, caBundle: null } });
      });
    expect(JSON.parse((await here.ask('/apis/apps/v1/deployments')).text)).toMatchObject({ kind: 'DeploymentList' });
  });
});

describe('API services of custom resources', () => {
  const CRD: ResourceType = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
  };
  const widgets = 'v1.crd.example.com';

  test('come and go with their definitions, and are mended', async () => {
    const schema = { openAPIV3Schema: { type: 'object' } };
    await here.cluster.client.create(CRD, {
      metadata: { name: 'widgets.crd.example.com' },
      spec: {
        group: 'crd.example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    } as never);
    const made = await until(here.cluster.client, API_SERVICES, { name: widgets }, () => true);
    expect([made.metadata.labels, made.spec, conditionOf(made)?.reason]).toEqual([
      { 'kube-aggregator.kubernetes.io/automanaged': 'true' },
      { group: 'crd.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
      'Local',
    ]);
    await here.cluster.client.delete(API_SERVICES, { name: widgets });
    const again = await until(here.cluster.client, API_SERVICES, { name: widgets }, () => true);
    expect(again.metadata.uid).not.toBe(made.metadata.uid);
    await here.cluster.client.patch(API_SERVICES, { name: widgets }, 'merge', { spec: { groupPriorityMinimum: 5000 } });
    await until(
      here.cluster.client,
      API_SERVICES,
      { name: widgets },
      ({ spec, metadata }) => spec?.groupPriorityMinimum === 1000 && metadata.resourceVersion !== again.metadata.resourceVersion,
    );
    await here.cluster.client.delete(CRD, { name: 'widgets.crd.example.com' });
    await untilGone(here.cluster.client, API_SERVICES, { name: widgets });
  });

  test('a built-in one that is deleted stays away, and what it named is served on', async () => {
    await here.cluster.client.delete(API_SERVICES, { name: 'v1.batch' });
    const { groups } = (await here.documentOf('/apis')) as { groups: { name: string }[] };
    expect(groups.map((one) => one.name)).not.toContain('batch');
    expect(JSON.parse((await here.ask('/apis/batch/v1/jobs')).text)).toMatchObject({ kind: 'JobList' });
    expect((await here.documentOf('/apis/batch')) as unknown).toMatchObject({ name: 'batch' });
  });
});

test('requests for this server are not held up by one that hangs', async () => {
  here.answer = () => undefined;
  const hanging = here.ask(`${root}/flunders?timeout=1s`);
  await here.cluster.client.create(CONFIG_MAPS, { metadata: { name: 'meanwhile', namespace: 'default' } });
  expect((await hanging).status).toBe(504);
});
