// Groups and versions that other servers have. The words are those of a real kube-apiserver v1.36.3, asked with the same backends.
import { connect as connectHttp2 } from 'node:http2';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { APIService } from '../../openapi/types/apiregistration.v1.js';
import type { ResourceType } from '../../src/client/client.js';
import { API_SERVICES, CONFIG_MAPS, SERVICES } from '../../src/client/resources.js';
import { startCluster, type Cluster, type KubeObject } from '../../src/index.js';
import { json, register, resourceList, startExtensionServer, type ExtensionServer } from '../support/extension-server.js';
import { targetOf } from '../support/kubeconfig.js';
import { until, untilGone } from '../support/until.js';

const group = 'wardle.example.com';
const version = 'v1alpha1';
const root = `/apis/${group}/${version}`;
const name = `${version}.${group}`;
const FLUNDERS: ResourceType = { group, version, resource: 'flunders', kind: 'Flunder', namespaced: true };
const verbs = ['create', 'delete', 'get', 'list', 'watch'];
const documents = resourceList(group, version, [{ name: 'flunders', kind: 'Flunder', verbs }]);

let cluster: Cluster;
let backend: ExtensionServer;
let target: ReturnType<typeof targetOf>;

/** What the backend does but for its documents. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver'], freeze: true });
  target = targetOf(cluster.kubeconfig);
  backend = await startExtensionServer(['extension.default'], (request, response) => {
    if (request.url === root) json(response, documents);
    else if (/^\/(apis|openapi\/v[23])$/.test(request.url ?? '')) json(response, {}, 404);
    else answer(request, response);
  });
  await register(cluster.client, backend, { group, version });
  await until(cluster.client, API_SERVICES, { name }, isAvailable);
});

afterAll(async () => {
  await cluster.stop();
  await backend.close();
});

beforeEach(() => {
  backend.requests.length = 0;
  answer = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => json(response, { method: request.method, url: request.url, body: Buffer.concat(chunks).toString() }));
  };
});

const isAvailable = (service: APIService): boolean => conditionOf(service)?.status === 'True';
const conditionOf = ({ status }: APIService) => status?.conditions?.find(({ type }) => type === 'Available');

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}
interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { url, cert, key, ca } = target;
    const sent = httpsRequest(new URL(path, url), { method, headers, cert, key, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const documentOf = async (path: string, accept = 'application/json'): Promise<never> =>
  JSON.parse((await ask(path, { headers: { accept } })).text) as never;

describe('what is passed on', () => {
  test('the path, the query, the method and the body, over HTTP/1.1 and HTTP/2', async () => {
    const sent = await ask(`${root}/namespaces/a/flunders?x=%2Fq&y`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(sent.status).toBe(200);
    expect(JSON.parse(sent.text)).toEqual({ method: 'POST', url: `${root}/namespaces/a/flunders?x=%2Fq&y`, body: '{"a":1}' });
    expect(sent.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    expect(JSON.parse((await ask(`${root}/flunders/a%2Fb/%20c`)).text)).toMatchObject({ url: `${root}/flunders/a/b/%20c` });

    const session = connectHttp2(target.url, { cert: target.cert, key: target.key, ca: target.ca });
    const stream = session.request({ ':method': 'DELETE', ':path': `${root}/namespaces/a/flunders/b` }, { endStream: false });
    stream.end('{"kind":"DeleteOptions"}');
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    session.close();
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({
      method: 'DELETE',
      url: `${root}/namespaces/a/flunders/b`,
      body: '{"kind":"DeleteOptions"}',
    });
  });

  test('who asks, and never whom the client would like to be', async () => {
    await ask(`${root}/flunders`, {
      headers: {
        'X-Remote-User': 'root',
        x_remote_user: 'root',
        'X-Remote-Group': 'system:masters',
        'X-Remote-Extra-Foo': 'bar',
        'X-Remote-Uid': '7',
        'X-Remote-Other': 'stays',
        Connection: 'X-Hop',
        'X-Hop': 'hop',
        'X-Forwarded-For': '9.9.9.9',
        'X-Forwarded-Host': 'elsewhere',
        Authorization: 'Bearer abc',
        'Impersonate-User': 'jane',
        'Impersonate-Uid': '66',
        'Impersonate-Group': ['system:masters', 'ops'],
        'Impersonate-Extra-Acme.com%2Fproject': 'a b',
      },
    });
    const { headers } = backend.requests[0]!;
    expect(headers).toMatchObject({
      'x-remote-user': 'jane',
      'x-remote-uid': '66',
      'x-remote-group': 'system:masters, ops, system:authenticated',
      'x-remote-extra-acme.com%2fproject': 'a b',
      'x-remote-other': 'stays',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-host': `localhost:${backend.port}`,
      'x-forwarded-uri': `${root}/flunders`,
      'x-forwarded-proto': 'https',
      host: `localhost:${backend.port}`,
    });
    const never = ['x_remote_user', 'x-remote-extra-foo', 'authorization', 'impersonate-user', 'impersonate-group', 'x-hop'];
    expect(Object.keys(headers).filter((one) => never.includes(one))).toEqual([]);
  });

  test('only what its user may ask for', async () => {
    const refused = await ask(`${root}/flunders`, { headers: { 'Impersonate-User': 'jane' } });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      403,
      {
        message:
          'flunders.wardle.example.com is forbidden: User "jane" cannot list resource "flunders" in API group "wardle.example.com" at the cluster scope',
      },
    ]);
    expect(backend.requests).toEqual([]);
  });

  test('a body and an answer larger than any buffer, piece by piece', async () => {
    const size = 24 * 1024 * 1024;
    let got = 0;
    answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (got += chunk.length));
      request.on('end', () => {
        response.writeHead(200);
        let left = size;
        const more = (): void => {
          while (left > 0) {
            left -= 65_536;
            if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
    };
    const { text } = await ask(`${root}/flunders`, { method: 'POST', body: Buffer.alloc(size, 'y') });
    expect([got, text.length]).toEqual([size, size]);
  });
});

describe('what goes wrong at the backend', () => {
  test.each([
    [
      'a redirect',
      502,
      'the backend attempted to redirect this request, which is not permitted',
      (response: ServerResponse) => {
        response.writeHead(302, { location: 'https://localhost/version' });
        response.end();
      },
    ],
    ['an error of its own', 503, '{"no":1}', (response: ServerResponse) => json(response, { no: 1 }, 503)],
    ['a connection that is closed', 503, 'error trying to reach service: EOF\n', (response: ServerResponse) => response.destroy()],
    [
      'what is no HTTP',
      503,
      'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response\n',
      (response: ServerResponse) => response.socket!.end('nonsense\r\n\r\n'),
    ],
    [
      'endless headers',
      503,
      'error trying to reach service: net/http: server response headers exceeded the limit\n',
      (response: ServerResponse) => {
        const socket = response.socket!;
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): void => {
          while (!socket.destroyed) if (!socket.write(`X-A: ${'a'.repeat(8000)}\r\n`)) return void socket.once('drain', more);
        };
        more();
      },
    ],
  ])('%s', async (_what, status, text, misbehave) => {
    answer = (_request, response) => misbehave(response);
    expect(await ask(`${root}/flunders`)).toMatchObject({ status, text });
  });

  test('an answer that breaks off does not look complete', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('abc', () => response.destroy());
    };
    await expect(ask(`${root}/flunders`)).rejects.toThrow('aborted');
  });

  test('no answer in the time that the client gave', async () => {
    let gone = false;
    const left = new Promise<void>((resolve) => {
      answer = (_request, response) =>
        response.once('close', () => {
          gone = true;
          resolve();
        });
    });
    expect(await ask(`${root}/flunders?timeout=300ms`)).toMatchObject({
      status: 504,
      text: expect.stringContaining('Timeout: request did not complete within the allotted timeout'),
    });
    await left;
    expect(gone).toBe(true);
  });

  test('a client that goes away takes the request to the backend with it', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.writeHead(200);
        response.write('{}\n');
        response.once('close', resolve);
      };
    });
    const { url, cert, key, ca } = target;
    const sent = httpsRequest(new URL(`${root}/flunders?watch=1`, url), { cert, key, ca, agent: false }, (response) =>
      response.once('data', () => sent.destroy()),
    );
    sent.on('error', () => undefined);
    sent.end();
    await left;
  });
});

test('a connection that goes on in another protocol is passed both ways', async () => {
  backend.upgrade = (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nX-Backend: yes\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  };
  const { url, cert, key, ca } = target;
  const echoed = await new Promise<string>((resolve, reject) => {
    const sent = httpsRequest(new URL(`${root}/namespaces/a/flunders/b`, url), {
      cert,
      key,
      ca,
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'X-Remote-User': 'eve',
        'Sec-WebSocket-Protocol': 'base64url.bearer.authorization.k8s.io.c2VjcmV0, v5',
      },
    });
    sent.on('upgrade', (response, socket) => {
      expect(response.headers['x-backend']).toBe('yes');
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write('hello');
    });
    sent.on('error', reject);
    sent.end();
  });
  expect(echoed).toBe('HELLO');
  expect(backend.requests[0]!.headers).toMatchObject({
    'x-remote-user': 'kubernetes-admin',
    'sec-websocket-protocol': 'v5',
    upgrade: 'websocket',
  });
});

describe('discovery', () => {
  test('names the group among the others, by its priority', async () => {
    const { groups } = (await documentOf('/apis')) as { groups: { name: string }[] };
    expect(groups.at(-1)).toEqual({
      name: group,
      versions: [{ groupVersion: `${group}/${version}`, version }],
      preferredVersion: { groupVersion: `${group}/${version}`, version },
    });
    expect(await documentOf(`/apis/${group}`)).toMatchObject({ kind: 'APIGroup', name: group });
    expect(await documentOf(root)).toEqual(documents);
    expect(await ask(`/apis/${group}/v2`)).toMatchObject({ status: 404, text: '404 page not found\n' });
    const { items } = (await documentOf('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')) as {
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
    expect((await cluster.client.discover()).find((one) => one.group === group)).toEqual({ ...FLUNDERS, verbs });
    answer = (_request, response) =>
      json(response, { kind: 'FlunderList', apiVersion: `${group}/${version}`, metadata: {}, items: [{ metadata: { name: 'a' } }] });
    const { items } = await cluster.client.list<KubeObject>(FLUNDERS, { namespace: 'default' });
    expect(items).toEqual([{ apiVersion: `${group}/${version}`, kind: 'Flunder', metadata: { name: 'a' } }]);
    expect(backend.requests.at(-1)).toMatchObject({
      url: `${root}/namespaces/default/flunders`,
      headers: { 'x-remote-user': 'kubernetes-admin' },
    });
    answer = (_request, response) => json(response, { kind: 'Status', code: 404, reason: 'NotFound', message: 'no such flunder' }, 404);
    await expect(cluster.client.get(FLUNDERS, { namespace: 'default', name: 'b' })).rejects.toThrow('no such flunder');
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
    until(cluster.client, API_SERVICES, { name: other }, (one) => conditionOf(one)?.reason === reason);

  test('says why nobody answers, and notices at once when the service comes', async () => {
    await cluster.client.create(API_SERVICES, apiService());
    expect(conditionOf(await said('ServiceNotFound'))).toMatchObject({
      status: 'False',
      message: 'service/other in "default" is not present',
    });
    expect(await ask('/apis/other.example.com/v1/things')).toMatchObject({
      status: 503,
      text: 'service unavailable\n',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const list = (await documentOf('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')) as {
      items: unknown[];
    };
    expect(list.items.at(-1)).toMatchObject({
      metadata: { name: 'other.example.com' },
      versions: [{ version: 'v1', resources: [], freshness: 'Stale' }],
    });

    await cluster.client.create(SERVICES, { metadata: service, spec: { ports: [{ port: 444, name: 'https' }] } });
    expect(conditionOf(await said('ServicePortError'))?.message).toBe('service/other in "default" is not listening on port 443');
    await cluster.client.patch(SERVICES, service, 'merge', { spec: { ports: [{ port: 443, name: 'https' }] } });
    expect(conditionOf(await said('EndpointsNotFound'))?.message).toBe('cannot find endpointslices for service/other in "default"');
    const slice: ResourceType = {
      group: 'discovery.k8s.io',
      version: 'v1',
      resource: 'endpointslices',
      kind: 'EndpointSlice',
      namespaced: true,
    };
    await cluster.client.create(slice, {
      metadata: { name: 'other-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'other' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 9 }],
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: false } }],
    } as never);
    expect(conditionOf(await said('MissingEndpoints'))?.message).toBe(
      'endpointslices for service/other in "default" have no addresses with port name "https"',
    );
    await cluster.client.delete(SERVICES, service);
    await cluster.client.create(SERVICES, { metadata: service, spec: { type: 'ExternalName', externalName: 'localhost' } } as never);
    await cluster.client.patch(API_SERVICES, { name: other }, 'merge', { spec: { service: { port: backend.port } } });
    const url = `https://localhost:${backend.port}/apis/other.example.com/v1`;
    answer = (_request, response) => json(response, {}, 404);
    const failed = await said('FailedDiscoveryCheck');
    expect(conditionOf(failed)?.message).toBe(`failing or missing response from ${url}: bad status from ${url}: 404`);
    answer = (_request, response) => json(response, {});
    await cluster.client.patch(SERVICES, service, 'merge', { metadata: { labels: { touched: 'yes' } } });
    expect(conditionOf(await said('Passed'))).toMatchObject({ status: 'True', message: 'all checks passed' });
  });

  test('a certificate of another service is not believed', async () => {
    await cluster.client.patch(API_SERVICES, { name: other }, 'merge', {
      spec: { insecureSkipTLSVerify: false, caBundle: backend.caBundle },
    });
    const url = `https://localhost:${backend.port}/apis/other.example.com/v1`;
    const { message = '' } = conditionOf(await said('FailedDiscoveryCheck')) ?? {};
    expect(message).toContain(
      `failing or missing response from ${url}: Get "${url}": tls: failed to verify certificate: x509: certificate is valid for `,
    );
    expect(message).toContain(', not other.default.svc');
    await cluster.client.patch(API_SERVICES, { name: other }, 'merge', { spec: { caBundle: Buffer.from('nonsense').toString('base64') } });
    await until(cluster.client, API_SERVICES, { name: other }, (one) => conditionOf(one)?.message?.includes('is valid for') === false);
    await cluster.client.patch(API_SERVICES, { name: other }, 'merge', { spec: { caBundle: null, service: null } });
    expect(conditionOf(await said('Local'))).toMatchObject({ status: 'True', message: 'Local APIServices are always available' });
    await cluster.client.delete(API_SERVICES, { name: other });
  });

  test('who claims a built-in group gets its requests; who lets go of it gives them back', async () => {
    const apps = await cluster.client.get(API_SERVICES, { name: 'v1.apps' });
    const service = { namespace: 'default', name: 'extension', port: backend.port };
    await cluster.client.patch(API_SERVICES, { name: 'v1.apps' }, 'merge', { spec: { service, caBundle: backend.caBundle } });
    await until(cluster.client, API_SERVICES, { name: 'v1.apps' }, (one) => conditionOf(one)?.reason === 'Passed');
    expect(JSON.parse((await ask('/apis/apps/v1/deployments')).text)).toMatchObject({ url: '/apis/apps/v1/deployments' });
    await cluster.client
      .update(API_SERVICES, { ...apps, metadata: { ...apps.metadata, resourceVersion: undefined as never } })
      .catch(async () => {
        await cluster.client.patch(API_SERVICES, { name: 'v1.apps' }, 'merge', { spec: { service: null, caBundle: null } });
      });
    expect(JSON.parse((await ask('/apis/apps/v1/deployments')).text)).toMatchObject({ kind: 'DeploymentList' });
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
    await cluster.client.create(CRD, {
      metadata: { name: 'widgets.crd.example.com' },
      spec: {
        group: 'crd.example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    } as never);
    const made = await until(cluster.client, API_SERVICES, { name: widgets }, () => true);
    expect([made.metadata.labels, made.spec, conditionOf(made)?.reason]).toEqual([
      { 'kube-aggregator.kubernetes.io/automanaged': 'true' },
      { group: 'crd.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
      'Local',
    ]);
    await cluster.client.delete(API_SERVICES, { name: widgets });
    const again = await until(cluster.client, API_SERVICES, { name: widgets }, () => true);
    expect(again.metadata.uid).not.toBe(made.metadata.uid);
    await cluster.client.patch(API_SERVICES, { name: widgets }, 'merge', { spec: { groupPriorityMinimum: 5000 } });
    await until(
      cluster.client,
      API_SERVICES,
      { name: widgets },
      ({ spec, metadata }) => spec?.groupPriorityMinimum === 1000 && metadata.resourceVersion !== again.metadata.resourceVersion,
    );
    await cluster.client.delete(CRD, { name: 'widgets.crd.example.com' });
    await untilGone(cluster.client, API_SERVICES, { name: widgets });
  });

  test('a built-in one that is deleted stays away, and what it named is served on', async () => {
    await cluster.client.delete(API_SERVICES, { name: 'v1.batch' });
    const { groups } = (await documentOf('/apis')) as { groups: { name: string }[] };
    expect(groups.map((one) => one.name)).not.toContain('batch');
    expect(JSON.parse((await ask('/apis/batch/v1/jobs')).text)).toMatchObject({ kind: 'JobList' });
    expect((await documentOf('/apis/batch')) as unknown).toMatchObject({ name: 'batch' });
  });
});

test('requests for this server are not held up by one that hangs', async () => {
  answer = () => undefined;
  const hanging = ask(`${root}/flunders?timeout=1s`);
  await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'meanwhile', namespace: 'default' } });
  expect((await hanging).status).toBe(504);
});
