import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DocumentResponse, RequestHeaders } from '../discovery/index.js';
import { cronTab, recordedRegistry } from '../discovery/testing/registry.js';
import { createOpenApi, type OpenApi } from './index.js';
import { messagesV2 } from './protobuf/messages-v2.js';
import { messagesV3 } from './protobuf/messages-v3.js';
import { decodeMessage } from './testing/decode.js';
import { digestOf, digestOfRest, withoutTexts } from './testing/digest.js';
import { factsWith } from './testing/facts.js';

/** What a real kube-apiserver v1.36.3 publishes, as digests without texts; a few paths and definitions as the protobuf it sent. */
interface Recorded {
  readonly documents: Readonly<Record<string, string>>;
  readonly v2: string;
  readonly paths: Readonly<Record<string, readonly [v3: string, v2: string]>>;
  readonly protobuf: { readonly v2: string; readonly v3: string };
}
const recorded = JSON.parse(readFileSync('src/apiserver/openapi/testing/recorded.json', 'utf8')) as Recorded;

/** What tests look at in a document. */
interface Document {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL?: string }>>;
  readonly definitions: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const protobufV2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const protobufV3 = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
const version = 'v1.36.3';

describe('OpenAPI', () => {
  const registry = recordedRegistry();
  const clock = { now: () => Date.UTC(2026, 10, 21, 12, 0, 0, 500) };
  const openApi = createOpenApi({ registry, facts: factsWith(), version, clock });
  const ask = (path: string, headers: RequestHeaders = {}, query = '', of: OpenApi = openApi): DocumentResponse =>
    of.respond(path, query, headers)!;
  const parse = (response: DocumentResponse): Document => JSON.parse(new TextDecoder().decode(response.body));

  test('version 3 is what the real server publishes', () => {
    const index = parse(ask('/openapi/v3'));
    expect(Object.keys(index.paths)).toEqual(Object.keys(recorded.documents));
    const seen: Record<string, string> = {};
    for (const [name, { serverRelativeURL }] of Object.entries(index.paths)) {
      expect(serverRelativeURL).toMatch(new RegExp(`^/openapi/v3/${name}\\?hash=[0-9A-F]{128}$`));
      const document = parse(ask(`/openapi/v3/${name}`));
      expect([name, digestOfRest(document)]).toEqual([name, recorded.documents[name]]);
      for (const [path, item] of Object.entries(document.paths)) seen[path] = digestOf(item);
    }
    const expected = Object.fromEntries(Object.entries(recorded.paths).map(([path, [digest]]) => [path, digest]));
    expect(seen).toEqual(expected);
  });

  test('version 2 is what the real server publishes', () => {
    const response = ask('/openapi/v2');
    expect(response.headers).toMatchObject({ 'content-type': 'application/json', vary: 'Accept-Encoding, Accept' });
    const document = parse(response);
    expect(digestOfRest(document)).toBe(recorded.v2);
    const seen = Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [path, digestOf(item)]));
    expect(seen).toEqual(Object.fromEntries(Object.entries(recorded.paths).map(([path, [, digest]]) => [path, digest])));
    expect(Object.keys(document.paths)).toEqual(Object.keys(document.paths).sort());
  });

  test('protobuf says the same as JSON', () => {
    const v2 = ask('/openapi/v2', { accept: protobufV2 });
    expect(v2.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(decodeMessage(messagesV2, 'Document', v2.body)).toEqual(parse(ask('/openapi/v2')));
    for (const name of ['version', 'api/v1', 'apis/apiextensions.k8s.io/v1']) {
      const v3 = ask(`/openapi/v3/${name}`, { accept: protobufV3 });
      expect(v3.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
      expect(decodeMessage(messagesV3, 'Document', v3.body)).toEqual(withoutObjectDefaults(parse(ask(`/openapi/v3/${name}`))));
    }
  });

  test("the real server's protobuf decodes to our documents", () => {
    const theirs = decodeMessage(messagesV2, 'Document', Buffer.from(recorded.protobuf.v2, 'base64')) as Document;
    const ours = parse(ask('/openapi/v2'));
    expect(Object.keys(theirs.paths).length + Object.keys(theirs.definitions).length).toBe(9);
    for (const [path, item] of Object.entries(theirs.paths)) expect(withoutTexts(ours.paths[path])).toEqual(withoutTexts(item));
    for (const [name, one] of Object.entries(theirs.definitions)) expect(withoutTexts(ours.definitions[name])).toEqual(withoutTexts(one));
    const rest = (document: Document): unknown => withoutTexts({ ...document, paths: {}, definitions: {} });
    expect(rest(ours)).toEqual(rest(theirs));

    const theirV3 = decodeMessage(messagesV3, 'Document', Buffer.from(recorded.protobuf.v3, 'base64')) as Document;
    const ourV3 = withoutObjectDefaults(parse(ask('/openapi/v3/apis/scheduling.k8s.io/v1'))) as Document;
    expect(Object.keys(theirV3.paths).length + Object.keys(theirV3.components.schemas).length).toBe(4);
    for (const [path, item] of Object.entries(theirV3.paths)) expect(withoutTexts(ourV3.paths[path])).toEqual(withoutTexts(item));
    for (const [name, one] of Object.entries(theirV3.components.schemas)) {
      expect(withoutTexts(ourV3.components.schemas[name])).toEqual(withoutTexts(one));
    }
  });

  test('hashes, ETags and redirects', () => {
    const index = ask('/openapi/v3');
    expect(index.headers).toEqual({
      'cache-control': 'no-cache, private',
      'content-type': 'text/plain; charset=utf-8',
      'last-modified': 'Sat, 21 Nov 2026 12:00:00 GMT',
    });
    const hash = parse(index).paths['apis/apps/v1']!.serverRelativeURL!.split('=')[1]!;
    const path = '/openapi/v3/apis/apps/v1';
    const etag = `"${hash}"`;
    const plain = { 'cache-control': 'no-cache, private', etag, vary: 'Accept' };
    const lasting = { 'cache-control': 'public, immutable', expires: 'Sun, 21 Nov 2027 12:00:00 UTC', etag, vary: 'Accept' };
    const document = { 'content-type': 'application/json', 'last-modified': 'Sat, 21 Nov 2026 12:00:00 GMT' };
    expect(ask(path).headers).toEqual({ ...plain, ...document });
    expect(ask(path, {}, 'hash=').headers).toEqual({ ...plain, ...document });
    expect(ask(path, {}, `hash=${hash}&timeout=32s`).headers).toEqual({ ...lasting, ...document });
    expect(ask(path, {}, 'hash=BAD&timeout=32s')).toEqual({
      status: 301,
      headers: { ...plain, 'content-type': 'application/json', location: `${path}?hash=${hash}` },
      body: new Uint8Array(0),
    });
    const empty = new Uint8Array(0);
    expect(ask(path, { 'if-none-match': etag })).toEqual({ status: 304, headers: plain, body: empty });
    expect(ask(path, { 'if-none-match': etag }, `hash=${hash}`)).toEqual({ status: 304, headers: lasting, body: empty });
    expect(ask(path, { 'if-none-match': '"x"', 'if-modified-since': document['last-modified'] }).status).toBe(200);
    expect(ask(path, { 'if-modified-since': document['last-modified'] }).status).toBe(304);
    expect(ask(path, { 'if-modified-since': 'no date' }).status).toBe(200);
    expect(ask('/openapi/v2', { 'if-none-match': ask('/openapi/v2').headers.etag }).status).toBe(304);
  });

  test('forms that a client may ask for', () => {
    const status = (path: string, accept: string): number => ask(path, { accept }).status;
    expect(ask('/openapi/v3/version', { accept: 'text/html' })).toEqual({
      status: 406,
      headers: { 'cache-control': 'no-cache, private', vary: 'Accept' },
      body: new Uint8Array(0),
    });
    expect(status('/openapi/v3/version', 'application/*')).toBe(200);
    expect(status('/openapi/v3/version', protobufV2)).toBe(406);
    expect(status('/openapi/v2', 'application/com.github.googleapis.gnostic.OpenAPIv2@v1+protobuf')).toBe(406);
    expect(status('/openapi/v3', 'application/yaml')).toBe(200);
    const preferred = ask('/openapi/v2', { accept: `application/json;q=0.9, ${protobufV2}` });
    expect(preferred.headers['content-type']).toContain('protobuf');
    const gzipped = ask('/openapi/v2', { 'accept-encoding': 'br, gzip' });
    expect(gzipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzipped.body).equals(ask('/openapi/v2', { 'accept-encoding': 'gzip;q=0' }).body)).toBe(true);
    expect(ask('/openapi/v3/apis/apps/v1', { 'accept-encoding': 'gzip' }).headers['content-encoding']).toBeUndefined();
  });

  test('what does not exist', () => {
    const missing = { status: 404, headers: { 'cache-control': 'no-cache, private' }, body: new Uint8Array(0) };
    for (const name of ['', 'nope', 'version/', 'apis/apps/v1/', 'apis/apps/v9', '__proto__', 'constructor']) {
      expect([name, ask(`/openapi/v3/${name}`)]).toEqual([name, missing]);
    }
    for (const path of ['/openapi', '/openapi/', '/openapi/v2/', '/openapi/v4', '/api/v1'])
      expect(openApi.respond(path, '', {})).toBeUndefined();
  });

  test('texts are put in where the build has made them', () => {
    const deployment = 'io.k8s.api.apps.v1.Deployment';
    const texts = { [deployment]: { description: 'Deploys.', properties: { spec: 'What to deploy.', nope: 'Not there.' } } };
    const facts = factsWith({ 'texts/apis_apps_v1.json': texts, 'texts/v2-definitions.json': texts });
    const explained = createOpenApi({ registry, facts, version, clock });
    const v3 = parse(ask('/openapi/v3/apis/apps/v1', {}, '', explained));
    const spec = { allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' }], default: {} };
    expect(v3.components.schemas[deployment]).toMatchObject({
      description: 'Deploys.',
      properties: { spec: { description: 'What to deploy.', ...spec } },
    });
    expect(digestOfRest(v3)).toBe(recorded.documents['apis/apps/v1']);
    const v2 = parse(ask('/openapi/v2', {}, '', explained));
    expect(v2.definitions[deployment]).toMatchObject({ description: 'Deploys.', properties: { spec: { description: 'What to deploy.' } } });
    expect(digestOfRest(v2)).toBe(recorded.v2);
    expect(ask('/openapi/v3/apis/apps/v1', {}, '', explained).headers.etag).not.toBe(ask('/openapi/v3/apis/apps/v1').headers.etag);
  });

  test('nothing is read before a request, and a document is built once', () => {
    const read: string[] = [];
    const facts = factsWith();
    const counting = createOpenApi({
      registry,
      facts: {
        read: (file) => {
          read.push(file);
          return facts.read(file);
        },
      },
      version,
      clock,
    });
    expect(read).toEqual([]);
    const first = ask('/openapi/v3/apis/batch/v1', {}, '', counting);
    const files = read.length;
    expect(files).toBeGreaterThan(0);
    expect(ask('/openapi/v3/apis/batch/v1', {}, '', counting).body).toBe(first.body);
    expect(read.length).toBe(files);
  });

  test('custom resources come and go; what did not change keeps its hash', () => {
    const registry = recordedRegistry();
    const openApi = createOpenApi({ registry, facts: factsWith(), version, clock });
    const before = parse(ask('/openapi/v3', {}, '', openApi)).paths;
    const v2 = ask('/openapi/v2', {}, '', openApi).headers.etag;
    const kind = cronTab(registry, { type: 'object', properties: { spec: { type: 'string' } } });
    registry.add(kind);
    const after = parse(ask('/openapi/v3', {}, '', openApi)).paths;
    expect(Object.keys(after).filter((name) => !(name in before))).toEqual(['apis/stable.example.com/v1']);
    expect(after['apis/apps/v1']).toEqual(before['apis/apps/v1']);
    expect(ask('/openapi/v2', {}, '', openApi).headers.etag).not.toBe(v2);
    expect(parse(ask('/openapi/v2', {}, '', openApi)).definitions).toHaveProperty(['com.example.stable.v1.CronTab']);
    const url = after['apis/stable.example.com/v1'];
    registry.add({ ...kind, customSchema: { type: 'object' } });
    expect(parse(ask('/openapi/v3', {}, '', openApi)).paths['apis/stable.example.com/v1']).not.toEqual(url);
    registry.remove(kind);
    expect(ask('/openapi/v3/apis/stable.example.com/v1', {}, '', openApi).status).toBe(404);
    expect(ask('/openapi/v2', {}, '', openApi).headers.etag).toBe(v2);
  });
});

/** Protobuf has no place for a default that is an object or a list: the decoder sees an empty message, which reads as `{}`. */
function withoutObjectDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutObjectDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]: [string, unknown]) => [
      key,
      key === 'default' && Array.isArray(one) ? {} : withoutObjectDefaults(one),
    ]),
  );
}
