import { readFileSync } from 'node:fs';
import type { Registry } from '../../registry/index.js';
import { createDiscovery, type Discovery, type DocumentResponse } from './index.js';
import { recordedRegistry, cronTab } from './testing/registry.js';

const recorded = (file: string): Record<string, unknown> => JSON.parse(readFileSync(`openapi/${file}`, 'utf8'));
const text = (response: DocumentResponse | undefined): string => new TextDecoder().decode(response!.body);
/** What tests look at in a document. */
interface Document {
  readonly kind: string;
  readonly groups: readonly { readonly name: string }[];
  readonly resources: readonly { readonly name: string; readonly group?: string; readonly version?: string }[];
  readonly items: readonly { readonly versions: readonly { readonly resources: readonly unknown[] }[] }[];
}
const document = (response: DocumentResponse | undefined): Document => JSON.parse(text(response));
const asAggregated = 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';
const kubectl = `application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

describe('discovery', () => {
  let registry: Registry;
  let discovery: Discovery;
  beforeEach(() => {
    registry = recordedRegistry();
    discovery = createDiscovery({ registry, serverAddress: () => '127.0.0.1:35443' });
  });

  test('every document is the recorded one', () => {
    const documents = recorded('discovery.json');
    expect(Object.keys(documents).length).toBeGreaterThan(40);
    for (const [path, expected] of Object.entries(documents)) {
      const response = discovery.respond(path, {});
      expect(response?.headers).toEqual({ 'cache-control': 'no-cache, private', 'content-type': 'application/json' });
      expect({ path, document: document(response) }).toEqual({ path, document: expected });
      expect(text(discovery.respond(`${path}/`, {}))).toBe(text(response));
    }
  });

  test('the aggregated documents are the recorded ones, with an ETag', () => {
    for (const [path, expected] of Object.entries(recorded('discovery-aggregated.json'))) {
      const response = discovery.respond(path, { accept: kubectl })!;
      expect(document(response)).toEqual(expected);
      expect(response.headers).toEqual({
        'cache-control': 'public',
        'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        etag: expect.stringMatching(/^"[0-9A-F]{128}"$/),
        vary: 'Accept',
      });
      const again = discovery.respond(path, { accept: kubectl, 'if-none-match': response.headers.etag })!;
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, response.headers.etag]);
      expect(discovery.respond(path, { accept: kubectl, 'if-none-match': '"other"' })!.status).toBe(200);
    }
  });

  test('the form is chosen as the real server does', () => {
    const kindOf = (path: string, accept: string): [number, string] => {
      const response = discovery.respond(path, { accept });
      return [response!.status, document(response).kind];
    };
    expect(kindOf('/apis', `application/json, ${asAggregated}`)).toEqual([200, 'APIGroupDiscoveryList']);
    expect(kindOf('/apis', `${asAggregated};profile=nopeer`)).toEqual([200, 'APIGroupDiscoveryList']);
    expect(kindOf('/apis', 'application/*')).toEqual([200, 'APIGroupList']);
    expect(kindOf('/api', 'text/html;q=0.1, */*;q=0.8')).toEqual([200, 'APIVersions']);
    expect(kindOf('/api', 'application/json;as=Table;g=meta.k8s.io;v=v1')).toEqual([406, 'Status']);
    expect(kindOf('/apis', 'application/json;v=v2beta1;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList')).toEqual([406, 'Status']);
    expect(kindOf('/apis/apps', asAggregated)).toEqual([406, 'Status']);
    expect(kindOf('/apis/apps', 'application/yaml')).toEqual([406, 'Status']);
    expect(document(discovery.respond('/api/v1', { accept: 'application/*' }))).toMatchObject({
      message: '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      details: {},
      reason: 'NotAcceptable',
    });
    expect(document(discovery.respond('/apis', { accept: 'text/html' }))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      reason: 'NotAcceptable',
      code: 406,
    });
  });

  test('other media types go through an encoder', () => {
    const encoders = new Map([
      ['application/yaml', (value: unknown) => new TextEncoder().encode(`yaml of ${(value as { kind: string }).kind}`)],
    ]);
    const withYaml = createDiscovery({ registry, serverAddress: () => 'localhost:1', encoders });
    const response = withYaml.respond('/apis', { accept: 'application/vnd.kubernetes.protobuf, application/yaml, application/json' });
    expect([response!.headers['content-type'], text(response)]).toEqual(['application/yaml', 'yaml of APIGroupList']);
    const inOne = withYaml.respond('/api', { accept: asAggregated.replace('json', 'yaml') });
    expect(text(inOne)).toBe('yaml of APIGroupDiscoveryList');
  });

  test('what does not exist', () => {
    for (const path of ['/', '/apiz', '/apis/nope', '/apis//', '/apis/nope/v1', '/apis/apps/v1/deployments', '/api/v1/pods', 'apis', '']) {
      expect([path, discovery.respond(path, {})]).toEqual([path, undefined]);
    }
    for (const path of ['/api/v9', '/apis/apps/v9', '/apis/apps/v9/', '/apis/apps/__proto__']) {
      const response = discovery.respond(path, { 'user-agent': 'x' });
      expect(response!.status).toBe(404);
      expect(text(response)).toBe(
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}\n',
      );
    }
  });

  test('JSON is indented when asked, and for people', () => {
    const api =
      '{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:35443"}]}\n';
    const indented = JSON.stringify(JSON.parse(api), null, 2);
    const ask = (agent: string, query: string): string => text(discovery.respond('/api', { 'user-agent': agent }, query));
    expect(ask('kubectl/v1.36', '')).toBe(api);
    expect(ask('kubectl/v1.36', 'pretty=1')).toBe(indented);
    expect(ask('kubectl/v1.36', 'pretty')).toBe(api);
    expect(ask('curl/8.5', '')).toBe(indented);
    expect(ask('curl/8.5', 'pretty=false')).toBe(api);
  });

  test('custom resources come and go', () => {
    const before = discovery.respond('/apis', { accept: asAggregated })!;
    const kind = cronTab(registry, { type: 'object' });
    registry.add(kind);
    expect(document(discovery.respond('/apis', {})).groups.at(-1)!.name).toBe('stable.example.com');
    const resources = document(discovery.respond('/apis/stable.example.com/v1', {})).resources;
    expect(resources.map((one) => [one.name, one.group, one.version])).toEqual([
      ['crontabs', undefined, undefined],
      ['crontabs/status', undefined, undefined],
      ['crontabs/scale', 'autoscaling', 'v1'],
    ]);
    const after = discovery.respond('/apis', { accept: asAggregated, 'if-none-match': before.headers.etag })!;
    expect(after.status).toBe(200);
    const own = { group: 'stable.example.com', version: 'v1', kind: 'CronTab' };
    expect(document(after).items.at(-1)!.versions[0]!.resources[0]).toMatchObject({
      responseKind: own,
      subresources: [
        { subresource: 'status', responseKind: own },
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
      ],
    });
    registry.remove(kind);
    expect(discovery.respond('/apis/stable.example.com', {})).toBeUndefined();
    expect(discovery.respond('/apis', { accept: asAggregated })!.headers.etag).toBe(before.headers.etag);
  });
});
