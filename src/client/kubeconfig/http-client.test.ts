import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ApiError } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import { DEPLOYMENTS, NODES, PODS } from '../resources.js';
import { createHttpClient, type HttpClient } from './http-client.js';
import { createLineSplitter } from './watch-stream.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function withServer(
  answer: Answer,
  run: (client: HttpClient, seen: Seen[], clock: ReturnType<typeof manualClock>) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      seen.push({
        method: request.method!,
        url: request.url!,
        contentType: request.headers['content-type'],
        authorization: request.headers.authorization,
        body: text === '' ? undefined : JSON.parse(text),
      });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = manualClock();
  const client = await createHttpClient({
    config: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`, token: 'secret' },
    clock,
  });
  try {
    await run(client, seen, clock);
  } finally {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const json =
  (value: unknown, code = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

test('requests have the paths, queries, types and bodies of the API', async () => {
  await withServer(json({ kind: 'X', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name: 'a' } }] }), async (client, seen) => {
    await client.get(NODES, { name: 'n/0' });
    const list = await client.list(PODS, { namespace: 'a', labelSelector: 'x in (a,b)', limit: 5 });
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
    await client.create(DEPLOYMENTS, { metadata: { name: 'd', namespace: 'a' } }, { dryRun: true, fieldManager: 'me' });
    await client.create(PODS, { kind: 'Binding', metadata: { name: 'p', namespace: 'a' } }, { subresource: 'binding' });
    await client.update(PODS, { metadata: { name: 'p', namespace: 'a' } }, { subresource: 'status' });
    await client.patch(PODS, { namespace: 'a', name: 'p' }, 'apply', { a: 1 }, { force: true });
    await client.patch(PODS, { namespace: 'a', name: 'p' }, 'strategic', { a: 1 });
    await client.delete(PODS, { namespace: 'a', name: 'p' }, { gracePeriodSeconds: 0, dryRun: true });
    await client.deleteCollection(PODS, { namespace: 'a', fieldSelector: 'spec.nodeName=n' });
    expect(seen.map(({ method, url, contentType }) => `${method} ${url} ${contentType ?? ''}`.trim())).toEqual([
      'GET /base/api/v1/nodes/n%2F0',
      'GET /base/api/v1/namespaces/a/pods?labelSelector=x+in+%28a%2Cb%29&limit=5',
      'POST /base/apis/apps/v1/namespaces/a/deployments?dryRun=All&fieldManager=me application/json',
      'POST /base/api/v1/namespaces/a/pods/p/binding application/json',
      'PUT /base/api/v1/namespaces/a/pods/p/status application/json',
      'PATCH /base/api/v1/namespaces/a/pods/p?fieldManager=kubedouble&force=true application/apply-patch+yaml',
      'PATCH /base/api/v1/namespaces/a/pods/p application/strategic-merge-patch+json',
      'DELETE /base/api/v1/namespaces/a/pods/p application/json',
      'DELETE /base/api/v1/namespaces/a/pods?fieldSelector=spec.nodeName%3Dn application/json',
    ]);
    expect(seen.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
    expect(seen[2]!.body).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'a' } });
    expect(seen[7]!.body).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, dryRun: ['All'] });
    await expect(client.get(PODS, { name: 'p' })).rejects.toMatchObject({ code: 400 });
  });
});

test('errors come from Status bodies, plain texts and broken connections', async () => {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 404,
    reason: 'NotFound',
    message: 'pods "x" not found',
    details: { name: 'x', kind: 'pods' },
  };
  await withServer(json(status, 404), async (client) => {
    await expect(client.get(PODS, { namespace: 'a', name: 'x' })).rejects.toMatchObject({
      name: 'ApiError',
      code: 404,
      reason: 'NotFound',
      message: 'pods "x" not found',
    });
  });
  await withServer(
    (_request, response) => void response.writeHead(404).end('404 page not found\n'),
    async (client) => {
      await expect(client.get(PODS, { namespace: 'a', name: 'x' })).rejects.toMatchObject({
        name: 'ApiError',
        code: 404,
        message: '404 page not found',
      });
    },
  );
  await withServer(
    (request) => void request.socket.destroy(),
    async (client) => {
      await expect(client.get(PODS, { namespace: 'a', name: 'x' })).rejects.toMatchObject({
        name: 'ApiError',
        code: 503,
        reason: 'ServiceUnavailable',
      });
    },
  );
});

test('comes back when the server says 429 with Retry-After', async () => {
  let answers = 0;
  const answer: Answer = (request, response) =>
    (answers++ === 0 ? json({ kind: 'Status', code: 429, reason: 'TooManyRequests' }, 429, { 'retry-after': '3' }) : json({ kind: 'Pod' }))(
      request,
      response,
    );
  await withServer(answer, async (client, _seen, clock) => {
    const request = client.get(PODS, { namespace: 'a', name: 'x' });
    while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(answers).toBe(1);
    await clock.advance(3000);
    await request;
    expect(answers).toBe(2);
  });
});

test('a watch gets events, whatever the chunks, and the error at its end', async () => {
  const pod = (name: string) => ({ type: 'ADDED', object: { kind: 'Pod', metadata: { name } } });
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
  const text = [pod('é1'), pod('b'), gone].map((event) => `${JSON.stringify(event)}\n`).join('');
  const bytes = Buffer.from(text);
  const answer: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(bytes.subarray(0, 48));
    setImmediate(() => response.write(bytes.subarray(48)));
  };
  await withServer(answer, async (client, seen) => {
    const names: string[] = [];
    const error = await new Promise<ApiError | undefined>((resolve) => {
      client.watch<Pod>(
        PODS,
        { resourceVersion: '5', allowWatchBookmarks: true },
        { event: ({ object }) => void names.push(object.metadata.name), end: resolve },
      );
    });
    expect(names).toEqual(['é1', 'b']);
    expect(error).toMatchObject({ code: 410, reason: 'Expired' });
    expect(seen[0]!.url).toBe('/base/api/v1/pods?resourceVersion=5&allowWatchBookmarks=true&watch=true');
  });
});

test('a stopped watch tells nothing, not even its end', async () => {
  await withServer(
    (_request, response) => void response.writeHead(200).flushHeaders(),
    async (client, seen) => {
      const told: unknown[] = [];
      const watch = client.watch(PODS, {}, { event: (event) => void told.push(event), end: (error) => void told.push(error) });
      while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
      watch.stop();
      await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual([]);
    },
  );
});

test('lines are split across chunks of any size', () => {
  const text = 'one\ntwo äö\n\nthree\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const split = createLineSplitter((line) => void lines.push(line));
    for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
    expect(lines).toEqual(['one', 'two äö', 'three']);
  }
});

test('discovery falls back to the documents of each group', async () => {
  const documents: Record<string, unknown> = {
    '/base/api': { kind: 'APIVersions', versions: ['v1'] },
    '/base/apis': {
      kind: 'APIGroupList',
      groups: [
        { versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }], preferredVersion: { groupVersion: 'apps/v1' } },
      ],
    },
    '/base/api/v1': {
      resources: [
        { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list', 'watch'] },
        { name: 'pods/status', kind: 'Pod', namespaced: true, verbs: ['get'] },
        { name: 'bindings', kind: 'Binding', namespaced: true, verbs: ['create'] },
      ],
    },
    '/base/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list', 'watch'] }] },
    '/base/apis/apps/v1beta1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list', 'watch'] }] },
  };
  await withServer(
    (request, response) => json(documents[request.url!])(request, response),
    async (client) => {
      expect((await client.discover()).map(({ group, version, resource }) => [group, version, resource])).toEqual([
        ['', 'v1', 'pods'],
        ['apps', 'v1', 'deployments'],
      ]);
    },
  );
});
