// A server behind an API service, in the test's own process: it shows a certificate for its service and says what a test tells it to.
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { loadClusterCertificates } from '../../src/apiserver/certificates/cluster-certificates.js';
import type { Client } from '../../src/client/client.js';
import { API_SERVICES, SERVICES } from '../../src/client/resources.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export interface ExtensionServer {
  readonly port: number;
  /** As an API service's `caBundle`. */
  readonly caBundle: string;
  /** All requests but those of the server's own looks at it. */
  readonly requests: IncomingMessage[];
  /** Who answers from now on. */
  handle: Handle;
  upgrade: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
  close(): Promise<void>;
}

/** @param services names of services (`name.namespace`) that its certificate is good for */
export async function startExtensionServer(services: readonly string[], handle: Handle): Promise<ExtensionServer> {
  const { ca, server: leaf } = await loadClusterCertificates({
    clock: realClock(),
    random: realRandom(),
    bindAddress: '127.0.0.1',
    extraNames: services.map((name) => `${name}.svc`),
  });
  const requests: IncomingMessage[] = [];
  const server: Server = createServer(
    { key: leaf.key, cert: leaf.certificate, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      if (request.headers['x-remote-user'] !== 'system:kube-aggregator' && request.headers['x-remote-user'] !== 'system:aggregator')
        requests.push(request);
      response.on('error', () => undefined);
      made.handle(request, response);
    },
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(request);
    socket.on('error', () => undefined);
    made.upgrade?.(request, socket, head);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const made: ExtensionServer = {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(ca.certificate).toString('base64'),
    requests,
    handle,
    upgrade: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return made;
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

export interface ServedResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced?: boolean;
  readonly verbs?: readonly string[];
}

/** The document of a group's version. */
export function resourceList(group: string, version: string, resources: readonly ServedResource[]): unknown {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: resources.map(({ name, kind, namespaced = true, verbs = ['get', 'list'] }) => ({
      name,
      singularName: '',
      kind,
      namespaced,
      verbs,
    })),
  };
}

/** Puts an API service before the extension server, by a Service of type ExternalName that leads to this machine. */
export async function register(
  client: Client,
  { port, caBundle }: Pick<ExtensionServer, 'port' | 'caBundle'>,
  { group, version, service = 'extension', trust = { caBundle } }: RegisteredService,
): Promise<void> {
  await client
    .create(SERVICES, {
      metadata: { name: service, namespace: 'default' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    } as never)
    .catch(() => undefined);
  await client.create(API_SERVICES, {
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { namespace: 'default', name: service, port },
      ...trust,
    },
  });
}

export interface RegisteredService {
  readonly group: string;
  readonly version: string;
  readonly service?: string;
  readonly trust?: { readonly caBundle?: string; readonly insecureSkipTLSVerify?: boolean };
}
