// The least that a Node server can do: HTTP/2 over TLS, no storage, the same bytes for every request. Figures are read against it.
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadClusterCertificates } from '../src/apiserver/certificates/cluster-certificates.js';
import { kubeconfigFor, writeKubeconfig } from '../src/apiserver/certificates/kubeconfig.js';
import { serverCiphers } from '../src/apiserver/http/ciphers.js';
import { realRandom } from '../src/clock/random.js';
import { realClock } from '../src/clock/real-clock.js';
import { pod } from './load/pod.js';

/** A pod that a server returns, with its status and managed fields, has about this many bytes. */
const podBytes = 3700;
/** The load's pods have one of so many values of the label that it lists by. */
const labels = 50;
/** Pods that the load creates before those it is asked for. */
const sequential = 200;

const [folder, pods] = [process.argv[2]!, Number(process.argv[3])];
const onePod = padded(pod(7));
const allPods = listOf(pods + sequential);
const podsOfLabel = listOf(Math.min(100, Math.floor(pods / labels)));
const noNamespaces = Buffer.from('{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[]}');
const version = Buffer.from('{"major":"","minor":"","gitVersion":"none"}');
const watchers = new Set<ServerHttp2Stream>();

function padded(value: object): Buffer {
  const text = JSON.stringify(value);
  return Buffer.from(JSON.stringify({ ...value, status: { message: 'x'.repeat(Math.max(0, podBytes - text.length)) } }));
}

function listOf(length: number): Buffer {
  return Buffer.from(
    `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[${new Array<string>(length).fill(onePod.toString()).join(',')}]}`,
  );
}

function answer(stream: ServerHttp2Stream, status: number, body: Buffer): void {
  stream.respond({ ':status': status, 'content-type': 'application/json', 'content-length': body.length });
  stream.end(body);
}

function read(stream: ServerHttp2Stream, path: string): void {
  if (path.includes('watch=true')) {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    watchers.add(stream);
    stream.on('close', () => watchers.delete(stream));
  } else if (path === '/version') answer(stream, 200, version);
  else if (path === '/api/v1/namespaces') answer(stream, 200, noNamespaces);
  else if (path.includes('labelSelector=')) answer(stream, 200, podsOfLabel);
  else if (/\/pods(\?|$)/.test(path)) answer(stream, 200, allPods);
  else answer(stream, 200, onePod);
}

/** What a server adds to a ConfigMap, in the load's own names and lengths: a watcher's work is to read these bytes. */
const added = {
  uid: '6b8a7a4e-2b0d-4e1f-9a53-2d0d4d8e2c11',
  resourceVersion: '123456',
  creationTimestamp: '2026-01-01T00:00:00Z',
  managedFields: [
    {
      manager: 'bench',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { '.': {}, 'f:t': {} } },
    },
  ],
};

/** ConfigMaps come back with what a server adds, and go to every watcher; all else is a pod. */
function write(stream: ServerHttp2Stream, method: string, path: string, body: Buffer): void {
  const [, namespace] = /\/namespaces\/([^/]+)\/configmaps/.exec(path) ?? [];
  if (namespace === undefined) return answer(stream, method === 'POST' ? 201 : 200, path.includes('/pods') ? onePod : body);
  const sent = JSON.parse(body.toString()) as { readonly metadata: object };
  const object = JSON.stringify({ ...sent, metadata: { ...sent.metadata, namespace, ...added } });
  answer(stream, method === 'POST' ? 201 : 200, Buffer.from(object));
  const event = Buffer.from(`{"type":"MODIFIED","object":${object}}\n`);
  for (const watcher of watchers) watcher.write(event);
}

const random = realRandom();
const certificates = await loadClusterCertificates({ clock: realClock(), random, bindAddress: '127.0.0.1', folder });
const server = createSecureServer({
  cert: certificates.server.certificate,
  key: certificates.server.key,
  ciphers: serverCiphers(),
  // In megabytes: two lists of all pods wait at once, and Node ends the streams of a session that holds more than this.
  maxSessionMemory: 200,
});
server.on('stream', (stream, headers) => {
  // A client that goes away is no news here.
  stream.on('error', () => stream.close());
  const [method, path] = [headers[':method']!, headers[':path']!];
  if (method === 'GET') return read(stream, path);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => write(stream, method, path, Buffer.concat(chunks)));
});
server.listen(0, '127.0.0.1', () => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const text = kubeconfigFor({
    server: url,
    ca: certificates.ca.certificate,
    clientCertificate: certificates.admin.certificate,
    clientKey: certificates.admin.key,
  });
  void writeKubeconfig(kubeconfig, text, random).then(() => console.log(JSON.stringify({ url, kubeconfig })));
});
process.on('SIGTERM', () => process.exit(0));
